// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire
import PaymentCryptography
import SecurityModule
import Vocabulary

/// A host's module as it is served: one command at a time, whoever sent it. Nothing that a client sends changes what the next
/// one gets, but the keys that a zone is told to use, and what is under way of loading keys.
public final class HostModuleService {
    let module: SoftHostModule
    private let linkKey: SecretKey
    let keyLoading: KeyLoadingService
    let identity: [UInt8]
    var counters = ModuleServiceStatus.Counters()
    var lockedMemory = ModuleServiceStatus.LockedMemory.none

    /// - Parameters:
    ///   - linkKey: what links of cases are made with; handed to whoever issues.
    ///   - keyLoading: of this module; nil: one that makes its facility when it is asked for.
    public init(_ module: SoftHostModule, linkKey: consuming SecretKey, keyLoading: KeyLoadingService? = nil) {
        self.module = module
        self.linkKey = linkKey
        self.keyLoading = keyLoading ?? KeyLoadingService(module)
        identity = module.identity
    }

    /// What the process says of itself and of its clients.
    public var status: ModuleServiceStatus {
        var status = Hardening.status(lockedMemory)
        status.counters = counters
        return status
    }

    /// - Parameter request: of a client that may ask it, and anything but an introduction.
    func answer(_ request: WireRequest, _ keys: ChannelKeys) -> WireReply {
        switch request {
        case .hello: .refused(.introducedAlready)
        case .status: .status(status)
        case .open(let commands): .open(counted(commands.count) { module.open(commands) })
        case .seal(let commands): .seal(counted(commands.count) { module.seal(commands) })
        case .cardKeys(let pans): .cardKeys(pans.map { module.cardKey($0) })
        case .nonce(let context): .nonce(module.nonce(context))
        case .sealPAN(let pan): .sealPAN(module.sealPAN(pan))
        case .openPAN(let sealed): .openPAN(module.openPAN(sealed))
        case .zoneSeal(let asked):
            .zoneSeal(module.seal(asked.message, covered: asked.covered, mac: asked.mac, zone: asked.zone))
        case .zoneKeyNumber(let asked):
            .zoneKeyNumber(module.keyNumber(asked.message, covered: asked.covered, mac: asked.mac, zone: asked.zone))
        case .makeZoneKeys(let zone): .makeZoneKeys(module.makeKeys(zone))
        case .readZoneKeys(let blocks, let zone): .readZoneKeys(readKeys(blocks, zone))
        case .useZoneKeys(let sets, let sending, let zone):
            .useZoneKeys(module.useKeys(sets, sending: sending, zone: zone))
        case .pinReference(let pan, let block, let kind): pinReference(pan, block, kind, keys)
        case .provision(let order): provision(order, keys)
        case .linkKey: .linkKey(linkKey.wrapped(under: keys.transport))
        case .verifyLog(let question): .verifyLog(module.verifyLog(question))
        case .openJournal(let command): .openJournal(module.openJournal(command))
        case .certify(let order): certify(order)
        case .sendKeys(let order): sendKeys(order)
        case .beginCeremony(let wanted): beginCeremony(wanted)
        case .takeSheet(let part, let ceremony): takeSheet(part, ceremony, keys)
        }
    }

    private func counted<R>(_ messages: Int, _ work: () -> R) -> R {
        counters.messages += UInt64(messages)
        return work()
    }

    private func readKeys(_ blocks: String, _ zone: ZoneID) -> ReadZoneKeys {
        do throws(ZoneKeyError) { return .offer(try module.readKeys(blocks, zone: zone)) } catch {
            return .refused(error)
        }
    }

    private func pinReference(
        _ pan: PAN, _ block: [UInt8], _ kind: WirePINReferenceKind, _ keys: ChannelKeys
    ) -> WireReply {
        guard let digits = PANDigits(ascii: pan.ascii),
            let pin = try? PINBlock.decrypt(block, pan: digits, format: .format4, key: keys.pin)
        else { return .refused(.unusable) }
        let wanted: PINReferenceKind =
            switch kind {
            case .pvv(let index): .pvv(keyIndex: index)
            case .offset: .offset
            }
        return .pinReference(module.pinReference(pan: pan, pin: pin, kind: wanted))
    }

    private func provision(_ order: ProvisioningOrder, _ keys: ChannelKeys) -> WireReply {
        guard let provisioning = try? module.provision(order) else { return .refused(.unusable) }
        return .provision(provisioning.wrapped(under: keys.transport))
    }
}
