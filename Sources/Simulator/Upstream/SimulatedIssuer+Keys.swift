// SPDX-License-Identifier: Apache-2.0
import Host
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

extension SimulatedIssuer {
    /// Gives a module the zone's keys; the same on both sides.
    static func install(_ module: SoftHostModule) -> Bool {
        func key(_ factor: UInt8, _ count: UInt8 = 16) -> SecretKey {
            SecretKey(count: Int(count)) { $0.copyBytes(from: (UInt8(0)..<count).map { $0 &* factor &+ 1 }) }
        }
        let isProtected = (try? module.installZoneProtection(zone, key: key(11, 32))) ?? false
        let isInstalled =
            (try? module.installZone(zone, pinKey: key(7), macKey: key(3), permitsWeakerCipher: true)) ?? false
        return isProtected && isInstalled
    }

    private func change(_ change: ZoneKeyChange, now: Instant) {
        keys.apply(change, at: now)
        if !module.useKeys(keys.accepted, sending: keys.sending.number, zone: zone) {
            complaints.append("the issuer has lost its keys")
        }
    }

    private func set(_ offer: ZoneKeyOffer) -> ZoneKeySet {
        ZoneKeySet(number: keys.nextNumber, sealed: offer.sealed, checkValues: offer.checkValues)
    }

    /// What a message under that set tells, and what time does.
    func heard(under number: UInt32, now: Instant) {
        if keys.isNews(number) { change(.confirmed, now: now) }
        if let end = keys.nextRetirement, end <= now { change(.retired, now: now) }
    }

    /// Whether its own offer is still to be answered.
    public var isOffering: Bool { keys.offered != nil }

    /// Its own offer, new or once more.
    public func offer(now: Instant) -> [UInt8]? {
        if keys.offered == nil {
            guard let offer = module.makeKeys(zone) else { return nil }
            change(.offered(set(offer), blocks: offer.blocks), now: now)
        }
        guard let pending = keys.offered else { return nil }
        var builder = MessageBuilder(.networkRequest, spec: .iso8583_1987)
        stan = stan % 999_999 + 1
        builder.set(11, number: stan)
        builder.set(41, text: "ISSUER")
        builder.set(48, text: pending.blocks)
        builder.set(53, number: UInt64(pending.exchange))
        builder.set(70, number: 101)
        builder.reserveMAC()
        return sealed(builder)
    }

    func acknowledged(_ view: MessageView, now: Instant) {
        guard view.number(70) == 101, let offer = keys.offered else { return }
        if view.text(39) == "00", view.text(48) == offer.set.checkValues {
            change(.acknowledged, now: now)
        } else if view.text(39) != "00" {
            complaints.append("keys were refused: \(view.text(39) ?? "")")
        }
    }

    /// The acquirer's keys; its own offer goes before, and what it has refused it refuses ever after, since copies may be
    /// on the way.
    func take(_ view: MessageView, now: Instant) -> [UInt8]? {
        guard let offer = try? module.readKeys(view.text(48) ?? "", zone: zone), let number = view.number(53)
        else {
            complaints.append("keys that cannot be read")
            return answer(view, code: "63")
        }
        // Under the old keys, since the acquirer uses the new ones only behind this.
        let bytes = answer(view, code: "00", text: offer.checkValues)
        let reception = keys.reception(of: offer.checkValues, exchange: number)
        guard reception != .repeated else { return bytes }
        if reception == .stale || keys.offered != nil { refusedKeys.append(offer.checkValues) }
        guard !refusedKeys.contains(offer.checkValues) else { return answer(view, code: "12") }
        change(.taken(set(offer), exchange: UInt32(clamping: number)), now: now)
        return bytes
    }
}
