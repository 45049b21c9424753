// SPDX-License-Identifier: Apache-2.0

/// The keys that a terminal works with from one sign-on to the next.
public struct WorkingKeys: ~Copyable, Sendable {
    /// What a working key is for.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// For PIN blocks.
        case pik = "PIK"
        /// For codes over messages.
        case mak = "MAK"
        /// For track data.
        case tdk = "TDK"
    }

    /// For PIN blocks: 8 or 16 bytes.
    public let pin: SecretKey
    /// For codes over messages: 8 or 16 bytes.
    public let mac: SecretKey
    /// Whether there is a key for track data; track data goes in the clear without one.
    public let hasTrackKey: Bool
    // One byte of nothing where there is none: a stored optional that cannot be copied is read wrongly across modules
    // by the compiler of Swift 6.3.1.
    private let trackKey: SecretKey

    /// Keys that were made elsewhere, without one for track data.
    public init(pin: consuming SecretKey, mac: consuming SecretKey) {
        self.pin = pin
        self.mac = mac
        hasTrackKey = false
        trackKey = SecretKey(count: 1) { _ in }
    }

    /// Keys that were made elsewhere.
    public init(pin: consuming SecretKey, mac: consuming SecretKey, track: consuming SecretKey) {
        self.pin = pin
        self.mac = mac
        hasTrackKey = true
        trackKey = track
    }

    /// A copy of the key for track data, 16 bytes; nil where there is none.
    public borrowing func track() -> SecretKey? { hasTrackKey ? trackKey.copy() : nil }

    /// Fresh keys of 16 bytes, sound by `KeyGuard`.
    public static func random(
        _ cipher: WorkingKeyDownload.Cipher, hasTrackKey: Bool = false
    ) throws(KeyStrengthError) -> WorkingKeys {
        let pin = try fresh(cipher)
        let mac = try fresh(cipher)
        guard hasTrackKey else { return WorkingKeys(pin: pin, mac: mac) }
        return WorkingKeys(pin: pin, mac: mac, track: try fresh(cipher))
    }

    private static func fresh(_ cipher: WorkingKeyDownload.Cipher) throws(KeyStrengthError) -> SecretKey {
        let key = cipher == .tdes ? SecretKey.random(count: 16).withOddParity() : SecretKey.random(count: 16)
        try KeyGuard.check(key, for: cipher.guarded)
        return key
    }
}
