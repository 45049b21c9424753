// SPDX-License-Identifier: Apache-2.0

/// Why a key download is not taken, or cannot be made.
public enum WorkingKeyError: Error, Equatable, Sendable {
    /// Field 62 has not 24, 40 or 60 bytes; in bytes.
    case length(Int)
    /// The terminal's master key has not 16 or 24 bytes (Triple DES) or 16 (SM4); in bytes.
    case masterKeyLength(Int)
    /// The terminal's master key is not to be used: a sample key, or a weak one.
    case masterKey(KeyStrengthError)
    /// The key and its check value do not belong together: another master key, or a byte changed on the way.
    case checkValue(WorkingKeys.Name)
    /// A key that arrived whole is weak.
    case weakKey(WorkingKeys.Name, KeyStrengthError)
    /// Not a length that field 62 has room for; in bytes.
    case keyLength(WorkingKeys.Name, Int)
}

/// Field 62 of a UnionPay terminal's sign-on answer (0810): the working keys under the terminal's master key, each with a
/// check value of four bytes, the first of a zero block under the key.
///
/// | Bytes | PIK | MAK | TDK |
/// | --- | --- | --- | --- |
/// | 24 | 8 + 4 | 8 + 4 | |
/// | 40 | 16 + 4 | 8, eight zeros, 4; or 16 + 4 | |
/// | 60 | 16 + 4 | 8, eight zeros, 4; or 16 + 4 | 16 + 4 |
public enum WorkingKeyDownload {
    /// The cipher of the keys and of what protects them.
    public enum Cipher: Hashable, Sendable {
        /// DES and Triple DES in ECB (60.3 001, 003 and 004).
        case tdes
        /// SM4 in ECB (60.3 005 with the terminals that have it).
        case sm4

        var guarded: KeyAlgorithm { self == .tdes ? .tdes : .aes }
    }

    /// The bytes of a check value.
    public static let checkValueCount = 4
    /// The lengths of field 62 whose layout is known.
    public static let counts = [24, 40, 60]

    /// The terminal's side: decrypts the keys and checks each against its check value, all of them before an answer.
    ///
    /// - Parameter field: the value of field 62, without its length.
    /// - Parameter masterKey: the terminal's master key (TMK); sample keys of one repeated byte are refused.
    public static func open(
        _ field: [UInt8], masterKey: borrowing SecretKey, cipher: Cipher = .tdes
    ) throws(WorkingKeyError) -> WorkingKeys {
        try check(masterKey, cipher)
        let keys = try openUnchecked(field, masterKey: masterKey, cipher: cipher)
        try strengthen(keys.pin, .pik, cipher)
        try strengthen(keys.mac, .mak, cipher)
        if let track = keys.track() { try strengthen(track, .tdk, cipher) }
        return keys
    }

    /// As `open`, with any master key and any working key, weak ones too: for published samples and calculators.
    package static func openUnchecked(
        _ field: [UInt8], masterKey: borrowing SecretKey, cipher: Cipher = .tdes
    ) throws(WorkingKeyError) -> WorkingKeys {
        try checkLength(masterKey, cipher)
        guard counts.contains(field.count), cipher == .tdes || field.count != 24 else { throw .length(field.count) }
        let width = field.count == 24 ? 8 : 16
        func part(_ index: Int) -> (key: ArraySlice<UInt8>, checkValue: [UInt8]) {
            let start = index * (width + checkValueCount)
            return (field[start..<start + width], Array(field[start + width..<start + width + checkValueCount]))
        }
        let (pin, mac) = (part(0), part(1))
        let isShort = cipher == .tdes && width == 16 && mac.key.suffix(8).allSatisfy { $0 == 0 }
        let track = field.count == 60 ? part(2) : nil
        let pinKey = decrypted(pin.key, masterKey, cipher)
        let macKey = decrypted(isShort ? mac.key.prefix(8) : mac.key, masterKey, cipher)
        let keys: WorkingKeys
        if let track {
            keys = WorkingKeys(pin: pinKey, mac: macKey, track: decrypted(track.key, masterKey, cipher))
        } else {
            keys = WorkingKeys(pin: pinKey, mac: macKey)
        }
        let matches = [
            constantTimeEquals(checkValue(keys.pin, cipher), pin.checkValue),
            constantTimeEquals(checkValue(keys.mac, cipher), mac.checkValue),
            trackMatches(keys, track?.checkValue, cipher),
        ]
        for (name, matches) in zip(WorkingKeys.Name.allCases, matches) where !matches { throw .checkValue(name) }
        return keys
    }

