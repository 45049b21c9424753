// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Masking")
struct MaskingTests {
    @Test("No tool sees an account number, track, PIN block or chip value")
    func masked() throws {
        var builder = Sample.purchase()
        builder.set(35, text: "4761739001010010=30122011143804489")
        builder.set(52, bytes: try #require(Hex.bytes("3D87C8B8FA17C67C")))
        builder.set(55, bytes: try #require(Hex.bytes("5A084761739001010010820239 00".filter { $0 != " " })))
        builder.set(57, bytes: [UInt8](repeating: 0xAB, count: 40))
        builder.set(110, bytes: try #require(Hex.bytes("00112233445566778899AABBCCDDEEFF")))
        let view = try MessageView(try builder.encode().bytes, spec: Sample.spec)
        let shown = Masking.masked(view)
        func value(_ field: Int) -> String? { shown.first { $0.field == field }?.value }
        #expect(shown.map(\.field) == view.fields.fields)
        #expect(value(2) == "476173******0010")
        #expect(value(35) == "476173******0010=*****************")
        #expect(value(52) == "[8 bytes]")
        #expect(value(55) == "5A [8] 82 [2]")
        #expect(value(57) == String(repeating: "AB", count: 32) + "… [40 bytes]")
        #expect(value(110) == "[16 bytes]")
        #expect(value(4) == "000000012500")
        #expect(value(128) == "0000000000000000")
        #expect(shown.first?.name == "primary account number")
        let all = shown.map(\.value).joined()
        for secret in ["4761739001010010", "39001010", "3D87C8B8", "20111438", "00112233"] {
            #expect(!all.contains(secret))
        }
    }

    @Test(
        "A short number shows nothing",
        arguments: [("", ""), ("1234", "****"), ("123456789012", "************"), ("1234567890123", "123456***0123")])
    func short(pan: String, shown: String) {
        #expect(Masking.masked(pan: pan) == shown)
    }

    @Test("An error says where and what, and no value")
    func errors() throws {
        var bytes = try Sample.purchaseBytes()
        bytes[20] = 0x41
        let found = try #require(error(DecodeError.self) { try MessageView(bytes, spec: Sample.spec) })
        #expect("\(found)" == "field 2 at byte 20: badCharacter(expected: digits, found: letters)")
    }
}
