// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityModule
import Vocabulary

/// Keys for modules that have lost their own, as the estate has issued them: the host's module makes them, and nobody on the
/// way between the two modules can open them.
extension TerminalBank {
    /// The host's key loading for one terminal, as the estate knows it.
    public struct KeyLoading: Sendable {
        /// TR-34's first pass: certifies the key that the terminal's module has made.
        public var certify: @Sendable (KeyTransportRequest) async throws -> KeyTransportCredential
        /// The second pass: keys from a transaction counter on, for the module of a certificate and a random number token.
        public var sendKeys:
            @Sendable (_ device: [UInt8], _ number: [UInt8], _ first: UInt32) async throws ->
                TransportedKeys
        /// Keys from a transaction counter on under a key that so many custodians will bring.
        public var beginCeremony: @Sendable (_ custodians: Int, _ first: UInt32) async throws -> OpenedCeremony

        public init(
            certify: @escaping @Sendable (KeyTransportRequest) async throws -> KeyTransportCredential,
            sendKeys:
                @escaping @Sendable (_ device: [UInt8], _ number: [UInt8], _ first: UInt32) async throws ->
                TransportedKeys,
            beginCeremony: @escaping @Sendable (_ custodians: Int, _ first: UInt32) async throws -> OpenedCeremony
        ) {
            (self.certify, self.sendKeys, self.beginCeremony) = (certify, sendKeys, beginCeremony)
        }
    }

    /// Counters that a message on its way may have used since.
    private static let countersSkipped: UInt32 = 512

    /// Loads keys by TR-34, in two passes between the terminal's module and the host's.
    ///
    /// - Throws: `KeyLoadRefusal` where the terminal's module does not take them; what the host's key loading throws; and
    ///   `TerminalFilesError` for a terminal this desk does not run.
    public func load(_ id: TerminalID) async throws {
        let commission = try await commission(id)
        let request = try await step(id) { try $0.beginKeyTransport() }
        let credential = try await commission.keyLoading.certify(request)
        let number = try await step(id) { try $0.acceptCredential(credential) }
        let keys = try await commission.keyLoading.sendKeys(
            credential.device, number, commission.counterHighest + Self.countersSkipped)
        try await step(id) { try $0.loadKeys(keys) }
    }

    /// Opens a ceremony: the host's module makes keys and components, the terminal's awaits these custodians.
    func beginCeremony(_ id: TerminalID, custodians: [UInt8]) async throws -> OpenedCeremony {
        let commission = try await commission(id)
        let opened = try await commission.keyLoading.beginCeremony(
            custodians.count, commission.counterHighest + Self.countersSkipped)
        try await step(id) { try $0.beginCeremony(custodians: custodians, checkValue: opened.checkValue) }
        return opened
    }

    /// Opens the keypad for the component of the supervisor who has entered.
    func beginComponent(_ id: TerminalID) async throws { try await step(id) { try $0.beginComponent() } }

    /// Loads what is under the key that custodians have brought.
    func loadKeys(_ id: TerminalID, wrapped bytes: [UInt8]) async throws {
        try await step(id) { try $0.loadKeys(wrapped: bytes) }
    }

    /// What became of the last passcode or component; nil before it is confirmed, and for an unknown terminal.
    func keypadOutcome(_ id: TerminalID) async -> String? { await on(id) { $0.keypadOutcome }.flatMap { $0 } }

    private func step<R: Sendable>(
        _ id: TerminalID, _ body: @escaping @Sendable (VirtualTerminal) throws -> R
    ) async throws -> R {
        guard let result = await on(id, { terminal in Result { try body(terminal) } }) else {
            throw TerminalFilesError.missing("the terminal")
        }
        return try result.get()
    }
}
