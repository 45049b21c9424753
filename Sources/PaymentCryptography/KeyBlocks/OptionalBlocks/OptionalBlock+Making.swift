// SPDX-License-Identifier: Apache-2.0

/// Optional blocks from what they say.
extension KeyBlockHeader.OptionalBlock {
    /// KC or KP.
    init(_ id: String, _ value: KeyCheckValue) {
        self.init(id: id, text: Self.hex([value.method.rawValue] + value.value))
    }

    /// KS: of a TDES DUKPT base derivation or initial key.
    public static func keySerialNumber(_ ksn: TDESKeySerialNumber) -> Self { .init(id: "KS", text: hex(ksn.bytes)) }

    /// IK: of an AES DUKPT initial key.
    public static func initialKeyID(_ ksn: AESKeySerialNumber) -> Self {
        .init(id: "IK", text: hex(Array(ksn.bytes.prefix(8))))
    }

    /// HM: of an HMAC key.
    public static func hash(_ hash: HMACHash) -> Self { .init(id: "HM", text: hash.rawValue) }

    /// LB: printable ASCII.
    public static func label(_ text: String) -> Self { .init(id: "LB", text: text) }

    /// TS: when the key block is made.
    public static func timeStamp(_ time: KeyBlockTime) -> Self { .init(id: "TS", text: time.text) }

    /// TC: when the key was made.
    public static func timeOfCreation(_ time: KeyBlockTime) -> Self { .init(id: "TC", text: time.text) }

    /// DA: what a derivation key may derive.
    public static func derivations(_ attributes: [KeyAttributes]) -> Self {
        let text = attributes.map {
            $0.usage.rawValue + $0.algorithm.rawValue + $0.modeOfUse.rawValue + $0.exportability.rawValue
        }
        return .init(id: "DA", text: "01" + text.joined())
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
