// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The key that a terminal's session keys come under (TMK). It protects keys and nothing else, and never leaves.
struct TerminalMasterKey: ~Copyable, Sendable {
    let profile: KeyProfile
    private let key: SecretKey

    private var cipher: WorkingKeyDownload.Cipher { profile.isSM4 ? .sm4 : .tdes }

    /// - Returns: nil for DUKPT and for a key that is weak, of one repeated byte or of another length than 16 bytes.
    init?(_ key: borrowing SecretKey, profile: KeyProfile) {
        guard profile.isSession, key.count == SessionKeys.keyBytes,
            (try? KeyGuard.check(key, for: profile.isSM4 ? .aes : .tdes)) != nil
        else { return nil }
        self.profile = profile
        self.key = key.copy()
    }

    /// The check value by which the store knows its key again.
    var checkValue: [UInt8] { WorkingKeyDownload.checkValue(key, cipher) }

    /// The host's side: field 62.
    borrowing func download(_ session: SessionKeys, hasTrackKey: Bool) -> [UInt8]? {
        try? WorkingKeyDownload.seal(session.working(hasTrackKey: hasTrackKey), masterKey: key, cipher: cipher)
    }

    /// The terminal's side: the keys of field 62.
    ///
    /// - Returns: nil for another length, a check value that does not match, a weak key, and a key of single length, which
    ///   no profile here uses.
    borrowing func session(opening download: [UInt8]) -> SessionKeys? {
        guard let keys = try? WorkingKeyDownload.open(download, masterKey: key, cipher: cipher),
            keys.pin.count == SessionKeys.keyBytes, keys.mac.count == SessionKeys.keyBytes
        else { return nil }
        return SessionKeys(profile, keys)
    }

    // MARK: In the stored image

    /// The TMK, and the session's keys behind it where there are any, as one secret: both change together or not at all.
    borrowing func sealed(with session: SessionKeys?, under storage: borrowing SecretKey) -> [UInt8] {
        guard let secret = session?.secret else { return key.wrapped(under: storage) }
        let count = key.count + secret.count
        let blob = SecretKey(count: count) { blob in
            key.write(to: blob, at: 0)
            secret.write(to: blob, at: SessionKeys.keyBytes)
        }
        return blob.wrapped(under: storage)
    }

    /// - Parameter session: the session's keys, where the image has any.
    /// - Returns: nil when the bytes are not such keys that the storage key sealed.
    init?(sealed: [UInt8], profile: KeyProfile, under storage: borrowing SecretKey, session: inout SessionKeys?) {
        let width = SessionKeys.keyBytes
        guard let blob = SecretKey(unwrapping: sealed, under: storage),
            [width, 3 * width, 4 * width].contains(blob.count)
        else { return nil }
        let key = blob.part(0, width)
        self.init(key, profile: profile)
        if blob.count > width { session = SessionKeys(profile, secret: blob.part(width, blob.count - width)) }
    }
}

extension SessionKeys {
    /// The keys of a download.
    fileprivate convenience init(_ profile: KeyProfile, _ keys: borrowing WorkingKeys) {
        let track = keys.track()
        let count = track == nil ? 2 * Self.keyBytes : 3 * Self.keyBytes
        let pin = keys.pin.copy()
        let mac = keys.mac.copy()
        self.init(
            profile,
            secret: SecretKey(count: count) { block in
                pin.write(to: block, at: 0)
                mac.write(to: block, at: Self.keyBytes)
                _ = track.borrowed { $0.write(to: block, at: 2 * Self.keyBytes) }
            })
    }

    /// The keys as a download takes them.
    fileprivate func working(hasTrackKey: Bool) -> WorkingKeys {
        guard hasTrackKey, let track = tdk.borrowed({ $0.copy() }) else {
            return WorkingKeys(pin: pik.copy(), mac: mak.copy())
        }
        return WorkingKeys(pin: pik.copy(), mac: mak.copy(), track: track)
    }
}
