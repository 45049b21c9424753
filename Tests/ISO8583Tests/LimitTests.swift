// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Limits of specifications and messages")
struct LimitTests {
    private static let fixed: JSON = ["name": "x", "kind": "n", "len": "fixed", "max": 2, "enc": "ascii"]

    private func problems(_ document: JSON) -> [String]? {
        error(SpecError.self) { try MessageSpec.all(json: Array(document.text.utf8)) }?.problems.map(\.path)
    }

    private func numbered(_ count: Int, _ name: (Int) -> String, _ value: (Int) -> JSON) -> JSON {
        .object((0..<count).map { .init(name($0), value($0)) })
    }

    @Test("A file has at most 64 specifications", arguments: [(1, nil), (64, nil), (65, ["specs"]), (0, ["specs"])])
    func specifications(count: Int, paths: [String]?) {
        let specs = numbered(count, { "s\($0)" }) { number in
            [
                "id": .string("s\(number)"), "mti": ["enc": "ascii"], "bitmap": ["enc": "binary", "maxFields": 64],
                "fields": ["3": Self.fixed],
            ]
        }
        #expect(problems(["format": "iso8583-spec/1", "specs": specs]) == paths)
    }

    @Test("A field has at most 15 overlays", arguments: [(15, nil), (16, ["fields.4.overlays"])])
    func overlays(count: Int, paths: [String]?) {
        let overlay: JSON = ["mti": ["0800"], "kind": "n", "len": "fixed", "max": 4, "enc": "ascii"]
        let list = JSON.array([JSON](repeating: overlay, count: count))
        let document = SpecText.document(fields: ["4": Self.fixed.replacing("overlays", with: list)])
        #expect(problems(document) == paths)
    }

    @Test("At most 16 fields have overlays", arguments: [(16, nil), (17, ["fields.18.overlays"])])
    func overlaidFields(count: Int, paths: [String]?) throws {
        let overlay: JSON = ["mti": ["0800"], "kind": "n", "len": "fixed", "max": 4, "enc": "ascii"]
        let field = Self.fixed.replacing("overlays", with: .array([overlay]))
        let document = SpecText.document(fields: numbered(count, { "\($0 + 2)" }) { _ in field })
        #expect(problems(document) == paths)
        guard paths == nil else { return }
        let spec = try SpecText.spec(document)
        for (mti, width) in [(MTI.networkRequest, 4), (.financialRequest, 2)] {
            var builder = MessageBuilder(mti, spec: spec)
            for number in 2...17 { builder.set(number, number: UInt64(number)) }
            let view = try MessageView(try builder.encode().bytes, spec: spec)
            for number in 2...17 { #expect(view.range(of: number)?.count == width) }
        }
    }

    @Test("A specification has at most 1,000 rules", arguments: [(1_000, nil), (1_001, ["messages"])])
    func rules(count: Int, paths: [String]?) {
        let rule: JSON = [
            "mti": "0200", "when": ["field": 3, "is": "00"], "name": "x", "served": true, "mac": "never",
            "mandatory": [], "conditional": [], "optional": [],
        ]
        let rules = numbered(count, { "r\($0)" }) { _ in rule }
        #expect(problems(SpecText.document(fields: ["3": Self.fixed], messages: rules)) == paths)
    }

    @Test("Three bitmaps announce 192 fields, and a message of all of them is read")
    func allFields() throws {
        let fields = numbered(191, { "\($0 + 2)" }) { _ in Self.fixed }.replacing("65", with: nil)
        let spec = try SpecText.spec(
            SpecText.document(fields: fields, bitmap: ["enc": "binary", "maxFields": 192], count: 192))
        var builder = MessageBuilder(.financialRequest, spec: spec)
        for field in spec.definedFields.fields { builder.set(field, text: String("\(100 + field % 100)".dropFirst())) }
        let bytes = try builder.encode().bytes
        #expect(bytes.count == 4 + 24 + 190 * 2)
        let view = try MessageView(bytes, spec: spec)
        #expect(view.fields.count == 190 && view.fields.last == 192)
        for field in view.fields.fields { #expect(view.number(field) == UInt64(field % 100)) }
        #expect(try Message(view).encoded() == bytes)
        // A third bitmap without a field is not needed.
        let idle =
            Array("0200".utf8) + [0x80] + [UInt8](repeating: 0, count: 7) + [0x80] + [UInt8](repeating: 0, count: 15)
        let found = error(DecodeError.self) { try MessageView(idle, spec: spec) }
        #expect(found == DecodeError(path: "1", offset: 20, kind: .badBitmap))
    }

    @Test("In a dialect of three bitmaps field 65 announces the third and cannot be a field")
    func announcer() {
        let document = SpecText.document(fields: ["65": Self.fixed], bitmap: ["enc": "binary", "maxFields": 192])
        #expect(problems(document) == ["fields.65"])
    }

    @Test(
        "A value of the greatest length is taken, one longer refused, in every prefix",
        arguments: ["ascii", "bcd", "ebcdic", "binary", "hexascii"], ["byte", "char", "digit", "nibble"])
    func lengths(prefix: String, unit: String) throws {
        let spec = try SpecText.spec(fields: [
            "48": [
                "name": "x", "kind": "ans", "len": "LLL", "min": 3, "max": 40, "lenEnc": .string(prefix),
                "lenUnit": .string(unit), "enc": "ascii",
            ]
        ])
        for (count, kind) in [(2, false), (3, true), (40, true), (41, false)] {
            var builder = MessageBuilder(.financialRequest, spec: spec)
            builder.set(48, text: String(repeating: "x", count: count))
            if kind {
                let bytes = try builder.encode().bytes
                #expect(try MessageView(bytes, spec: spec).text(48)?.count == count)
            } else {
                let refused = EncodeError.Kind.badLength(given: count, minimum: 3, maximum: 40)
                #expect(error(EncodeError.self) { try builder.encode() }?.kind == refused)
            }
        }
    }
}
