// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Interchange
import Journal
import ModuleProtocol
import Vocabulary

/// The host as an acquirer: requests for cards of other issuers leave once their record is durable, answers come back as
/// events, and what was stored for a destination is sent until it is acknowledged.
///
/// ```
/// startUpstream(…)                      once, behind recovery
/// upstream(event, at:) → Released       whatever happens at a line
/// driveUpstream() → Released            after each commit, and at nextUpstreamTimer
/// ```
/// Each `Released` may hold effects, and each may have queued records: ask for the next commit.
extension HostEngine {
    /// Takes up traffic with every destination. Forwards whose answer was lost with the process before are reversed.
    ///
    /// - Parameter seed: for waits alone; nothing secret hangs on it.
    public func startUpstream(zones: any ZoneModulePort, seed: UInt64, now: Instant) -> Released {
        startUpstream(zones: zones, seed: seed, forgetsIntents: false, now: now)
    }

    /// - Parameter forgetsIntents: broken on purpose, for the simulator's test of its own checks.
    package func startUpstream(
        zones: any ZoneModulePort, seed: UInt64, forgetsIntents: Bool, now: Instant
    ) -> Released {
        switchboard = Switchboard(zones: zones, policy: UpstreamLink.Policy(), random: SeededRandom(seed: seed))
        host.releaseStored()
        restoreKeys()
        if !forgetsIntents {
            switchboard?.deferred = host.upstream.open.map { ($0.named.id, .disconnectedAfterSend, nil) }
        }
        return driveUpstream(now: now)
    }

    /// When `driveUpstream` has something to do again; nil: not before the next event.
    public var nextUpstreamTimer: Instant? {
        guard let switchboard else { return nil }
        let stores = zip(switchboard.links, host.upstream.stores).filter { $0.0.isUp }.map { $0.1.nextDue }
        let keys = switchboard.links.indices.map { nextKeyTimer($0) }
        return (switchboard.links.map(\.nextTimer) + stores + keys).compactMap(\.self).min()
    }

    /// Whether requests can leave for a destination.
    public func isUpstreamUp(_ destination: Int) -> Bool {
        switchboard.map { $0.links.indices.contains(destination) && $0.links[destination].isUp } ?? false
    }

    /// Does what is due: timers, what has become durable, stored messages.
    public func driveUpstream(now: Instant) -> Released {
        var out = Released()
        guard switchboard != nil else { return out }
        addLinks(&out, now: now)
        for (index, bytes) in switchboard?.replies ?? [] {
            out.upstream.append(UpstreamEffect(destination: index, action: .send(bytes)))
        }
        switchboard?.replies = []
        finishDeferred(now: now)
        submitForwards(now: now)
        submitStored(&out, now: now)
        for index in links { handle(.timer, index, &out, now: now) }
        for index in links {
            driveKeys(index, &out, now: now)
            sendDue(index, now: now)
            for effect in switchboard?.links[index].departures() ?? [] { perform(effect, index, &out, now: now) }
        }
        return out
    }

    /// What happened at a line.
    public func upstream(_ event: UpstreamEvent, at destination: Int, now: Instant) -> Released {
        var out = Released()
        guard links.contains(destination) else { return out }
        switch event {
        case .connected: handle(.connected, destination, &out, now: now)
        case .disconnected: handle(.disconnected, destination, &out, now: now)
        case .received(let bytes): receive(bytes, destination, &out, now: now)
        }
        out.upstream += driveUpstream(now: now).upstream
        return out
    }

    private var links: Range<Int> { 0..<(switchboard?.links.count ?? 0) }

    // MARK: - Requests of terminals

    /// What `decide` needs to know of the destination.
    /// - Returns: false when the module does not answer.
    func prepare(_ request: inout Request) -> Bool {
        guard let destination = request.destination, let pan = request.pan, let switchboard else { return true }
        guard let sealed = try? switchboard.zones.sealPAN(pan) else { return false }
        request.upstream = UpstreamFacts(
            destination: destination, isUp: isUpstreamUp(Int(destination)), sealedPAN: sealed)
        return true
    }

    /// - Returns: false for a decision that is answered at once.
    func route(
        _ decision: Decision, _ request: Request, _ translated: [UInt8]?, _ origin: Origin, _ seal: PendingAnswer.Seal,
        _ ready: inout [PendingAnswer]
    ) -> Bool {
        let waiting = Switchboard.Waiting(origin: origin, view: request.view, seal: seal)
        let isTaken: Bool
        switch decision {
        case .askAgain, .answer: return false
        case .wait(let id, let record): isTaken = join(id, record, waiting)
        case .forward(let record): isTaken = forward(record, request, translated, waiting)
        }
        if !isTaken { ready.append(unavailable(origin, request.view)) }
        return true
    }

