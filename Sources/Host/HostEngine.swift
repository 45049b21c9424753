// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Journal
import ModuleProtocol
import UnionPay
import Vocabulary

/// The host behind its gate, without a socket or a disk: messages and commands go in as batches, commits come out,
/// and answers only after their commit is reported durable. The server and the simulator drive the same engine.
///
/// One owner calls it, on one event loop or in one thread:
///
/// ```
/// receive(batch) / submit(command)      decide, apply, queue at the gate
/// nextCommit() → write it               whenever something was queued
/// committed(upTo:) → send what it holds then ask for the next commit
/// ```
public final class HostEngine {
    public internal(set) var host: Host
    private var gate: Gate<Release>
    let module: any HostModulePort
    /// Lines to other hosts; nil: none.
    var switchboard: Switchboard?
    private var nextCommandTicket: UInt64 = 1

    /// Answers of all kinds since the start; for metrics, never for decisions.
    public internal(set) var counters = Counters()

    /// - Parameters:
    ///   - head: where the journal ends that `host` was recovered from.
    ///   - limits: how much may wait for the disk.
    public init(
        host: consuming Host, head: JournalHead, module: any HostModulePort,
        limits: GateLimits = .standard
    ) {
        precondition(host.sequence + 1 == head.next, "the host has applied every record of its journal, and no other")
        self.host = host
        gate = Gate(after: head, limits: limits)
        readingRecordsMax = limits.queuedRecordsMax / 4
        messageRecordsMax = limits.queuedRecordsMax - limits.queuedRecordsMax / 16
        self.module = module
    }

    /// Whether the gate is so full that no more should be read from the connections.
    public var isCongested: Bool { gate.queuedRecords > readingRecordsMax }
    /// How many messages may be decided before one of them could find the gate full.
    public var room: Int { max(0, messageRecordsMax - gate.queuedRecords) }
    var hasRoom: Bool { gate.queuedRecords < messageRecordsMax }
    /// Whether so little waits that reading may go on.
    public var isRelieved: Bool { gate.queuedRecords <= readingRecordsMax / 2 }
    /// Whether everything that was decided is durable and has left.
    public var isIdle: Bool { !gate.isCommitting && gate.queuedRecords == 0 && gate.queuedReleases == 0 }
    /// Reading stops above this many records that wait for the disk: a quarter of what the gate takes.
    private let readingRecordsMax: Int
    /// Above this many, messages are answered with a system error, so that commands still find room.
    private let messageRecordsMax: Int

    // MARK: - In

