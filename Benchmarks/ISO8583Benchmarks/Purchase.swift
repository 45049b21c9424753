// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// A purchase (0200) of 22 fields and 339 bytes in ASCII, with a PIN, chip data and an authentication code: the shape
/// that other codecs have been measured with. All its values are made up.
struct Purchase {
    private let spec: MessageSpec
    private let merchant: String
    private let name: String
    private let track: String
    private let chip: [UInt8]
    private let pin = [UInt8](repeating: 0x5A, count: 8)

    static let echoed = FieldSet([2, 3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49])

    init(_ spec: MessageSpec) {
        self.spec = spec
        merchant = "MERCHANT0000001"
        name = "CORNER SHOP            SOMEWHERE      CN"
        track = "6200000000000005=30122010000000000000"
        chip =
            Hex.bytes(
                "9F26081122334455667788" + "9F270180" + "9F100706010A03A00000" + "9F370401020304" + "9F36020001"
                    + "950500000000009A03260101" + "9C0100" + "9F02060000000012505F2A020156" + "82023900" + "9F1A020156"
                    + "9F3303E0F0C8" + "9F3501225F340101" + "84055566778899") ?? []
    }

    func encoded(stan: UInt32 = 42) throws -> EncodedMessage {
        var builder = MessageBuilder(.financialRequest, spec: spec)
        fill(&builder, stan: stan)
        return try builder.encode()
    }

    /// Sets all fields.
    func fill(_ builder: inout MessageBuilder, stan: UInt32) {
        builder.set(2, number: 6_200_000_000_000_005)
        builder.set(3, number: 0)
        builder.set(4, number: 1_250)
        builder.set(7, number: 101_120_000)
        builder.set(.stan, STAN(stan))
        builder.set(12, number: 120_000)
        builder.set(13, number: 101)
        builder.set(14, number: 3_012)
        builder.set(18, number: 5_411)
        builder.set(22, number: 51)
        builder.set(25, number: 0)
        builder.set(32, number: 12_345_678)
        builder.set(35, text: track)
        builder.set(37, number: 1)
        builder.set(41, text: "TILL0001")
        builder.set(42, text: merchant)
        builder.set(43, text: name)
        builder.set(49, number: 156)
        builder.set(52, bytes: pin)
        builder.set(55, bytes: chip)
        builder.set(60, text: "1234567")
        builder.reserveMAC()
    }

    /// ASCII throughout, the bitmap binary.
    static var spec: [UInt8] {
        let fixed = { (kind: String, count: Int64) -> JSON in
            ["name": "x", "kind": .string(kind), "len": "fixed", "max": .integer(count), "enc": "ascii"]
        }
        let variable = { (kind: String, prefix: String, count: Int64, encoding: String) -> JSON in
            [
                "name": "x", "kind": .string(kind), "len": .string(prefix), "max": .integer(count),
                "enc": .string(encoding), "lenEnc": "ascii", "lenUnit": "byte",
            ]
        }
        let binary: JSON = ["name": "x", "kind": "b", "len": "fixed", "max": 8, "enc": "binary"]
        let document: JSON = [
            "format": "iso8583-spec/1", "id": "benchmark", "mti": ["enc": "ascii"],
            "bitmap": ["enc": "binary", "maxFields": 128], "mac": ["fields": [64, 128], "from": "mti"],
            "fields": [
                "2": variable("n", "LL", 19, "ascii"), "3": fixed("n", 6), "4": fixed("n", 12), "7": fixed("n", 10),
                "11": fixed("n", 6), "12": fixed("n", 6), "13": fixed("n", 4), "14": fixed("n", 4),
                "18": fixed("n", 4), "22": fixed("n", 3), "25": fixed("n", 2), "32": variable("n", "LL", 11, "ascii"),
                "35": variable("z", "LL", 37, "ascii"), "37": fixed("an", 12), "38": fixed("an", 6),
                "39": fixed("an", 2), "41": fixed("ans", 8), "42": fixed("ans", 15), "43": fixed("ans", 40),
                "49": fixed("n", 3), "52": binary, "55": variable("b", "LLL", 255, "binary"),
                "60": variable("ans", "LLL", 99, "ascii"), "64": binary, "128": binary,
            ],
        ]
        return Array(document.text.utf8)
    }
}
