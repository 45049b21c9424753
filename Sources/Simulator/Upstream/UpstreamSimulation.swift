// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Interchange
import Journal
import ModuleProtocol
import SecurityModule
import SecurityTriggers
import Vocabulary

/// Tills, a host, and another host behind a line that loses, repeats, delays and reorders, is cut and goes dead without a
/// word; the host's process dies with commits under way. One thread, one virtual clock, everything from a seed.
public final class UpstreamSimulation {
    public struct Options: Sendable {
        public var seed: UInt64
        public var tills = 3
        /// Virtual minutes of trade; then faults stop and everything is left to settle.
        public var minutes = 60
        /// Whether the host may approve in the other one's place.
        public var standsIn = false
        /// Sabotage: a recovered host forgets what it had asked for.
        public var forgetsIntents = false

        public init(seed: UInt64) { self.seed = seed }
    }

    public struct Report: Sendable {
        /// What must never be; empty when all is well.
        public var violations: [String] = []
        public var approved = 0
        /// Approved ones by the number of their kind less one.
        public var kinds = [Int](repeating: 0, count: TransactionKind.allCases.count)
        public var declined = 0
        public var reversedByTills = 0
        public var requests = 0
        public var advices = 0
        public var reversals = 0
        public var repeats = 0
        public var late = 0
        /// Approvals that came for what had been taken back or stopped, and approvals here of what could not leave.
        public var stopped = 0
        public var notSent = 0
        /// New zone keys, made on either side.
        public var keysOffered = 0
        public var keysTaken = 0
        public var hostRestarts = 0
        public var partitions = 0

        public init() {}
    }

    enum Event {
        case till(Int)
        case again(Int, since: Instant)
        case toHost(Int, [UInt8])
        case toTill(Int, [UInt8])
        case connected(UInt32)
        case cut(UInt32)
        case toIssuer(UInt32, [UInt8])
        case toAcquirer(UInt32, [UInt8])
        case drive
        case landed(UInt32)
        case hostCrash
        case hostRestart
        case lineCut
        case partition
        case stopCard
        case keys
        case issuerKeys
    }

    let options: Options
    var random: SeededRandom
    var queue = DueQueue<Event>()
    var now = Instant(seconds: 1_780_000_000)
    let calm: Instant
    let end: Instant
    let module: SoftHostModule
    let host: SimulatedHost
    let issuer: SimulatedIssuer
    var tills: [SwitchTill] = []
    var cards: [SimulatedCard] = []
    /// What has been approved and can be referred to.
    var slips: [(till: Int, slip: SwitchTill.Slip)] = []
    var report = Report()
    /// The line: which connection, and whether it is there.
    var line: UInt32 = 0
    var isConnected = false
    /// Until then the line swallows everything and says nothing.
    var deadUntil = Instant(seconds: 0)
    var nextDrive: Instant?

    /// - Returns: nil only if the simulated key facility fails, which it does not.
    public init?(_ options: Options, rules: RuleSet) {
        self.options = options
        random = SeededRandom(seed: options.seed)
        calm = now + .minutes(Int64(options.minutes))
        end = calm + .hours(3)
        guard let module = SoftHostModule.simulated(seed: options.seed), SimulatedIssuer.install(module),
            let issuer = SimulatedIssuer(seed: options.seed)
        else { return nil }
        (self.module, self.issuer) = (module, issuer)
        host = SimulatedHost(rules: rules, module: module, answersEarly: false)
        guard setUp() else { return nil }
    }

    var isCalm: Bool { now >= calm }
    /// A message's time on a line: enough to reorder.
    var delay: Interval { .milliseconds(Int64(1 + random.below(isCalm ? 50 : 3_000))) }

    /// Runs to the end.
    public func run() -> Report {
        while let (at, event) = queue.take(dueAt: end) {
            now = max(now, at)
            perform(event)
        }
        finish()
        return report
    }

