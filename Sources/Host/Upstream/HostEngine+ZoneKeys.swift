// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// The exchange of zone keys (DE 70 = 101). What a change says is done once it is durable, and not before: a host that comes
/// back accepts whatever the other side may send under.
extension HostEngine {
    /// The offer under way at a line, and when it is sent again; lost with the process, which then sends it again.
    struct KeyOffer {
        var number: UInt32
        /// Whether an attempt may have left before.
        var isRepeat: Bool
        /// Of the last attempts, whose answers count.
        var stans: [UInt64] = []
        var next = Instant(seconds: 0)
    }

    private static var offerTracesMax: Int { 32 }

    /// Between attempts of an offer.
    private static var offerEvery: Interval { .seconds(15) }

    /// Gives the module what the journal says; what it was installed with counts only until the first exchange.
    func restoreKeys() {
        for (index, state) in host.upstream.keys.enumerated() where state != ZoneKeyState() {
            use(state, index)
            switchboard?.offers[index]?.isRepeat = true
        }
    }

    /// A change that has become durable.
    func use(_ state: ZoneKeyState, _ index: Int) {
        guard switchboard != nil, host.upstream.destinations.indices.contains(index) else { return }
        let isKnown = switchboard?.zones.useKeys(
            state.accepted, sending: state.sending.number, zone: host.upstream.destinations[index].zone)
        // Without its keys a zone has no traffic; nothing is sent or believed under others.
        if isKnown == false { counters.upstreamKeysLost += 1 }
        guard let offer = state.offered else {
            switchboard?.offers[index] = nil
            return
        }
        guard switchboard?.offers[index]?.number != offer.set.number else { return }
        switchboard?.offers[index] = KeyOffer(number: offer.set.number, isRepeat: false)
    }

    /// Makes what is asked for, sends what is not acknowledged, ends what is over.
    func driveKeys(_ index: Int, _ out: inout Released, now: Instant) {
        let state = host.upstream.keys[index]
        if state.isWanted, state.offered == nil { makeKeys(index, state, now: now) }
        if let end = state.nextRetirement, end <= now { note(.retired, index, now: now) }
        guard isUpstreamUp(index), let offer = state.offered, let sent = switchboard?.offers[index],
            sent.number == offer.set.number, sent.next <= now, let stan = switchboard?.nextSTAN
        else { return }
        switchboard?.nextSTAN += 1
        switchboard?.offers[index]?.stans = sent.stans.suffix(Self.offerTracesMax - 1) + [stan]
        switchboard?.offers[index]?.isRepeat = true
        switchboard?.offers[index]?.next = now + Self.offerEvery
        send(
            UpstreamMessages.network(
                101, stan: stan, at: now, keys: (offer.blocks, offer.exchange), isRepeat: sent.isRepeat), index,
            &out)
    }

    /// When `driveKeys` has something to do again.
    func nextKeyTimer(_ index: Int) -> Instant? {
        let state = host.upstream.keys[index]
        // What waits for its record waits for a commit, not for time.
        guard hasRoom else { return nil }
        let offer = isUpstreamUp(index) ? switchboard?.offers[index] : nil
        let isCurrent = offer?.number == state.offered?.set.number
        return [isCurrent ? offer?.next : nil, state.nextRetirement].compactMap(\.self).min()
    }

    private func makeKeys(_ index: Int, _ state: ZoneKeyState, now: Instant) {
        guard let zones = switchboard?.zones else { return }
        let made: ZoneKeyOffer?
        // A module that does not answer now is asked again: the wish stands.
        do throws(ModuleUnavailable) { made = try zones.makeKeys(host.upstream.destinations[index].zone) } catch {
            return
        }
        guard let offer = made else { return note(.refused, index, now: now) }
        let set = ZoneKeySet(number: state.nextNumber, sealed: offer.sealed, checkValues: offer.checkValues)
        note(.offered(set, blocks: offer.blocks), index, now: now)
    }

    /// - Parameter reply: leaves behind the record.
    private func note(_ change: ZoneKeyChange, _ index: Int, reply: [UInt8]? = nil, now: Instant) {
        guard hasRoom else { return }
        let record = HostRecord(at: now, .upstream(.keys(destination: UInt8(index), change)))
        var releases: [Release] = [.record(host.sequence + 1, record)]
        if let reply { releases.append(.reply(index, reply)) }
        _ = try? queue(record, releases)
    }

    /// What the module is to know once a record is durable: the keys of its zone, if it changes them.
    func keys(of record: HostRecord) -> [Release] {
        guard case .upstream(.keys(let place, let change)) = record.body,
            host.upstream.keys.indices.contains(Int(place))
        else { return [] }
        var state = host.upstream.keys[Int(place)]
        state.apply(change, at: record.at)
        return [.keys(Int(place), state)]
    }

    /// The other side uses what was taken.
    func heard(under number: UInt32, _ index: Int, now: Instant) {
        if host.upstream.keys[index].isNews(number) { note(.confirmed, index, now: now) }
    }

    /// Keys of the other side: taken only if their blocks prove themselves, and acknowledged by their check values.
    func receiveKeys(_ view: MessageView, _ index: Int, now: Instant) {
        let state = host.upstream.keys[index]
        let offer: ZoneKeyOffer
        do throws(ZoneKeyError) {
            guard let blocks = view.text(48), view.has(53), let zones = switchboard?.zones else { throw .damaged }
            offer = try zones.readKeys(blocks, zone: host.upstream.destinations[index].zone)
        } catch {
            // Unanswered, the other side offers them again.
            guard error != .unavailable else { return }
            return reply(to: view, .securityViolation, index)
        }
        let number = view.number(53) ?? 0
        switch state.reception(of: offer.checkValues, exchange: number) {
        case .stale: reply(to: view, .invalidTransaction, index)
        case .repeated: reply(to: view, .approved, text: offer.checkValues, index)
        case .new:
            let set = ZoneKeySet(number: state.nextNumber, sealed: offer.sealed, checkValues: offer.checkValues)
            let answer = answer(to: view, .approved, text: offer.checkValues, index)
            note(.taken(set, exchange: UInt32(clamping: number)), index, reply: answer, now: now)
        }
    }

    /// The answer to an offer.
    func receiveKeyAnswer(_ view: MessageView, _ index: Int, now: Instant) {
        guard let offer = host.upstream.keys[index].offered, let sent = switchboard?.offers[index],
            sent.number == offer.set.number, let stan = view.number(11),
            sent.stans.contains(where: { UpstreamMessages.stan($0) == stan })
        else { return }
        if view.text(39) == "00" {
            if view.text(48) == offer.set.checkValues { note(.acknowledged, index, now: now) }
        } else {
            note(.refused, index, now: now)
        }
    }
}
