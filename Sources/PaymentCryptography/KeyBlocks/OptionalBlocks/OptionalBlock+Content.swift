// SPDX-License-Identifier: Apache-2.0

extension KeyBlockHeader.OptionalBlock {
    /// What an optional block says (X9.143:2021 table 7).
    public enum Content: Equatable, Sendable {
        /// AL: an asymmetric key is for one use, or permanent.
        case asymmetricKeyLife(isPermanent: Bool)
        /// BI: the key set identifier (TDES DUKPT, five bytes) of a base derivation key.
        case keySetID([UInt8])
        /// BI: the identifier (AES DUKPT, four bytes) of a base derivation key.
        case baseDerivationKeyID([UInt8])
        /// CT: certificates of the key, one or a chain.
        case certificates([Certificate])
        /// DA: what a derivation key may derive.
        case derivations([KeyAttributes])
        /// FL: flags, as they stand.
        case flags(String)
        /// HM: the hash of an HMAC key.
        case hash(HMACHash)
        /// IK: the initial key ID of AES DUKPT, eight bytes.
        case initialKeyID([UInt8])
        /// KC: of the key.
        case checkValue(KeyCheckValue)
        /// KP: of the protection key.
        case protectionCheckValue(KeyCheckValue)
        /// PK: of the protection key under which the key was exported.
        case exportCheckValue(KeyCheckValue)
        /// KS: the initial key serial number of TDES DUKPT, ten bytes; eight in an old form.
        case keySerialNumber([UInt8])
        /// KV: deprecated key block values, as they stand.
        case values(String)
        /// LB: a label.
        case label(String)
        /// PB: padding.
        case padding
        /// TC: when the key was made.
        case timeOfCreation(KeyBlockTime)
        /// TS: when the key block was made.
        case timeStamp(KeyBlockTime)
        /// WP: how well the key was ever protected.
        case wrappingPedigree(WrappingPedigree)
        /// A block that the standard does not name, or a proprietary one.
        case other
    }

    /// A certificate in base 64.
    public struct Certificate: Equatable, Sendable {
        /// The certificate's form (table 11).
        public enum Format: String, Sendable { case x509 = "00", emv = "01" }
        public let format: Format
        public let base64: String

        public init(format: Format, base64: String) {
            self.format = format
            self.base64 = base64
        }
    }

    /// How well a key was ever protected (table 23).
    public enum WrappingPedigree: UInt8, Sendable {
        /// By keys at least as strong.
        case atLeastAsStrong = 0
        /// By a weaker key.
        case weaker = 1
        /// By an asymmetric key that a quantum computer could break.
        case asymmetric = 2
        /// By an asymmetric and a weaker key.
        case asymmetricAndWeaker = 3
    }

    /// What the standard calls a block of this name; nil for what it does not name.
    public static func name(_ id: String) -> String? {
        switch id {
        case "AL": "life of an asymmetric key"
        case "BI": "identifier of the base derivation key"
        case "CT": "public key certificate"
        case "DA": "derivations allowed"
        case "FL": "flags"
        case "HM": "hash algorithm of an HMAC key"
        case "IK": "initial key identifier (AES DUKPT)"
        case "KC": "check value of the key"
        case "KP": "check value of the protection key"
        case "KS": "initial key serial number (TDES DUKPT)"
        case "KV": "key block values"
        case "LB": "label"
        case "PB": "padding"
        case "PK": "check value of the protection key of an export"
        case "TC": "time of creation"
        case "TS": "time stamp"
        case "WP": "wrapping pedigree"
        default: nil
        }
    }

    /// Reads the text.
    ///
    /// - Returns: nil when it is not well formed.
    public func content() -> Content? {
        guard isWellFormed else { return nil }
        switch id {
        case "AL": return .asymmetricKeyLife(isPermanent: text.hasSuffix("1"))
        case "BI":
            let bytes = Self.bytes(text)
            return bytes[0] == 0 ? .keySetID(Array(bytes[1...])) : .baseDerivationKeyID(Array(bytes[1...]))
        case "CT": return .certificates(certificates)
        case "DA": return .derivations(derivations)
        case "FL": return .flags(text)
        case "HM": return .hash(HMACHash(rawValue: text))
        case "IK": return .initialKeyID(Self.bytes(text))
        case "KC": return checkValue.map { .checkValue($0) }
        case "KP": return checkValue.map { .protectionCheckValue($0) }
        case "PK": return checkValue.map { .exportCheckValue($0) }
        case "KS": return .keySerialNumber(Self.bytes(text))
        case "KV": return .values(text)
        case "LB": return .label(text)
        case "PB": return .padding
        case "TC": return KeyBlockTime(text).map { .timeOfCreation($0) }
        case "TS": return KeyBlockTime(text).map { .timeStamp($0) }
        case "WP":
            return Self.bytes("0" + text.suffix(1)).first.flatMap(WrappingPedigree.init).map(Content.wrappingPedigree)
        default: return .other
        }
    }

    /// The value of KC, KP or PK; nil when it is not well formed.
    var checkValue: KeyCheckValue? {
        guard id == "KC" || id == "KP" || id == "PK", isWellFormed else { return nil }
        let bytes = Self.bytes(text)
        return KeyCheckValue.Method(rawValue: bytes[0]).flatMap { KeyCheckValue($0, Array(bytes[1...])) }
    }

    private var certificates: [Certificate] {
        var list: [Certificate] = []
        _ = Self.certificates(text) { format, certificate in
            list.append(Certificate(format: format == "00" ? .x509 : .emv, base64: String(certificate)))
        }
        return list
    }

    private var derivations: [KeyAttributes] {
        let letters = Array(text.dropFirst(2))
        return stride(from: 0, to: letters.count, by: 5).map { start in
            func part(_ range: Range<Int>) -> String {
                String(letters[start + range.lowerBound..<start + range.upperBound])
            }
            return KeyAttributes(
                usage: KeyUsage(rawValue: part(0..<2)), algorithm: KeyAlgorithm(rawValue: part(2..<3)),
                modeOfUse: ModeOfUse(rawValue: part(3..<4)), exportability: Exportability(rawValue: part(4..<5)))
        }
    }

    /// Of pairs of hexadecimal digits, which have been looked at.
    private static func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: Int?
        for digit in hex.utf8 {
            let value = hexDigit(digit) ?? 0
            if let first = high { bytes.append(UInt8(first << 4 | value)) }
            high = high == nil ? value : nil
        }
        return bytes
    }
}