    private func join(_ id: UInt64, _ record: HostRecord?, _ waiting: Switchboard.Waiting) -> Bool {
        guard let count = switchboard?.pending[id]?.waiting.count else { return false }
        if let record {
            guard hasRoom, (try? queue(record, [.record(host.sequence + 1, record)])) != nil else { return false }
        }
        // More repeats than one line can want answered; the terminal repeats again and gets the stored answer.
        if count < Switchboard.waitingMax { switchboard?.pending[id]?.waiting.append(waiting) }
        return true
    }

    private func forward(
        _ record: HostRecord, _ request: Request, _ translated: [UInt8]?, _ waiting: Switchboard.Waiting
    ) -> Bool {
        guard hasRoom, case .upstream(.forwarded(let forward)) = record.body, let pan = request.pan, let switchboard
        else { return false }
        let id = host.sequence + 1
        let zone = host.upstream.destinations[Int(forward.destination)].zone
        let message = UpstreamMessages.request(
            NamedForward(id: id, at: record.at, forward: forward), pan: pan, pinBlock: translated)
        guard let bytes = switchboard.sealed(message, zone),
            (try? queue(record, [.record(id, record), .forward(id)])) != nil
        else { return false }
        self.switchboard?.pending[id] = Switchboard.Pending(
            destination: Int(forward.destination), bytes: bytes, waiting: [waiting])
        return true
    }

    private func submitForwards(now: Instant) {
        let ready = switchboard?.forwards ?? []
        switchboard?.forwards = []
        for id in ready {
            guard let pending = switchboard?.pending[id] else { continue }
            let isTaken = switchboard?.links[pending.destination].submit(id, pending.bytes, now: now) ?? false
            if !isTaken { end(id, .notSent, nil, now: now) }
        }
    }

    // MARK: - Ends

    private func finishDeferred(now: Instant) {
        let waiting = switchboard?.deferred ?? []
        switchboard?.deferred = []
        for (id, outcome, answer) in waiting { end(id, outcome, answer, now: now) }
    }

    func end(_ id: UInt64, _ outcome: ExchangeOutcome, _ answer: UpstreamAnswer?, now: Instant) {
        guard let record = host.decideEnd(id, outcome, answer, now: now),
            case .upstream(.ended(let end)) = record.body
        else { return }
        var releases: [Release] = [.record(host.sequence + 1, record)]
        for waiting in switchboard?.pending[id]?.waiting ?? [] {
            releases.append(
                .answer(
                    PendingAnswer(
                        origin: waiting.origin, view: waiting.view, answer: Answer(end.answer), seal: waiting.seal)))
        }
        guard hasRoom, (try? queue(record, releases)) != nil else {
            switchboard?.deferred.append((id, outcome, answer))
            return
        }
        switchboard?.pending[id] = nil
    }

    // MARK: - Stored messages

    /// Each attempt is a record, and leaves behind it.
    private func sendDue(_ index: Int, now: Instant) {
        guard let link = switchboard?.links[index], link.isUp, hasRoom, switchboard?.zones.isAvailable == true,
            var random = switchboard?.random
        else { return }
        let due = host.takeDue(index, now: now, random: &random)
        switchboard?.random = random
        for record in due {
            let destination = UInt8(index)
            switch record {
            case .attempted(let id, let next):
                let record = HostRecord(
                    at: now, .upstream(.attempted(destination: destination, id: id, next: next)))
                _ = try? queue(record, [.record(host.sequence + 1, record), .stored(index, id)])
            case .dead(let id, let reason): note(.dead(destination: destination, id: id, reason), now: now)
            case .stored, .delivered, .revived: break
            }
        }
    }

    private func submitStored(_ out: inout Released, now: Instant) {
        let ready = switchboard?.stored ?? []
        switchboard?.stored = []
        for (index, id) in ready {
            guard let bytes = storedBytes(index, id), switchboard?.links[index].submitStored(id, now: now) == true
            else {
                host.releaseStored(index, id)
                continue
            }
            out.upstream.append(UpstreamEffect(destination: index, action: .send(bytes)))
        }
    }

    private func storedBytes(_ index: Int, _ id: UInt64) -> [UInt8]? {
        guard let message = host.upstream.stores[index].message(id), let switchboard,
            let content = try? StoredMessage(decoding: message.payload),
            let pan = try? switchboard.zones.openPAN(content.named.forward.sealedPAN)
        else { return nil }
        return switchboard.sealed(
            UpstreamMessages.stored(id, content, isRepeat: message.attempts > 1, pan: pan),
            host.upstream.destinations[index].zone)
    }

    func note(_ record: UpstreamRecord, now: Instant) {
        let record = HostRecord(at: now, .upstream(record))
        _ = try? queue(record, [.record(host.sequence + 1, record)])
    }
}

extension Host {
    mutating func takeDue(
        _ destination: Int, now: Instant, random: inout SeededRandom
    ) -> [StoreAndForward.Record] {
        upstream.stores[destination].due(now: now, random: &random)
    }

    /// Nothing of this changes what the journal says.
    mutating func releaseStored(_ destination: Int, _ id: UInt64) { upstream.stores[destination].release(id) }

    mutating func releaseStored() {
        for index in upstream.stores.indices { upstream.stores[index].releaseAll() }
    }
}