    /// Decides a batch. Whatever needs no commit comes back at once.
    public func receive(
        _ batch: [Incoming], now: Instant, notices: inout [Notice]
    ) -> Released {
        var requests: [(origin: Origin, request: Request)] = []
        var ready: [PendingAnswer] = []
        var arrivals: [(origin: Origin, view: MessageView)] = []
        counters.received += batch.count
        for incoming in batch {
            let view: MessageView
            let origin: Origin
            do throws(DecodeError) { (view, origin) = try Origin.read(incoming) } catch {
                counters.malformed += 1
                notices.append(
                    Notice(
                        channel: incoming.channel, terminal: nil, intent: .formatError, detail: "\(error)",
                        closes: true))
                continue
            }
            if let certified = incoming.certified, !isFrom(certified, view) {
                counters.unauthentic += 1
                notices.append(
                    Notice(
                        channel: incoming.channel, terminal: certified, intent: .securityViolation,
                        detail: "a message of another terminal", closes: true))
                continue
            }
            arrivals.append((origin, view))
        }
        for ((origin, view), card) in zip(arrivals, cards(of: arrivals.map(\.view))) {
            guard let inquiry = inquire(view, origin, card, now: now) else {
                ready.append(withoutModule(origin, view))
                continue
            }
            switch inquiry {
            case .hello(let view, let nonce):
                settle(host.decideHello(nonce: nonce), origin, view, nil, &ready, &notices)
            case .ask(let request): requests.append((origin, request))
            case .token(let terminal, let token, let codes, let log, let view):
                var verified: (LogQuestion, LogVerdict)?
                if let log {
                    guard let verdict = try? module.verifyLog(log) else {
                        ready.append(withoutModule(origin, view))
                        continue
                    }
                    verified = (log, verdict)
                }
                let decision = host.decideToken(terminal, token: token, codes: codes, log: verified, now: now)
                settle(decision, origin, view, nil, &ready, &notices)
            case .journal(let terminal, let token, let records, let view):
                let question = host.journalQuestion(terminal, token: token, records: records)
                var delivery: JournalDelivery?
                if let question {
                    guard let opened = try? module.openJournal(question) else {
                        ready.append(withoutModule(origin, view))
                        continue
                    }
                    delivery = opened
                }
                let decision = host.decideJournal(terminal, delivery, now: now)
                settle(decision, origin, view, nil, &ready, &notices)
                settleJournal(of: terminal, now: now)
            case .refuse(let intent, let view):
                settle(.answer(host.unsealed(intent), nil), origin, view, nil, &ready, &notices)
            }
        }
        // Most batches take one round. Whose card has changed under its question waits in the card's lane.
        var lanes = CardLanes()
        while !requests.isEmpty {
            let verdicts = try? module.open(requests.map(\.request.open))
            // Nothing is known of these messages, so that nothing is decided.
            if verdicts == nil { ready += requests.map { withoutModule($0.origin, $0.request.view) } }
            for ((origin, asked), opened) in zip(requests, verdicts ?? []) {
                var (request, verdict) = (asked, opened)
                guard prepare(&request), verifyLog(of: request, into: &verdict) else {
                    ready.append(withoutModule(origin, request.view))
                    continue
                }
                let decision = host.decide(request, verdict: verdict, now: now)
                guard case .askAgain = decision else {
                    let seal = PendingAnswer.Seal(request, verdict)
                    if !route(decision, request, verdict.translatedPIN, origin, seal, &ready) {
                        settle(decision, origin, request.view, seal, &ready, &notices)
                    }
                    continue
                }
                counters.askedAgain += 1
                lanes.hold(CardLanes.Waiting(origin: origin, view: request.view), card: request.cardKey)
            }
            requests = []
            for (waiting, card) in lanes.nextRound() {
                // A fresh question sees the card as it is now.
                guard case .ask(let fresh) = inquire(waiting.view, waiting.origin, .known(card), now: now) else {
                    ready.append(unavailable(waiting.origin, waiting.view))
                    continue
                }
                requests.append((waiting.origin, fresh))
            }
        }
        return release(ready.map { .answer($0) })
    }

    /// What follows from what a sealed journal has brought. What finds no room now, the clock finds later.
    private func settleJournal(of terminal: TerminalID, now: Instant) {
        while hasRoom, let record = host.decideJournalSettlement(terminal, now: now) {
            do throws(GateError) { try queue(record, [.record(host.sequence + 1, record)]) } catch { return }
        }
    }

    private func isFrom(_ terminal: TerminalID, _ view: MessageView) -> Bool {
        view.bytes(41).flatMap { TerminalID(ascii: $0) } == terminal
    }

    /// Decides a command.
    /// - Returns: the ticket that `Released.commands` shows once the command is durable.
    /// - Throws: `CommandRefusal`; nothing was recorded then. `busy` when the gate is full.
    public func submit(
        _ command: Command, by principal: Principal, now: Instant
    ) throws(CommandRefusal) -> UInt64 {
        let record = try host.decide(command, by: principal, now: now)
        let ticket = nextCommandTicket
        do throws(GateError) { try queue(record, [.record(host.sequence + 1, record), .command(ticket)]) } catch {
            switch error {
            case .full: throw .busy
            case .closed, .notInFlight: throw .stopping
            case .recordTooLarge, .tooManyRecords: throw .malformed(.record)
            }
        }
        // The record names the file; here it is, before anything else is decided.
        if case .loadList(let opened, _, _) = command { host.supply(opened) }
        nextCommandTicket += 1
        return ticket
    }

    // MARK: - Commits

    public func nextCommit() -> Commit? { gate.nextCommit() }

    /// The commit in flight is durable: what it held may leave.
    public func committed(upTo last: UInt64) throws(GateError) -> Released { release(try gate.committed(upTo: last)) }

    /// The commit in flight failed: nothing leaves any more.
    public func failed() { gate.failed() }

    // MARK: - Out

