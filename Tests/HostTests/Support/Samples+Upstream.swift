// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Interchange
import ModuleProtocol
import Vocabulary

@testable import Host

/// What came with traffic to other hosts.
extension Samples {
    private static let forward = Forward(
        destination: 0, usage: usage,
        names: MessageNames(
            key: TransactionKey(stan: STAN(77), localTime: 1_231_235_900), transmission: 1_231_235_900),
        card: card, sealedPAN: [UInt8](repeating: 0x5A, count: 45), expiry: 3_012, amount: amount, merchant: merchant,
        mcc: MCC(5_411), goods: [], entryMode: 51, hasPIN: true)
    private static let poorForward: Forward = {
        var forward = Samples.forward
        forward.usage = poorUsage
        forward.names.key.stan = STAN(78)
        (forward.expiry, forward.entryMode, forward.hasPIN) = (nil, 0, false)
        return forward
    }()

    private static let upstream: [(String, UpstreamRecord)] = [
        (
            "destinationSet",
            .destinationSet(
                UpstreamDestination(
                    name: "NORTH", standIn: StandInLimits(transaction: 50_00, cardAndDay: 100_00)), by: alice)
        ),
        ("routed", .routed("51-55 NORTH\n", by: bob)), ("forwarded", .forwarded(forward)),
        ("forwarded.plain", .forwarded(poorForward)),
        (
            "ended.notAnswered",
            .ended(
                ForwardEnd(
                    forward: 1, outcome: .notAnswered, isApproved: false, answer: answer(.issuerUnavailable)))
        ),
        (
            "ended.answered",
            .ended(ForwardEnd(forward: .max, outcome: .answered, isApproved: true, answer: answer(.approved)))
        ), ("stoodIn", .stoodIn(poorForward, answer(.approved))),
        (
            "reversed",
            .reversed(
                Reversal(
                    usage: usage, names: names, originalSTAN: STAN(77), originalTransmission: 1_231_235_900,
                    card: card, amount: amount, originalAt: at, pass: nil, answer: answer(.reversalAccepted)),
                of: 3, isOpen: true)
        ), ("attempted", .attempted(destination: 0, id: 1, next: at + .seconds(2))),
        ("dead", .dead(destination: 0, id: 1, .tooManyAttempts)),
        ("revived", .revived(destination: 0, id: 1, by: alice)), ("delivered", .delivered(destination: 0, id: 1)),
        ("answeredLate", .answeredLate(forward: 1, isApproval: true)),
    ]

    static let third: [(name: String, record: HostRecord)] =
        upstream.map { (name: "upstream.\($0.0)", record: HostRecord(at: at, .upstream($0.1))) }

    private static let name = UpstreamName(
        destination: 1, id: 12_345, messageType: 0x0220, stan: 999_999, at: at, lane: terminal.packed)
    private static let refund: Forward = {
        var refund = Samples.forward
        refund.kind = .refund
        refund.original = ForwardOriginal(rrn: RRN(55), approvalCode: 123_456, name: name)
        return refund
    }()
    private static let slip: Forward = {
        var slip = Samples.poorForward
        slip.kind = .preAuthorisation
        return slip
    }()

    private static func keySet(_ number: UInt32) -> ZoneKeySet {
        ZoneKeySet(
            number: number, sealed: [UInt8](repeating: UInt8(number), count: 20),
            checkValues: "0123456789ABCDE\(number)")
    }

    private static let kinds: [(String, UpstreamRecord)] = [
        ("forwarded.preAuthorisation", .forwarded(slip)), ("forwarded.refund", .forwarded(refund)),
        ("stoodIn.preAuthorisation", .stoodIn(slip, answer(.approved))),
        ("stoodIn.refund", .stoodIn(refund, answer(.approved))), ("listed", .listed(card, .stolen, by: alice)),
        ("listed.again", .listed(card, .restricted, by: bob)), ("unlisted", .unlisted(card, by: alice)),
        ("keys.reset", .keys(destination: 0, .reset(by: bob))),
        ("keys.wanted", .keys(destination: 0, .wanted(by: alice))),
        ("keys.offered", .keys(destination: 0, .offered(keySet(1), blocks: "D0144P0TB00N0100KC"))),
        ("keys.acknowledged", .keys(destination: 0, .acknowledged)),
        ("keys.taken", .keys(destination: 0, .taken(keySet(2), exchange: 7))),
        ("keys.confirmed", .keys(destination: 0, .confirmed)), ("keys.refused", .keys(destination: 0, .refused)),
        ("keys.retired", .keys(destination: 0, .retired)),
        ("withdrawn", .withdrawn(forward: 12)),
        ("listed.last", .listed(CardKey(high: 0, low: 1), .fraud, by: bob)),
    ]

    static let fourth: [(name: String, record: HostRecord)] =
        kinds.map { (name: "upstream.\($0.0)", record: HostRecord(at: at, .upstream($0.1))) }
}
