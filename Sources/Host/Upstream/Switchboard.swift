// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Interchange
import ModuleProtocol
import Vocabulary

/// The engine's side of lines to other hosts: everything here is lost with the process, and nothing is missed then.
struct Switchboard {
    /// Whoever waits for the answer of a forward: its request, and repeats that came meanwhile.
    struct Waiting {
        var origin: Origin
        var view: MessageView
        var seal: PendingAnswer.Seal?
    }

    struct Pending {
        var destination: Int
        var bytes: [UInt8]
        var waiting: [Waiting]
    }

    /// Repeats of one request that are answered beside it.
    static let waitingMax = 8

    let zones: any ZoneModulePort
    let policy: UpstreamLink.Policy
    var random: SeededRandom
    var links: [UpstreamLink] = []
    var pending: [UInt64: Pending] = [:]
    /// What is durable and may leave.
    var forwards: [UInt64] = []
    var stored: [(destination: Int, id: UInt64)] = []
    /// Ends that the gate had no room for.
    var deferred: [(id: UInt64, outcome: ExchangeOutcome, answer: UpstreamAnswer?)] = []
    /// What may leave now, in answer to what came.
    var replies: [(destination: Int, bytes: [UInt8])] = []
    /// By the place of the destination.
    var offers: [Int: HostEngine.KeyOffer] = [:]
    /// For network messages.
    var nextSTAN: UInt64 = 1

    /// The message with the zone's MAC; nil for a zone without keys.
    func sealed(_ message: EncodedMessage?, _ zone: ZoneID) -> [UInt8]? {
        guard let message, let covered = message.macCoverage,
            let mac = message.macField.flatMap({ message.range(of: $0) })
        else { return nil }
        return zones.seal(message.bytes, covered: covered, mac: mac, zone: zone)
    }

    /// A message of the zone, and the number of the keys that prove it; nil for anything else.
    func view(_ bytes: [UInt8], _ zone: ZoneID) -> (view: MessageView, keys: UInt32)? {
        guard let view = try? MessageView(bytes, spec: UpstreamMessages.spec), let covered = view.macCoverage,
            let mac = view.macField.flatMap({ view.range(of: $0) }), mac.upperBound == bytes.count,
            let keys = zones.keyNumber(bytes, covered: covered, mac: mac, zone: zone)
        else { return nil }
        return (view, keys)
    }
}
