// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Keys by custodians: supervisors of the PIN pad, each of whom enters with a passcode and types one component.
///
/// The order of things: `beginCeremony`; for each custodian `beginSupervisorEntry` and what follows it, `beginComponent`, the
/// digits, `takeComponent`; at last `loadKeys(wrapped:now:)`. Also while a warning is open.
extension TerminalSecurityModule {
    /// Opens a ceremony; one that was open is forgotten.
    ///
    /// - Parameter checkValue: of the key that is to come out, three to five bytes.
    public mutating func beginCeremony(
        custodians: [UInt8], checkValue: [UInt8], now: Instant
    ) throws(CeremonyRefusal) {
        guard record.latch == nil else { throw .tampered }
        let now = tick(now)
        guard supervision.supervisor(now) != nil else { throw .notEntered }
        guard custodians.allSatisfy({ record.supervisors[$0] != nil }) else { throw .plan(.stranger) }
        do { try ceremony.open(custodians, checkValue: checkValue, at: now) } catch { throw .plan(error) }
        append(.ceremonyOpened, actor: .supervisor, detail: UInt32(custodians.count), at: now)
        flush()
    }

    /// Opens the keypad for the component of the supervisor who has entered. Each needs an entry of their own.
    public mutating func beginComponent(now: Instant) throws(CeremonyRefusal) {
        guard record.latch == nil else { throw .tampered }
        let now = tick(now)
        ceremony.closeIfOver(at: now)
        guard ceremony.isOpen else { throw .none }
        guard let custodian = supervision.supervisor(now) else { throw .notEntered }
        guard ceremony.awaits(custodian) else { throw .notTheirTurn }
        keypad.closeIfIdle(at: now)
        guard !keypad.isOpen else { throw .busy }
        keypad.openForComponent(of: custodian, count: ModuleProvisioning.protectionBytes, at: now)
        supervision.end()
    }

    /// Takes the component that was typed and confirmed.
    public mutating func takeComponent(now: Instant) -> ComponentOutcome {
        guard record.latch == nil else { return .none }
        let now = tick(now)
        keypad.closeIfIdle(at: now)
        guard let custodian = keypad.custodian, let entry = keypad.takeComponent() else { return .none }
        let outcome = ceremony.enter(entry, by: custodian, at: now)
        switch outcome {
        case .none: break
        case .taken, .formed: append(.componentTaken, actor: .custodian, detail: UInt32(custodian), at: now)
        case .refused: append(.componentRefused, actor: .custodian, detail: UInt32(custodian), at: now)
        }
        flush()
        return outcome
    }

    /// Loads a provisioning under the key that custodians have brought. The key serves once, whatever comes of it.
    ///
    /// - Throws: as `loadKeys(_:now:)`; `unreadable` without such a key, and for what is not under it.
    public mutating func loadKeys(wrapped bytes: [UInt8], now: Instant) throws(KeyLoadRefusal) {
        guard let key = ceremony.takeKey(at: hardware.clock(now)),
            let provisioning = ModuleProvisioning(wrapped: bytes, under: key)
        else { throw .unreadable }
        try loadKeys(provisioning, now: now)
    }
}
