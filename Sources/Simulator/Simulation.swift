// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import Journal
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import SecurityTriggers
import Terminal
import UnionPay
import Vocabulary

/// The whole system in one thread and one virtual clock: real cores of module, terminal, host, issuer and estate; a line
/// that drops, delays, repeats and is cut; a disk that loses what it had not taken; power cuts and broken hardware. The
/// same options give the same run, digest for digest.
public final class Simulation {
    enum Event {
        case toHost(channel: UInt64, [UInt8])
        case toTerminal(Int, epoch: UInt32, [UInt8])
        case timer(Int, power: UInt32, TimerID, generation: UInt64)
        case connect(Int, power: UInt32)
        case trade(Int)
        /// A clerk ends the batch.
        case settle(Int)
        /// The host's business day ends.
        case cutOver
        case landed(epoch: UInt32)
        case hostRestart
        case hostCrash
        /// A crash beside the regular ones, while a commit is under way.
        case hostDies
        case lineCut(Int)
        /// A terminal notices that the host is gone.
        case lineDown(Int)
        case powerCut(Int)
        case breakHardware(Int)
        case repairHardware(Int, HardwareFault)
        case deskRound
        /// Analysts change the rules.
        case ruleRound
        case rogueSignOn
        case rogueSale
        case cloneSale
        case snapshot
    }

    /// An approved transaction as its slip shows it.
    struct Slip {
        var kind: TransactionKind
        var stan: STAN
        var rrn: RRN
        var amount: Int64
        /// The place of its card among all.
        var card: Int
    }

    let options: SimulationOptions
    var random: SeededRandom
    /// Of its own, so that what analysts do moves nothing else of a run.
    var ruleRandom: SeededRandom
    let rules: RuleSet
    var queue = DueQueue<Event>()
    var now: Instant
    let start: Instant
    /// Faults and trade end here; what is open settles.
    let calm: Instant
    let end: Instant

    let hostModule: SoftHostModule
    let host: SimulatedHost
    var terminals: [SimulatedTerminal] = []
    var rogue: RogueTerminal?
    /// The rogue once more: the same keys from the same counter.
    var clone: RogueTerminal?
    var cards: [SimulatedCard] = []
    var slips: [Slip] = []
    var checker = Checker()
    var report: SimulationReport
    var observed = SHA256()
    /// The newest setting of each timer; an older one that fires is void.
    var timerGenerations: [[UInt64]] = []
    var nextGeneration: UInt64 = 1

    static let currency = Currency.eur
    static let merchant = MerchantID(number: 100_000_000_000_001)
    static let system = Principal(staff: StaffID(packed: 0x5359_5354_454D_0000), role: .system)

    /// - Returns: nil only if the simulated key facility fails, which it does not.
    public init?(_ options: SimulationOptions, rules: RuleSet) {
        self.options = options
        random = SeededRandom(seed: options.seed)
        ruleRandom = SeededRandom(seed: options.seed &+ 0x5275_6C65)
        self.rules = rules
        start = Instant(seconds: 1_780_000_000)
        now = start
        calm = start + .hours(Int64(options.hours))
        end = calm + .hours(4)
        guard let hostModule = SoftHostModule.simulated(seed: options.seed) else { return nil }
        self.hostModule = hostModule
        host = SimulatedHost(
            rules: rules, module: hostModule, answersEarly: options.sabotage == .answerBeforeCommit)
        report = SimulationReport(seed: options.seed, digest: [], violations: [])
        guard setUp() else { return nil }
    }

    /// Runs to the end.
    public func run() -> SimulationReport {
        while checker.violations.isEmpty, let (at, event) = queue.take(dueAt: end) {
            now = max(now, at)
            perform(event)
        }
        finish()
        return report
    }

    private func perform(_ event: Event) {
        switch event {
        case .toHost(let channel, let bytes): hostReceives(channel, bytes)
        case .toTerminal(let index, let epoch, let bytes): terminalReceives(index, epoch, bytes)
        case .timer(let index, let power, let timer, let generation):
            guard terminals[index].powerEpoch == power, timerGenerations[index][Int(timer.rawValue)] == generation
            else {
                return
            }
            drive(index, .timerFired(timer))
        case .connect(let index, let power):
            guard terminals[index].powerEpoch == power, !terminals[index].isConnected, host.engine != nil else {
                return again(event)
            }
            terminals[index].isConnected = true
            drive(index, .connected)
        case .trade(let index): trade(index)
        case .settle(let index): settleBatch(index)
        case .cutOver:
            command(.cutOver, Self.system)
            if now + .hours(24) <= end { queue.add(.cutOver, at: now + .hours(24)) }
        case .landed(let epoch):
            guard epoch == host.epoch else { return }
            landed()
        case .hostCrash:
            hostCrashes()
            schedule(.hostCrash, meanMinutes: 240)
        case .hostDies: hostCrashes()
        case .hostRestart: hostRestarts()
        case .lineCut(let index):
            cutLine(index)
            schedule(.lineCut(index), meanMinutes: 90)
        case .lineDown(let index): cutLine(index)
        case .powerCut(let index):
            restartTerminal(index)
            schedule(.powerCut(index), meanMinutes: 400)
        case .breakHardware(let index): breakHardware(index)
        case .repairHardware(let index, let fault): repairHardware(index, fault)
        case .deskRound: deskRound()
        case .ruleRound: ruleRound()
        case .rogueSignOn: rogueSignOn()
        case .rogueSale: rogueSale()
        case .cloneSale: cloneSale()
        case .snapshot:
            host.saveSnapshot()
            schedule(.snapshot, meanMinutes: 300)
        }
    }

    /// A connection attempt while the host is away is made again a little later.
    private func again(_ event: Event) {
        guard case .connect(let index, let power) = event, terminals[index].powerEpoch == power,
            !terminals[index].isConnected
        else { return }
        queue.add(event, at: now + .seconds(5))
    }

    /// Adds an event after an exponential-like pause; nothing is broken or sold after the calm begins.
    func schedule(_ event: Event, meanMinutes: Int) {
        let pause = Interval.seconds(Int64(1 + random.below(meanMinutes * 120)))
        if now + pause < calm { queue.add(event, at: now + pause) }
    }

    func trace(_ line: @autoclosure () -> String) {
        if let trace = options.trace { trace("\(now.iso8601) \(line())") }
    }

    /// Message type, trace number, response code and warnings: what a line of a trace says of a message.
    func summary(_ bytes: [UInt8]) -> String {
        var message = bytes
        let isUnionPay = UnionPay.Envelope(taking: &message) != nil
        guard let view = try? MessageView(message, spec: .ofTerminal(message, inEnvelope: isUnionPay)) else {
            return "\(bytes.count) bytes of noise"
        }
        let words = [
            view.text(39), view.text(60), view.has(57) ? "evidence/ticket" : nil, view.has(58) ? "nonce/token" : nil,
        ]
        return (["\(view.mti)", view.text(11) ?? "-"] + words.compactMap(\.self)).joined(separator: " ")
    }

    /// A message's time on the line.
    var delay: Interval { .milliseconds(Int64(1 + random.below(300))) }
    var isCalm: Bool { now >= calm }
}
