// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Console
import Estate
import Foundation
import Host
import HostServer
import Issuer
import ModuleProtocol
import ModuleServer
import SecurityTriggers
import ServiceLifecycle
import Synchronization
import Terminal
import TerminalAgent
import Vocabulary

/// What `serve` says on its standard output: where it listens, and one line a decision.
struct ServePrinter: Sendable {
    let json: Bool

    private func line(_ text: String) {
        // A host goes on if nobody can read what it says.
        LineWriter.output.write(text + "\n")
    }

    func started(
        terminals: Int, console: Int, host: String, origin: String, isNew: Bool, replayed: Int,
        issued: [IssuedPassword], risks: [EstateRisk], data: String
    ) {
        if json {
            let users: [JSON] = issued.map { issued in
                [
                    "user": .string(issued.user.name.description), "role": .string(issued.user.role.rawValue),
                    "password": .string(issued.password),
                ]
            }
            let event: JSON = [
                "event": "started", "terminals": .integer(Int64(terminals)), "console": .integer(Int64(console)),
                "origin": .string(origin), "new": .bool(isNew), "users": .array(users),
                "risks": .array(
                    risks.map { ["profile": .string($0.profile.name), "risk": .string($0.risk.rawValue)] }),
            ]
            return line(event.text)
        }
        line(
            "Tillguard listens for terminals on \(host):\(terminals), data in \(data)/"
                + (isNew ? " (new)" : " (resumed)"))
        line("Console: http://\(host):\(console)/")
        for issued in issued {
            let user = "\(issued.user.name) (\(issued.user.role.rawValue))"
            line("  user \(user), password \(issued.password) — shown this once")
        }
        for risk in risks {
            line("Known weakness of \(risk.terminals) × \(risk.profile.name): \(risk.risk.phrase.en)")
        }
        line("Ctrl-C stops it.")
    }

    /// - Parameter awaited: what other hosts have been asked, by its name.
    func decision(_ committed: CommittedRecord, _ awaited: inout [UInt64: Forward]) {
        let at = committed.record.at
        switch committed.record.body {
        case .authorisation(let sale):
            decision(committed, Told(.purchase, sale.usage.terminal, sale.amount, sale.answer))
        case .transaction(let transaction):
            let sale = transaction.sale
            decision(committed, Told(transaction.kind, sale.usage.terminal, sale.amount, sale.answer))
        case .upstream(.forwarded(let forward)): awaited[committed.sequence] = forward
        case .upstream(.ended(let end)):
            guard let forward = awaited.removeValue(forKey: end.forward) else { return }
            decision(committed, Told(forward.kind, forward.usage.terminal, forward.amount, end.answer))
        case .upstream(.stoodIn(let forward, let answer)):
            decision(committed, Told(forward.kind, forward.usage.terminal, forward.amount, answer))
        case .upstream(.dead(_, let id, let reason)):
            let event: JSON = [
                "event": "undelivered", "at": .string(at.iso8601), "message": .integer(Int64(id)),
                "reason": .string("\(reason)"),
            ]
            line(json ? event.text : "\(at.iso8601)  message \(id) for another host was given up: \(reason)")
        default: report(committed)
        }
    }

    /// A decision as it is told.
    private struct Told {
        var kind: TransactionKind
        var terminal: TerminalID
        var amount: Money
        var answer: StoredAnswer

        init(_ kind: TransactionKind, _ terminal: TerminalID, _ amount: Money, _ answer: StoredAnswer) {
            (self.kind, self.terminal, self.amount, self.answer) = (kind, terminal, amount, answer)
        }
    }