    private func settle(
        _ decision: Decision, _ origin: Origin, _ view: MessageView, _ seal: PendingAnswer.Seal?,
        _ ready: inout [PendingAnswer], _ notices: inout [Notice]
    ) {
        guard case .answer(let answer, let record) = decision else { return }
        let intent = answer.stored.intent
        if !answer.isSealed, !intent.isAccepted {
            counters.unauthentic += 1
            notices.append(
                Notice(
                    channel: origin.channel, terminal: view.bytes(41).flatMap { TerminalID(ascii: $0) }, intent: intent,
                    detail: "", closes: false))
        }
        let pending = PendingAnswer(origin: origin, view: view, answer: answer, seal: answer.isSealed ? seal : nil)
        guard let record else {
            // A repeated answer waits behind the record it repeats.
            do throws(GateError) {
                for case .answer(let answer) in try gate.submit(releasing: [.answer(pending)]) { ready.append(answer) }
            } catch { ready.append(unavailable(origin, view)) }
            return
        }
        guard hasRoom else { return ready.append(unavailable(origin, view)) }
        do throws(GateError) { try queue(record, [.record(host.sequence + 1, record), .answer(pending)]) } catch {
            ready.append(unavailable(origin, view))
        }
    }

    private func withoutModule(_ origin: Origin, _ view: MessageView) -> PendingAnswer {
        counters.withoutModule += 1
        return unavailable(origin, view)
    }

    /// Nothing was recorded, so nothing was decided: the terminal reverses.
    func unavailable(_ origin: Origin, _ view: MessageView) -> PendingAnswer {
        PendingAnswer(origin: origin, view: view, answer: host.unsealed(.systemError), seal: nil)
    }

    /// Queues first: what the gate does not take is not applied either.
    func queue(_ record: HostRecord, _ releases: [Release]) throws(GateError) {
        // Few records change keys: the list is not copied for the others.
        let keys = keys(of: record)
        let sequence = try gate.submit(record.encoded(), releasing: keys.isEmpty ? releases : releases + keys)
        host.apply(record)
        precondition(sequence == host.sequence, "gate and host number records alike")
    }

    /// Lets a message to another host leave behind all that is queued.
    func queue(reply: [UInt8], to destination: Int) {
        for release in (try? gate.submit(releasing: [.reply(destination, reply)])) ?? [] {
            if case .reply(let destination, let bytes) = release { switchboard?.replies.append((destination, bytes)) }
        }
    }

    private func release(_ releases: [Release]) -> Released {
        var released = Released()
        var seals: [SealCommand] = []
        var sealedPositions: [Int] = []
        var envelopes: [UnionPay.Envelope?] = []
        for release in releases {
            switch release {
            case .record(let sequence, let record): released.records.append((sequence, record))
            case .command(let ticket): released.commands.append(ticket)
            case .forward(let id): switchboard?.forwards.append(id)
            case .stored(let destination, let id): switchboard?.stored.append((destination, id))
            case .keys(let destination, let state): use(state, destination)
            case .reply(let destination, let bytes): switchboard?.replies.append((destination, bytes))
            case .answer(let pending):
                guard let message = pending.encoded() else { continue }
                released.answers.append(Outgoing(channel: pending.origin.channel, bytes: message.bytes))
                envelopes.append(pending.envelope)
                let end = message.bytes.count
                guard let seal = pending.seal,
                    let mac = seal.hasMAC ? message.macField.flatMap({ message.range(of: $0) }) : end..<end
                else { continue }
                sealedPositions.append(released.answers.count - 1)
                seals.append(
                    SealCommand(
                        keys: seal.keys, ksn: seal.ksn, message: message.bytes, mac: mac,
                        ticket: pending.answer.ticket.flatMap { ticket in
                            message.range(of: 57).map { (ticket, at: $0) }
                        }, session: seal.session,
                        download: pending.answer.download.flatMap { session in
                            message.range(of: 62).map { (session, at: $0) }
                        }, chip: pending.chipAnswer(in: message)))
            }
        }
        if !seals.isEmpty {
            for (position, message) in zip(sealedPositions, sealed(seals)) {
                released.answers[position].bytes = message
            }
        }
        for (position, envelope) in envelopes.enumerated() {
            if let envelope { released.answers[position].bytes.insert(contentsOf: envelope.bytes, at: 0) }
        }
        return released
    }
}
