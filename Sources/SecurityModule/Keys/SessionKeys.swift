// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The working keys of one session, from one sign-on to the next: 16 bytes each. Wiped when the last that holds them lets
/// go: a message's answer may outlive the session that protected it.
final class SessionKeys: Sendable {
    static let keyBytes = 16

    let profile: KeyProfile
    /// For PIN blocks.
    let pik: SecretKey
    /// For MACs, in both directions.
    let mak: SecretKey
    /// For track data, where the download brought one.
    let tdk: SecretKey?

    /// - Parameter secret: PIK and MAK, and a TDK if there is one, end to end: 32 or 48 bytes.
    init(_ profile: KeyProfile, secret: borrowing SecretKey) {
        precondition([2, 3].contains(secret.count / Self.keyBytes) && secret.count % Self.keyBytes == 0)
        self.profile = profile
        pik = secret.part(0, Self.keyBytes)
        mak = secret.part(Self.keyBytes, Self.keyBytes)
        tdk = secret.count == 3 * Self.keyBytes ? secret.part(2 * Self.keyBytes, Self.keyBytes) : nil
    }

    /// PIK, MAK and TDK end to end, as they are stored.
    var secret: SecretKey {
        let hasTrackKey = tdk != nil
        return SecretKey(count: (hasTrackKey ? 3 : 2) * Self.keyBytes) { block in
            pik.write(to: block, at: 0)
            mak.write(to: block, at: Self.keyBytes)
            _ = tdk.borrowed { $0.write(to: block, at: 2 * Self.keyBytes) }
        }
    }

    /// The MAC, always eight bytes: of the XOR MACs their digits in ASCII, of SM4's CBC-MAC the left half.
    func code(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        do {
            switch profile {
            case .sessionTDES: return UnionPayMAC.code(key: mak, message: message)
            case .sessionTDESCBC: return RetailMAC.algorithm1(key: mak, message: message)
            case .sessionTDESRetail: return RetailMAC.code(key: mak, message: message)
            case .sessionSM4: return Array(try SM4.mac(message, key: mak).prefix(MessageHoles.macLength))
            case .sessionSM4XOR: return try UnionPayMAC.sm4Code(key: mak, message: message)
            case .tdes, .aes: preconditionFailure("DUKPT has no session keys")
            }
        } catch {
            // Cannot happen: SM4 refuses nothing but a key length, and every key here has 16 bytes.
            preconditionFailure("a session key has 16 bytes")
        }
    }

    func encryptPINBlock(_ pin: borrowing ClearPIN, pan: PANDigits) -> [UInt8] {
        profile.isSM4
            ? PINBlock.encryptSM4(pin, pan: pan, key: pik)
            : PINBlock.encrypt(pin, pan: pan, format: .format0, key: pik)
    }

    func decryptPINBlock(_ block: [UInt8], pan: PANDigits) throws(PINBlockError) -> ClearPIN {
        profile.isSM4
            ? try PINBlock.decryptSM4(block, pan: pan, key: pik)
            : try PINBlock.decrypt(block, pan: pan, format: .format0, key: pik)
    }
}
