// SPDX-License-Identifier: Apache-2.0

/// A forward-secure MAC (Bellare and Yee 2003; Schneier and Kelsey 1999): each code has a key of its own, each key is
/// the hash of the one before it, and a key that was used is wiped. Whoever takes the key of now makes no code of before.
///
/// The code of number i is the first half of HMAC-SHA-256 under K(i); K(i + 1) is X9.63's hash of K(i). Who makes codes
/// and who verifies them begin with the same first key.
public struct ForwardMAC: ~Copyable, Sendable {
    /// The bytes of a key.
    public static let keyCount = 32
    /// The bytes of a code.
    public static let codeCount = 16
    /// How many numbers one `advance(to:)` may skip.
    public static let skipMax: UInt64 = 1 << 22

    /// The number of the next code.
    public private(set) var index: UInt64
    private var key: SecretKey

    /// - Parameter firstKey: 32 random bytes, of one chain alone.
    /// - Parameter index: the number of the code that `firstKey` makes.
    public init(firstKey: borrowing SecretKey, index: UInt64 = 1) {
        precondition(firstKey.count == Self.keyCount, "the first key of a chain has 32 bytes")
        key = firstKey.copy()
        self.index = index
    }

    /// The code of a message. The key that made it is gone afterwards.
    public mutating func code(_ message: [UInt8]) -> [UInt8] {
        defer { step() }
        return Array(HMACSHA256.code(key: key, message: message).prefix(Self.codeCount))
    }

    /// Whether the code is the next one, of this message; in constant time. The chain goes on if it is, and stays if not.
    public mutating func verify(_ code: [UInt8], message: [UInt8]) -> Bool {
        guard isNext(code, message: message) else { return false }
        step()
        return true
    }

    /// As `verify(_:message:)`, but changes nothing.
    public func isNext(_ code: [UInt8], message: [UInt8]) -> Bool {
        code.count == Self.codeCount && HMACSHA256(key: key).verify(code, message: message)
    }

    /// Goes on to a later number; the keys between are gone.
    ///
    /// - Returns: false for a number that is behind, or more than `skipMax` ahead; the chain then stays.
    public mutating func advance(to index: UInt64) -> Bool {
        guard index >= self.index, index - self.index <= Self.skipMax else { return false }
        while self.index < index { step() }
        return true
    }

    /// A second chain that goes on from here, said aloud: for whoever verifies.
    public borrowing func copy() -> ForwardMAC { ForwardMAC(firstKey: key, index: index) }

    private mutating func step() {
        // The old key is wiped when the new one takes its place.
        key = X963KDF.derive(
            secret: key, sharedInfo: Array("forward MAC".utf8), digest: .sha256, count: Self.keyCount)
        index += 1
    }

    // MARK: At rest

    private static let indexCount = 8
    private static var label: StaticString { "forward MAC" }

    /// Number and key for a file, encrypted and authenticated by AES-GCM.
    ///
    /// - Parameter wrappingKey: 16, 24 or 32 bytes.
    public borrowing func wrapped(under wrappingKey: borrowing SecretKey) -> [UInt8] {
        let index = index
        let key = key.copy()
        let blob = SecretKey(count: Self.indexCount + Self.keyCount) { blob in
            withUnsafeBytes(of: index.bigEndian) { blob.copyBytes(from: $0) }
            key.withBytes { UnsafeMutableRawBufferPointer(rebasing: blob[Self.indexCount...]).copyMemory(from: $0) }
        }
        return blob.sealed(under: wrappingKey, label: Self.label)
    }

    /// The inverse of `wrapped(under:)`.
    ///
    /// - Returns: nil when the bytes are not a chain that this key wrapped.
    public init?(unwrapping bytes: [UInt8], under wrappingKey: borrowing SecretKey) {
        guard let blob = SecretKey(sealed: bytes, under: wrappingKey, label: Self.label),
            blob.count == Self.indexCount + Self.keyCount
        else { return nil }
        index = blob.withBytes { $0[..<Self.indexCount].reduce(0) { $0 << 8 | UInt64($1) } }
        key = blob.withBytes { bytes in
            SecretKey(count: Self.keyCount) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Self.indexCount...]))
            }
        }
    }
}
