// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Journal
import ModuleProtocol
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
    public private(set) var host: Host
    private var gate: Gate<Release>
    private let module: any HostModulePort
    private let spec: MessageSpec
    private var nextCommandTicket: UInt64 = 1

    /// Answers of all kinds since the start; for metrics, never for decisions.
    public private(set) var counters = Counters()

    public struct Counters: Equatable, Sendable {
        public var received = 0
        public var malformed = 0
        public var unauthentic = 0
        public var askedAgain = 0
    }

    /// A message as it came, and where its answer goes.
    public struct Incoming: Sendable {
        public var channel: UInt64
        public var bytes: [UInt8]
        /// The terminal that the connection's certificate names; nil without mutual authentication.
        public var certified: TerminalID?

        public init(channel: UInt64, bytes: [UInt8], certified: TerminalID? = nil) {
            self.channel = channel
            self.bytes = bytes
            self.certified = certified
        }
    }

    /// An answer, unframed.
    public struct Outgoing: Sendable {
        public var channel: UInt64
        public var bytes: [UInt8]
    }

    /// What may leave once a commit is durable.
    public struct Released: Sendable {
        public var answers: [Outgoing] = []
        public var records: [(sequence: UInt64, record: HostRecord)] = []
        /// Tickets of commands that are now durable.
        public var commands: [UInt64] = []
    }

    /// A message that was closed or answered without being understood; for the log, without its content.
    public struct Notice: Equatable, Sendable {
        public var channel: UInt64
        public var terminal: TerminalID?
        public var intent: Intent
        /// Path and offset of a decoding error; never a value.
        public var detail: String
        /// The bytes were no message at all: the connection is to be closed.
        public var closes: Bool
    }

    private struct PendingAnswer {
        var channel: UInt64
        var view: MessageView
        var answer: Answer
        /// Nil: the answer has no MAC.
        var seal: (keys: TerminalKeys, ksn: [UInt8])?
    }

    private enum Release {
        case answer(PendingAnswer)
        case record(UInt64, HostRecord)
        case command(UInt64)
    }

    /// - Parameter head: where the journal ends that `host` was recovered from.
    public init(
        host: consuming Host, head: JournalHead, module: any HostModulePort, spec: MessageSpec = .iso8583_1987
    ) {
        precondition(host.sequence + 1 == head.next, "the host has applied every record of its journal, and no other")
        self.host = host
        gate = Gate(after: head)
        self.module = module
        self.spec = spec
    }

    /// Whether the gate is so full that no more should be read from the connections.
    public var isCongested: Bool { gate.queuedRecords > Self.queuedRecordsMax }
    /// Whether everything that was decided is durable and has left.
    public var isIdle: Bool { !gate.isCommitting && gate.queuedRecords == 0 && gate.queuedReleases == 0 }
    /// Reading stops above this many records that wait for the disk.
    public static let queuedRecordsMax = 16_384
    /// Above this many, messages are answered with a system error, so that commands always find room.
    public static let messageRecordsMax = 61_440

    // MARK: - In

    /// Decides a batch. Whatever needs no commit comes back at once.
    public func receive(
        _ batch: [Incoming], now: Instant, notices: inout [Notice]
    ) -> Released {
        var requests: [(channel: UInt64, request: Request)] = []
        var ready: [PendingAnswer] = []
        counters.received += batch.count
        for incoming in batch {
            let view: MessageView
            do throws(DecodeError) { view = try MessageView(incoming.bytes, spec: spec) } catch {
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
            switch host.inquire(view, cardKey: module.cardKey, nonce: module.nonce, now: now) {
            case .hello(let view, let nonce):
                settle(host.decideHello(nonce: nonce), incoming.channel, view, nil, &ready, &notices)
            case .ask(let request): requests.append((incoming.channel, request))
            case .token(let terminal, let token, let codes, let view):
                let decision = host.decideToken(terminal, token: token, codes: codes, now: now)
                settle(decision, incoming.channel, view, nil, &ready, &notices)
            case .refuse(let intent, let view):
                settle(.answer(host.unsealed(intent), nil), incoming.channel, view, nil, &ready, &notices)
            }
        }
        while !requests.isEmpty {
            let verdicts = module.open(requests.map(\.request.open))
            var again: [(channel: UInt64, request: Request)] = []
            for ((channel, request), verdict) in zip(requests, verdicts) {
                let decision = host.decide(request, verdict: verdict, now: now)
                guard case .askAgain = decision else {
                    settle(decision, channel, request.view, request, &ready, &notices)
                    continue
                }
                counters.askedAgain += 1
                // The card has changed under the question; a fresh one sees it as it is. The first of each round
                // always stands, so the rounds end.
                if case .ask(let fresh) = host.inquire(
                    request.view, cardKey: module.cardKey, nonce: module.nonce, now: now)
                {
                    again.append((channel, fresh))
                }
            }
            requests = again
        }
        return release(ready.map { .answer($0) })
    }

    private func isFrom(_ terminal: TerminalID, _ view: MessageView) -> Bool {
        view.bytes(41).flatMap { TerminalID(ascii: $0) } == terminal
    }

    /// Decides a command.
    /// - Returns: the ticket that `Released.commands` shows once the command is durable.
    public func submit(
        _ command: Command, by principal: Principal, now: Instant
    ) throws(CommandRefusal) -> UInt64 {
        let record = try host.decide(command, by: principal, now: now)
        let ticket = nextCommandTicket
        nextCommandTicket += 1
        guard let sequence = queue(record, [.record(host.sequence + 1, record), .command(ticket)]) else {
            preconditionFailure("the gate is closed: the process is stopping")
        }
        _ = sequence
        return ticket
    }

    /// Breaks the host's state on purpose, for the simulator's test of its own checks: what was answered is forgotten,
    /// leases never end. No decision has a branch for it.
    package func sabotage(_ forgetsAnswers: Bool, _ extendsLeases: Bool) {
        if forgetsAnswers { host.forgetAnswers() }
        if extendsLeases { host.extendLeases() }
    }

    // MARK: - Commits

    public func nextCommit() -> Commit? { gate.nextCommit() }

    /// The commit in flight is durable: what it held may leave.
    public func committed(upTo last: UInt64) throws(GateError) -> Released { release(try gate.committed(upTo: last)) }

    /// The commit in flight failed: nothing leaves any more.
    public func failed() { gate.failed() }

    // MARK: - Out

    private func settle(
        _ decision: Decision, _ channel: UInt64, _ view: MessageView, _ request: Request?,
        _ ready: inout [PendingAnswer], _ notices: inout [Notice]
    ) {
        guard case .answer(let answer, let record) = decision else { return }
        let intent = answer.stored.intent
        if !answer.isSealed, !intent.isAccepted {
            counters.unauthentic += 1
            notices.append(
                Notice(
                    channel: channel, terminal: view.bytes(41).flatMap { TerminalID(ascii: $0) }, intent: intent,
                    detail: "", closes: false))
        }
        let seal = answer.isSealed ? request.map { ($0.open.keys, $0.ksn) } : nil
        let pending = PendingAnswer(channel: channel, view: view, answer: answer, seal: seal)
        guard let record else {
            // A repeated answer waits behind the record it repeats.
            do throws(GateError) {
                for case .answer(let answer) in try gate.submit(releasing: [.answer(pending)]) { ready.append(answer) }
            } catch { ready.append(unavailable(channel, view)) }
            return
        }
        guard gate.queuedRecords < Self.messageRecordsMax,
            queue(record, [.record(host.sequence + 1, record), .answer(pending)]) != nil
        else { return ready.append(unavailable(channel, view)) }
    }

    /// Nothing was recorded, so nothing was decided: the terminal reverses.
    private func unavailable(_ channel: UInt64, _ view: MessageView) -> PendingAnswer {
        PendingAnswer(channel: channel, view: view, answer: host.unsealed(.systemError), seal: nil)
    }

    /// Queues first: what the gate does not take is not applied either.
    private func queue(_ record: HostRecord, _ releases: [Release]) -> UInt64? {
        guard let sequence = try? gate.submit(record.encoded(), releasing: releases) else { return nil }
        host.apply(record)
        precondition(sequence == host.sequence, "gate and host number records alike")
        return sequence
    }

    private func release(_ releases: [Release]) -> Released {
        var released = Released()
        var seals: [SealCommand] = []
        var sealedPositions: [Int] = []
        for release in releases {
            switch release {
            case .record(let sequence, let record): released.records.append((sequence, record))
            case .command(let ticket): released.commands.append(ticket)
            case .answer(let pending):
                guard let message = encode(pending) else { continue }
                released.answers.append(Outgoing(channel: pending.channel, bytes: message.bytes))
                guard let seal = pending.seal, let mac = message.macField.flatMap({ message.range(of: $0) }) else {
                    continue
                }
                sealedPositions.append(released.answers.count - 1)
                seals.append(
                    SealCommand(
                        keys: seal.keys, ksn: seal.ksn, message: message.bytes, mac: mac,
                        ticket: pending.answer.ticket.flatMap { ticket in
                            message.range(of: 57).map { (ticket, at: $0) }
                        }))
            }
        }
        guard !seals.isEmpty else { return released }
        for (position, message) in zip(sealedPositions, module.seal(seals)) {
            released.answers[position].bytes = message
        }
        return released
    }

    /// What an answer repeats of its request.
    private static let echoed: FieldSet = {
        var fields = FieldSet()
        for field in [3, 4, 7, 11, 12, 13, 41, 42, 49, 70] { fields.insert(field) }
        return fields
    }()

    private func encode(_ pending: PendingAnswer) -> EncodedMessage? {
        let stored = pending.answer.stored
        var builder = MessageBuilder(answering: pending.view, echoing: Self.echoed)
        builder.set(37, number: stored.rrn.number)
        builder.set(39, bytes: stored.intent.outcome(in: .iso8583).code.bytes)
        if stored.approvalCode > 0 { builder.set(38, number: UInt64(stored.approvalCode)) }
        if !stored.reference.isEmpty { builder.set(44, text: stored.reference) }
        if let nonce = pending.answer.nonce { builder.set(58, bytes: nonce) }
        if let ticket = pending.answer.ticket {
            builder.reserve(57, count: ticket.encoded().count + LeaseTicket.macLength)
        }
        if !pending.answer.warnings.isEmpty {
            builder.set(60, text: pending.answer.warnings.map(\.rawValue).joined(separator: ","))
        }
        if pending.seal != nil { builder.reserveMAC() }
        // A request whose fields cannot be echoed was refused by the decoder before.
        return try? builder.encode()
    }
}
