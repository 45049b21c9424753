// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Master and session keys. Both are derived, so that nothing is stored a terminal and every process of the host has the
/// same: TDES keys from the master of the TDES base derivation keys, SM4 keys from that of AES, under labels of their own.
extension HostMasters {
    /// The TMK of a terminal, key set and identity; 16 bytes.
    borrowing func terminalMasterKey(_ keys: TerminalKeys) -> SecretKey {
        sound(keys, label: "TMK", context: identity(keys), parts: 1)
    }

    /// PIK, MAK and TDK of a terminal, key set, identity and session.
    borrowing func sessionKeys(_ keys: TerminalKeys, _ session: UInt32) -> SessionKeys {
        var context = identity(keys)
        context.appendBigEndian(session)
        return SessionKeys(keys.profile, secret: sound(keys, label: "session keys", context: context, parts: 3))
    }

    /// Keys of 16 bytes end to end, each sound by `KeyGuard`: a terminal refuses weak ones, so that they are derived once
    /// more, with the number of the attempt behind the context.
    private borrowing func sound(_ keys: TerminalKeys, label: String, context: [UInt8], parts: Int) -> SecretKey {
        let isSM4 = keys.profile.isSM4
        let master = key(isSM4 ? .aesBDK : .tdesBDK)
        for attempt in UInt8.min...UInt8.max {
            let derived = KDF.derive(
                master: master, label: (isSM4 ? "SM4 " : "TDES ") + label, context: context + [attempt],
                count: parts * SessionKeys.keyBytes)
            let secret = isSM4 ? derived.copy() : derived.withOddParity()
            let isSound = (0..<parts).allSatisfy { part in
                let key = secret.part(part * SessionKeys.keyBytes, SessionKeys.keyBytes)
                return (try? KeyGuard.check(key, for: isSM4 ? .aes : .tdes)) != nil
            }
            if isSound { return secret }
        }
        // Cannot happen: one weak key comes once in 2^50 or so.
        preconditionFailure("256 derived keys in a row are not all weak")
    }
}
