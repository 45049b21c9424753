// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule

/// Sessions in which a policy is fulfilled step by step, or, on trial, its digest found.
extension TPMDevice {
    func startSession(_ kind: TPM.Session) throws(HardwareError) -> UInt32 {
        // The session neither encrypts nor has a key, so its nonce keeps nothing secret.
        let nonce = [UInt8](repeating: 0, count: 16)
        return try channel.run(.startAuthSession, [TPM.Handle.null, TPM.Handle.null], answersHandle: true) {
            $0.sized(nonce)
            $0.sized([])
            $0.number(kind.rawValue)
            $0.number(TPM.Algorithm.null)
            $0.number(TPM.Algorithm.sha256)
        } read: { (handle, reader) throws(HardwareError) in
            _ = try reader.sized(max: 64)
            return handle
        }
    }

    /// Runs `body` in a session and leaves none behind.
    func inSession<R: ~Copyable>(
        _ kind: TPM.Session, _ body: (UInt32) throws(HardwareError) -> R
    ) throws(HardwareError) -> R {
        let session = try startSession(kind)
        // A session ends by itself with the command that it authorises: then there is none to flush.
        defer { attempt { () throws(HardwareError) in try flush(session) } }
        return try body(session)
    }

    func attempt(_ body: () throws(HardwareError) -> Void) { do throws(HardwareError) { try body() } catch {} }

    /// The platform is as it was (part 3, 23.7).
    func policyRegisters(_ registers: [Int], _ session: UInt32) throws(HardwareError) {
        try channel.run(.policyPCR, [session]) {
            $0.sized([])
            $0.registers(registers)
        }
    }

    /// An index of eight bytes still has this value (part 3, 23.9).
    ///
    /// - Returns: false if it has another.
    func policyEquals(_ value: UInt64, _ index: UInt32, _ session: UInt32) throws(HardwareError) -> Bool {
        let result = try channel.result(.policyNV, [index, index, session], [.open]) {
            $0.number(UInt16(8))
            $0.number(value)
            $0.number(UInt16(0))
            // TPM_EO_EQ.
            $0.number(UInt16(0))
        }
        guard result != .policy else { return false }
        guard result.value == 0 else { throw result.error }
        return true
    }

    /// Somebody knows the authorisation value of an index (part 3, 23.4).
    func policySecret(
        _ index: UInt32, _ value: AuthorisationValue, _ session: UInt32
    ) throws(HardwareError) -> TPM.Code {
        try channel.result(.policySecret, [index, session], [.value(value)]) {
            for _ in 0..<3 { $0.sized([]) }
            $0.number(UInt32(0))
        }
    }

    /// Whoever uses the object knows its own value (part 3, 23.18): it goes with the command.
    func policyPassword(_ session: UInt32) throws(HardwareError) { try channel.run(.policyPassword, [session]) }

    /// The session authorises one command only (part 3, 23.11).
    func policyCommand(_ command: TPM.Command, _ session: UInt32) throws(HardwareError) {
        try channel.run(.policyCommandCode, [session]) { $0.number(command.rawValue) }
    }

    func policyDigest(_ session: UInt32) throws(HardwareError) -> [UInt8] {
        try channel.run(.policyGetDigest, [session]) { (_, reader) throws(HardwareError) in
            let digest = Array(try reader.sized(max: Self.digestCount))
            guard digest.count == Self.digestCount else { throw .malformedAnswer }
            return digest
        }
    }
}