    private func perform(_ event: Event) {
        switch event {
        case .till(let index): trade(index)
        case .again(let index, let since): again(index, since)
        case .toHost(let index, let bytes):
            guard let engine = host.engine else { return }
            var notices: [HostEngine.Notice] = []
            let incoming = HostEngine.Incoming(channel: UInt64(index), bytes: bytes)
            take(engine.receive([incoming], now: now, notices: &notices))
        case .toTill(let index, let bytes):
            var slip: SwitchTill.Slip?
            let isRegretting = random.chance(perMille: 60)
            if let next = tills[index].receive(bytes, isRegretting: isRegretting, slip: &slip, now: now) {
                send(index, next)
            }
            if let slip { slips.append((index, slip)) }
        case .connected(let number):
            guard number == line, host.engine != nil, now >= deadUntil else { return cut(number) }
            isConnected = true
            tell(.connected)
        case .cut(let number):
            guard number == line else { return }
            isConnected = false
            tell(.disconnected)
        case .toIssuer(let number, let bytes):
            if !isCalm, random.chance(perMille: 15) { stopCard() }
            // What is on the way still arrives when the line is cut behind it.
            guard now >= deadUntil, let answer = issuer.receive(bytes, now: now) else { return }
            carry(answer) { .toAcquirer(number, $0) }
            // What was not acknowledged is offered again when the line gives a sign of life.
            if issuer.keys.offered != nil, random.chance(perMille: 200) { offerKeys() }
        case .toAcquirer(let number, let bytes):
            guard number == line, isConnected, now >= deadUntil else { return }
            tell(.received(bytes))
        case .drive:
            nextDrive = nil
            if let engine = host.engine { take(engine.driveUpstream(now: now)) }
        case .landed(let epoch):
            guard epoch == host.epoch else { return }
            land()
        case .hostCrash: crash()
        case .hostRestart: restart()
        case .lineCut:
            host.saveSnapshot()
            cut(line)
            schedule(.lineCut, meanMinutes: 15)
        case .partition:
            report.partitions += 1
            deadUntil = min(calm, now + .seconds(Int64(5 + random.below(240))))
            schedule(.partition, meanMinutes: 20)
        case .stopCard:
            schedule(.stopCard, meanMinutes: 2)
            stopCard()
        case .keys:
            schedule(.keys, meanMinutes: 8)
            changeKeys()
        case .issuerKeys:
            schedule(.issuerKeys, meanMinutes: 8)
            offerKeys()
        }
    }

    /// Nothing is broken or sold after the calm begins.
    func schedule(_ event: Event, meanMinutes: Int) {
        let pause = Interval.seconds(Int64(1 + random.below(meanMinutes * 120)))
        if now + pause < calm { queue.add(event, at: now + pause) }
    }

    private func cut(_ number: UInt32) { queue.add(.cut(number), at: now + .milliseconds(1)) }

    // MARK: - Host

    func take(_ released: HostEngine.Released) {
        for record in released.records {
            switch record.record.body {
            case .upstream(.answeredLate): report.late += 1
            case .upstream(.ended(let end)) where end.isApproved && !end.answer.intent.isApproval:
                report.stopped += 1
            case .upstream(.ended(let end)) where end.outcome == .notSent && end.answer.intent.isApproval:
                report.notSent += 1
            case .upstream(.keys(_, .acknowledged)): report.keysOffered += 1
            case .upstream(.keys(_, .taken)): report.keysTaken += 1
            default: break
            }
        }
        for answer in released.answers where isCalm || !random.chance(perMille: 30) {
            queue.add(.toTill(Int(answer.channel), answer.bytes), at: now + delay)
        }
        for effect in released.upstream {
            switch effect.action {
            case .connect:
                line += 1
                isConnected = false
                queue.add(.connected(line), at: now + delay)
            case .close: isConnected = false
            case .send(let bytes):
                let number = line
                if isConnected { carry(bytes) { .toIssuer(number, $0) } }
            }
        }
        pump()
        guard let timer = host.engine?.nextUpstreamTimer, nextDrive.map({ timer < $0 }) ?? true else { return }
        nextDrive = max(timer, now)
        queue.add(.drive, at: max(timer, now))
    }

    /// The issuer's own keys, new or once more.
    private func offerKeys() {
        guard isConnected, let bytes = issuer.offer(now: now) else { return }
        let number = line
        carry(bytes) { .toAcquirer(number, $0) }
    }

    /// Lost, carried, or carried twice.
    private func carry(_ bytes: [UInt8], _ event: ([UInt8]) -> Event) {
        if !isCalm, random.chance(perMille: 80) { return }
        // Some come when nobody waits for them any more.
        let extra = !isCalm && random.chance(perMille: 40) ? 20 + random.below(40) : 0
        queue.add(event(bytes), at: now + delay + .seconds(Int64(extra)))
        if !isCalm, random.chance(perMille: 80) { queue.add(event(bytes), at: now + delay + delay) }
    }

    private func tell(_ event: UpstreamEvent) {
        if let engine = host.engine { take(engine.upstream(event, at: 0, now: now)) }
    }

    func pump() {
        guard host.beginCommit().began else { return }
        queue.add(.landed(host.epoch), at: now + .milliseconds(Int64(1 + random.below(20))))
    }

    func land() {
        guard let (_, released) = host.land() else { return }
        if let released { take(released) }
        if let engine = host.engine { take(engine.driveUpstream(now: now)) }
        pump()
    }

    private func crash() {
        schedule(.hostCrash, meanMinutes: 12)
        guard host.engine != nil else { return }
        report.hostRestarts += 1
        _ = host.crash(keepInFlight: random.chance(perMille: 500))
        line += 1
        isConnected = false
        queue.add(.hostRestart, at: now + .seconds(Int64(1 + random.below(60))))
    }

    private func restart() {
        guard host.restart(), host.engine != nil else {
            return report.violations.append("the journal is not its state")
        }
        start()
    }
}