    private func decision(_ committed: CommittedRecord, _ told: Told) {
        let (kind, intent) = (told.kind, told.answer.intent)
        let at = committed.record.at.iso8601
        if json {
            let event: JSON = [
                "event": "decision", "sequence": .integer(Int64(committed.sequence)), "at": .string(at),
                "terminal": .string(told.terminal.description), "kind": .string(kind.name),
                "amount": .string(told.amount.description), "intent": .string(intent.rawValue),
                "reference": .string(kind == .balance ? "" : told.answer.reference),
            ]
            return line(event.text)
        }
        let sign = intent.isApproval ? "✓" : "✗"
        let isQuoted = !told.answer.reference.isEmpty && kind != .balance
        let reference =
            (isQuoted ? "  \(told.answer.reference)" : "") + (kind == .purchase ? "" : "  \(kind.title(.en))")
        line(
            "\(at)  \(told.terminal)  \(pad(told.amount.description, 12))  \(sign) "
                + "\(intent.display(.en, .merchant)) / \(intent.display(.zh, .merchant))\(reference)")
    }

    /// Warnings and their end.
    private func report(_ committed: CommittedRecord) {
        let terminal: TerminalID
        let text: String
        switch committed.record.body {
        case .estate(.reported(let id, _, let raised, _)), .report(.reported(let id, _, let raised, _), _):
            guard !raised.isEmpty else { return }
            terminal = id
            text = raised.codes.map { "\($0.rawValue) \($0.entry.title.en)" }.joined(separator: ", ")
        case .estate(.logTaken(let taken)), .report(.logTaken(let taken), _):
            guard case .broken(let finding, let index) = taken.outcome else { return }
            terminal = taken.terminal
            text = "S06 \(WarningCode.s06.entry.title.en): \(finding), record \(index)"
        case .contradiction(let refusal, let raised):
            terminal = refusal.usage.terminal
            text = raised.map { "\($0.rawValue) \($0.entry.title.en)" }.joined(separator: ", ")
        case .estate(.leaseGranted(let usage, _, _)), .estate(.sessionGranted(let usage, _, _, _)):
            terminal = usage.terminal
            text = "signed on, able to trade"
        case .estate(.signedOn(let signedOn)):
            terminal = signedOn.usage.terminal
            text = "signed on, able to trade"
        case .estate(.swapRefused(let usage, let serial)):
            terminal = usage.terminal
            text = "T05 another device, serial number \(Hex.text(serial)), claims this number"
        case .settlement(let settlement):
            terminal = settlement.usage.terminal
            text =
                "batch \(settlement.batch), \(settlement.claimed.count) transactions: "
                + (settlement.outcome == .unbalanced ? "totals differ" : "balanced")
        default: return
        }
        if json {
            let event: JSON = [
                "event": "estate", "sequence": .integer(Int64(committed.sequence)),
                "terminal": .string(terminal.description), "text": .string(text),
            ]
            return line(event.text)
        }
        line("\(committed.record.at.iso8601)  \(terminal)  \(text)")
    }

    /// A line to another issuer's host has come up or gone down.
    func line(to name: String, isUp: Bool) {
        let event: JSON = ["event": "line", "to": .string(name), "up": .bool(isUp)]
        line(json ? event.text : "The line to \(name) is \(isUp ? "up" : "down").")
    }

    /// What became of the process of the host's module. Called by whoever looks after it, which may wait for a reader.
    func module(_ event: ModuleProcess.Event) {
        let (name, text) = Self.told(event)
        let told: JSON = ["event": "module", "state": .string(name)]
        line(json ? told.text : text)
    }

    private static func told(_ event: ModuleProcess.Event) -> (name: String, text: String) {
        switch event {
        case .ended: ("ended", "The host's module has ended; until it is back nothing is authorised.")
        case .killed: ("killed", "The host's module did not answer any more and was ended.")
        case .restarted: ("restarted", "The host's module is back.")
        case .givenUp:
            ("givenUp", "The host's module cannot stay up and is not started again: nothing is authorised.")
        }
    }

    func rules(_ text: String) {
        let event: JSON = ["event": "rules", "text": .string(text)]
        line(json ? event.text : "rules: \(text)")
    }