    /// The host's side: field 62 for the keys, 24, 40 or 60 bytes by their lengths.
    ///
    /// - Parameter masterKey: the terminal's master key.
    public static func seal(
        _ keys: borrowing WorkingKeys, masterKey: borrowing SecretKey, cipher: Cipher = .tdes
    ) throws(WorkingKeyError) -> [UInt8] {
        try check(masterKey, cipher)
        let width = keys.pin.count
        guard width == 16 || (width == 8 && cipher == .tdes) else { throw .keyLength(.pik, width) }
        guard keys.mac.count == width || (keys.mac.count == 8 && cipher == .tdes) else {
            throw .keyLength(.mak, keys.mac.count)
        }
        var field = encrypted(keys.pin, masterKey, cipher) + checkValue(keys.pin, cipher)
        field += encrypted(keys.mac, masterKey, cipher)
        field += [UInt8](repeating: 0, count: width - keys.mac.count) + checkValue(keys.mac, cipher)
        if let track = keys.track() {
            guard width == 16, track.count == 16 else { throw .keyLength(.tdk, track.count) }
            field += encrypted(track, masterKey, cipher) + checkValue(track, cipher)
        }
        return field
    }

    /// The check value of a working key: the first four bytes of a zero block under it.
    ///
    /// - Parameter key: 8, 16 or 24 bytes (Triple DES), or 16 (SM4).
    public static func checkValue(_ key: borrowing SecretKey, _ cipher: Cipher = .tdes) -> [UInt8] {
        let zeros = SecretKey(count: cipher == .tdes ? 8 : 16) { _ in }
        return Array(encrypted(zeros, key, cipher).prefix(checkValueCount))
    }

    // MARK: - Steps

    private static func trackMatches(_ keys: borrowing WorkingKeys, _ value: [UInt8]?, _ cipher: Cipher) -> Bool {
        guard let value, let track = keys.track() else { return value == nil }
        return constantTimeEquals(checkValue(track, cipher), value)
    }

    private static func checkLength(_ key: borrowing SecretKey, _ cipher: Cipher) throws(WorkingKeyError) {
        guard key.count == 16 || (key.count == 24 && cipher == .tdes) else { throw .masterKeyLength(key.count) }
    }

    private static func check(_ key: borrowing SecretKey, _ cipher: Cipher) throws(WorkingKeyError) {
        try checkLength(key, cipher)
        do { try KeyGuard.check(key, for: cipher.guarded) } catch { throw .masterKey(error) }
    }

    /// Keys of single length are what old terminals ask for: nothing makes them strong, so only their value is checked.
    private static func strengthen(
        _ key: borrowing SecretKey, _ name: WorkingKeys.Name, _ cipher: Cipher
    ) throws(WorkingKeyError) {
        guard key.count != 8 else { return }
        do { try KeyGuard.check(key, for: cipher.guarded) } catch { throw .weakKey(name, error) }
    }

    private static func encrypted(
        _ data: borrowing SecretKey, _ key: borrowing SecretKey, _ cipher: Cipher
    ) -> [UInt8] {
        let copy = data.copy()
        return [UInt8](unsafeUninitializedCapacity: copy.count) { output, initialized in
            let block = UnsafeMutableRawBufferPointer(start: output.baseAddress, count: copy.count)
            copy.withBytes { block.copyMemory(from: $0) }
            transform(block, key, cipher, encrypting: true)
            initialized = copy.count
        }
    }

    private static func decrypted(
        _ data: ArraySlice<UInt8>, _ key: borrowing SecretKey, _ cipher: Cipher
    ) -> SecretKey {
        SecretKey(count: data.count) { output in
            output.copyBytes(from: data)
            transform(output, key, cipher, encrypting: false)
        }
    }

    /// Whole blocks in place, each by itself.
    private static func transform(
        _ blocks: UnsafeMutableRawBufferPointer, _ key: borrowing SecretKey, _ cipher: Cipher, encrypting: Bool
    ) {
        guard cipher == .tdes else { return SM4.transformECB(blocks, key: key, encrypting: encrypting) }
        let whole = key.count == 8 ? key.repeatedTwice() : key.copy()
        whole.withBytes { key in
            TripleDES.with(key: key) { des in
                for offset in stride(from: 0, to: blocks.count, by: 8) {
                    let block = blocks.word(at: offset)
                    blocks.setWord(encrypting ? des.encrypt(block) : des.decrypt(block), at: offset)
                }
            }
        }
    }
}
