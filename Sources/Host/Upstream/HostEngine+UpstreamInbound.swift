// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Interchange
import Vocabulary

/// What other hosts ask of this one. Whatever it is, it is answered or counted, and ends nothing but its line.
extension HostEngine {
    /// What an answer repeats of its request.
    private static let echoed: FieldSet = {
        var fields = FieldSet()
        for field in [3, 4, 7, 11, 12, 13, 37, 41, 42, 49, 70, 90] { fields.insert(field) }
        return fields
    }()

    /// Sealed under the keys that are in use now.
    func answer(to view: MessageView, _ intent: Intent, text: String? = nil, _ index: Int) -> [UInt8]? {
        var builder = MessageBuilder(answering: view, echoing: Self.echoed)
        builder.set(39, bytes: intent.outcome(in: .iso8583).code.bytes)
        if let text { builder.set(48, text: text) }
        builder.reserveMAC()
        return switchboard?.sealed(try? builder.encode(), host.upstream.destinations[index].zone)
    }

    /// Leaves behind all that is queued, so that it says nothing that could be lost.
    func reply(to view: MessageView, _ intent: Intent, text: String? = nil, _ index: Int) {
        if let bytes = answer(to: view, intent, text: text, index) { queue(reply: bytes, to: index) }
    }

    /// 0800 of the other host: sign-on (001) and echo (301) are answered, new keys (101) taken, and a sign-off (002) ends the
    /// line, which this side takes up again by itself.
    func receiveNetwork(_ view: MessageView, _ index: Int, _ out: inout Released, now: Instant) {
        switch view.number(70) {
        case 1: reply(to: view, .signOnAccepted, index)
        case 301: reply(to: view, .echoAccepted, index)
        case 101: receiveKeys(view, index, now: now)
        case 2:
            if let bytes = answer(to: view, .signOffAccepted, index) {
                out.upstream.append(UpstreamEffect(destination: index, action: .send(bytes)))
            }
            out.upstream.append(UpstreamEffect(destination: index, action: .close))
            return handle(.disconnected, index, &out, now: now)
        default: receiveOther(view, index)
        }
        handle(.heard, index, &out, now: now)
    }

    /// The other host takes back what it may have approved. What this host still waits for is not approved any more,
    /// whatever comes; what was lost has been reversed. What the till has been told stays: the cardholder has the receipt.
    func receiveReversal(_ view: MessageView, _ index: Int, now: Instant) {
        guard let id = view.number(37) else { return reply(to: view, .formatError, index) }
        if let open = host.upstream.open(id: id), Int(open.named.forward.destination) == index {
            guard !open.isReversed else { return reply(to: view, .reversalAccepted, index) }
            let record = HostRecord(at: now, .upstream(.withdrawn(forward: id)))
            guard hasRoom, let bytes = answer(to: view, .reversalAccepted, index) else { return }
            _ = try? queue(record, [.record(host.sequence + 1, record), .reply(index, bytes)])
            return
        }
        let isLost = host.upstream.lost.contains { $0.forward == id && Int($0.destination) == index }
        let stands = host.upstream.settled.contains { $0.named.id == id && Int($0.name.destination) == index }
        reply(
            to: view, isLost ? .reversalAccepted : stands ? .invalidTransaction : .noOriginal, index)
    }

    /// A request of no meaning here is refused as such; an answer to nothing is counted.
    func receiveOther(_ view: MessageView, _ index: Int) {
        counters.upstreamUnknown += 1
        if !view.mti.isResponse { reply(to: view, .notServed, index) }
    }
}