    func stopped() {
        let event: JSON = ["event": "stopped"]
        line(json ? event.text : "Tillguard has stopped; everything answered is in the journal.")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// Prints every decision as it becomes durable.
struct DecisionPrinter: Service {
    let feed: Committed
    let printer: ServePrinter

    func run() async throws {
        var awaited: [UInt64: Forward] = [:]
        for await record in feed.subscribe().cancelOnGracefulShutdown() { printer.decision(record, &awaited) }
    }
}

/// Prints when a line to another issuer's host comes up or goes down.
struct LinePrinter: Service {
    let lines: AsyncStream<(name: String, isUp: Bool)>
    let printer: ServePrinter

    func run() async throws {
        for await (name, isUp) in lines.cancelOnGracefulShutdown() { printer.line(to: name, isUp: isUp) }
    }
}

/// Proposes a rule file when it has changed, so that an analyst approves it; an unattended one is put in force at once. A file
/// with an error changes nothing.
struct RulesWatcher: Service {
    let path: String?
    let isUnattended: Bool
    let server: HostServer
    let printer: ServePrinter

    private static let interval = Duration.milliseconds(500)

    func run() async throws {
        guard let path else { return try await gracefulShutdown() }
        var seen = try RuleFiles.read(path).text
        if try await server.read({ $0.rulesText }) != seen { await replace(with: seen) }
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8), text != seen else { continue }
            seen = text
            await replace(with: text)
        }
    }

    private func replace(with text: String) async {
        do {
            try await server.submit(isUnattended ? .loadRules(text) : .proposeRules(text), by: Deployment.system)
            if isUnattended {
                printer.rules("version \(try await server.read { $0.rulesVersion }) is live")
            } else {
                let number = try await server.read { $0.ruleBook.last }
                printer.rules("version \(number) is proposed; an analyst approves it at the console")
            }
        } catch CommandRefusal.rules(let error) {
            printer.rules("not loaded, the old ones stay: \(error)")
        } catch CommandRefusal.ruleLife(.alreadyProposed) {
            printer.rules("the same text waits for its approval already")
        } catch {
            printer.rules("not loaded: \(error)")
        }
    }
}

/// Ticks until nobody listens.
struct AsyncTimer: AsyncSequence, Sendable {
    let every: Duration

    init(every: Duration) { self.every = every }

    struct AsyncIterator: AsyncIteratorProtocol {
        let every: Duration
        mutating func next() async -> Void? {
            do { try await Task.sleep(for: every) } catch { return nil }
            return ()
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(every: every) }
}

/// Cardholders who shop at the demo estate: one sale every two seconds, PINs on the keypad at a human pace.
///
/// A module encrypts no more than one PIN in thirty seconds on average; small purchases go without one, as they do at
/// any till.
struct DemoTraffic: Service {
    let bank: TerminalBank
    let isQuiet: Bool

    func run() async throws {
        guard !isQuiet else { return try await gracefulShutdown() }
        var random = SystemRandom()
        var lastPIN = Array(repeating: Instant.epoch, count: DemoEstate.tills.count)
        for await _ in AsyncTimer(every: .seconds(2)).cancelOnGracefulShutdown() {
            let index = random.below(DemoEstate.tills.count)
            let till = DemoEstate.tills[index]
            // The stolen and the lost card turn up now and then.
            let honest = DemoEstate.cards.count { $0.status == .active }
            let card = DemoEstate.cards[
                random.chance(perMille: 30) ? random.below(DemoEstate.cards.count) : random.below(honest)]
            let now = WallClock.now()
            let wantsPIN = now - lastPIN[index] > .seconds(45)
            if wantsPIN { lastPIN[index] = now }
            let amount = Money(
                minorUnits: Int64(150 + random.below(wantsPIN ? 24_000 : 4_500)), DemoEstate.currency)
            var digits = card.pin
            if random.chance(perMille: 40) { digits[0] = (digits[0] + 1) % 10 }
            let sale = TillSale(
                pan: card.pan, expiry: card.expiry, amount: amount,
                goods: DemoEstate.goods(of: till).map { [$0] } ?? [], wantsPIN: wantsPIN)
            let keys: [KeypadKey] = wantsPIN ? digits.map { .digit($0) } + [.enter] : []
            _ = try? await bank.trade(till.id, sale, pin: keys)
        }
    }
}
