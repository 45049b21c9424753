// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityModule
import Terminal
import Vocabulary

/// Keys on their way into the terminal's module: by a transport in two passes, or by custodians at its keypad.
extension VirtualTerminal {
    /// Has the module do a step of key loading.
    ///
    /// - Throws: why it does not: `KeyLoadRefusal` or `CeremonyRefusal` where the module refuses; anything else where it
    ///   fails, which the application then learns.
    private func step<R>(_ body: (inout TerminalSecurityModule) throws -> R) throws -> R {
        guard let unit, !isModuleSilent, unit.hardware.connectorSeated else {
            throw TerminalFilesError.missing("a module that answers")
        }
        do { return try unit.act(body) } catch {
            if !(error is KeyLoadRefusal), !(error is CeremonyRefusal) { moduleFailed(error) }
            throw error
        }
    }

    // MARK: TR-34

    /// The module makes an RSA key, which takes some tenths of a second that this bench can wait for.
    func beginKeyTransport() throws -> KeyTransportRequest {
        let now = now()
        return try step { try $0.beginKeyTransport(now: now) }
    }

    /// - Returns: the module's random number token.
    func acceptCredential(_ credential: KeyTransportCredential) throws -> [UInt8] {
        let now = now()
        return try step { try $0.acceptCredential(credential, now: now) }
    }

    func loadKeys(_ transported: TransportedKeys) throws {
        let now = now()
        try step { try $0.loadKeys(transported, now: now) }
        // The application sees at once that there are keys.
        handle(.timerFired(.heartbeat))
    }

    // MARK: Custodians

    func beginCeremony(custodians: [UInt8], checkValue: [UInt8]) throws {
        let now = now()
        try step { try $0.beginCeremony(custodians: custodians, checkValue: checkValue, now: now) }
    }

    /// Opens the keypad for the component of the supervisor who has entered.
    func beginComponent() throws {
        let now = now()
        keypadOutcome = nil
        try step { try $0.beginComponent(now: now) }
    }

    /// Loads what is under the key that custodians have brought.
    func loadKeys(wrapped bytes: [UInt8]) throws {
        let now = now()
        try step { try $0.loadKeys(wrapped: bytes, now: now) }
        handle(.timerFired(.heartbeat))
    }

    /// Takes the passcode or the component that was confirmed, if it was one. The hash of a passcode takes a tenth of a
    /// second, which this bench can wait for.
    func concludeEntry() {
        let now = now()
        withModule { unit in
            if let outcome = try unit.concludeSupervisor(now: now) { return keypadOutcome = "\(outcome)" }
            let component = try unit.act { $0.takeComponent(now: now) }
            if component != .none { keypadOutcome = "\(component)" }
        }
    }
}
