// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Specification files")
struct SpecLoaderTests {
    static let good = SpecText.document(
        fields: [
            "2": [
                "name": "account", "kind": "n", "len": "LL", "min": 8, "max": 19, "lenEnc": "bcd", "lenUnit": "digit",
                "enc": "bcd", "pad": "right:0", "sensitive": "pan",
            ],
            "3": ["name": ["zh": "码", "en": "code"], "kind": "n", "len": "fixed", "max": 6, "enc": "ascii"],
            "48": [
                "name": "mixed", "kind": "ans", "len": "LLL", "max": 99, "lenEnc": "ascii", "lenUnit": "char",
                "enc": "ascii",
                "sub": [
                    "type": "tagged", "tag": ["enc": "ascii", "bytes": 2], "unknown": "keep",
                    "length": ["len": "LL", "lenEnc": "ascii", "lenUnit": "byte", "max": 99],
                    "fields": ["01": ["name": "one", "kind": "n", "max": 6, "enc": "ascii"]],
                ],
                "overlays": [
                    [
                        "mti": ["0800"], "when": ["field": 3, "at": 1, "is": ["9"]], "kind": "b", "len": "fixed",
                        "max": 8, "enc": "binary",
                    ]
                ],
            ],
            "55": [
                "name": "chip", "kind": "b", "len": "LL", "lenBytes": 1, "max": 255, "lenEnc": "binary",
                "lenUnit": "byte", "enc": "binary", "sub": "ber-tlv",
            ],
            "60": [
                "name": "digits", "kind": "n", "len": "LLL", "max": 20, "lenEnc": "bcd", "lenUnit": "digit",
                "enc": "bcd", "pad": "left:F",
                "sub": [
                    "type": "positional", "required": 1, "rest": "keep",
                    "fields": [
                        "1": ["name": "one", "kind": "n", "max": 2], "2": ["name": "two", "kind": "n", "max": 3],
                    ],
                ],
            ],
            "61": [
                "name": "bits", "kind": "b", "len": "LLL", "max": 99, "lenEnc": "ascii", "lenUnit": "byte",
                "enc": "binary",
                "sub": [
                    "type": "bitmapped", "bitmap": ["enc": "binary", "bytes": 1],
                    "fields": ["3": ["name": "three", "kind": "n", "len": "fixed", "max": 2, "enc": "bcd"]],
                ],
            ],
            "64": ["name": "code", "kind": "b", "len": "fixed", "max": 8, "enc": "binary"],
        ],
        mac: [64],
        messages: [
            "purchase": [
                "mti": "0200", "when": [["field": 3, "is": "000000"]], "name": "purchase", "served": true,
                "mac": "required", "mandatory": [3],
                "conditional": [
                    ["field": 2, "without": [55]], ["field": 60, "when": ["field": 48, "present": true]],
                ],
                "optional": [55],
            ],
            "0200": [
                "name": "financial", "served": true, "mac": "optional", "mandatory": [3], "conditional": [],
                "optional": [],
            ],
        ])

    /// A change to the good file, and the path of the only problem that it must cause.
    static let faults: [(change: String, value: JSON?, path: String)] = [
        ("format", "iso8583-spec/2", "format"),
        ("id", nil, "id"),
        ("nme", "x", "nme"),
        ("limits/bytes", 65_536, "limits.bytes"),
        ("limits/fields", 0, "limits.fields"),
        ("mti", nil, "mti"),
        ("mti/enc", "binary", "mti.enc"),
        ("bitmap/enc", "ascii", "bitmap.enc"),
        ("bitmap/maxFields", 100, "bitmap.maxFields"),
        ("bitmap/secondary", "never", "bitmap.secondary"),
        ("mac/fields", [64, 64], "mac.fields[1]"),
        ("mac/fields", [128], "mac.fields[0]"),
        ("mac/from", nil, "mac.from"),
        ("mux", [5], "mux[0]"),
        ("timeouts", ["long": 0], "timeouts.long"),
        ("otherMessages", "maybe", "otherMessages"),
        ("fields/1", ["name": "x"], "fields.1"),
        ("fields/129", ["name": "x"], "fields.129"),
        ("fields/03", ["name": "x"], "fields.03"),
        ("fields/3/name", nil, "fields.3.name"),
        ("fields/3/name/zh", nil, "fields.3.name.zh"),
        ("fields/3/kind", "nn", "fields.3.kind"),
        ("fields/3/enc", "binary", "fields.3.enc"),
        ("fields/3/enc", nil, "fields.3.enc"),
        ("fields/3/len", "LLLLLLL", "fields.3.len"),
        ("fields/3/max", 0, "fields.3.max"),
        ("fields/3/max", "6", "fields.3.max"),
        ("fields/3/lenUnit", "byte", "fields.3.lenUnit"),
        ("fields/3/pad", "left:0", "fields.3.pad"),
        ("fields/3/sensitive", "yes", "fields.3.sensitive"),
        ("fields/3/sub", "ber-tlv", "fields.3.sub"),
        ("fields/3/sub", "tlv", "fields.3.sub"),
        ("fields/2/pad", nil, "fields.2.pad"),
        ("fields/2/pad", "right", "fields.2.pad"),
        ("fields/2/pad", "middle:0", "fields.2.pad"),
        ("fields/2/pad", "left:G", "fields.2.pad"),
        ("fields/2/lenUnit", nil, "fields.2.lenUnit"),
        ("fields/2/lenUnit", "bits", "fields.2.lenUnit"),
        ("fields/2/lenEnc", nil, "fields.2.lenEnc"),
        ("fields/2/lenBytes", 1, "fields.2.lenBytes"),
        ("fields/2/max", 100, "fields.2.max"),
        ("fields/2/min", 20, "fields.2.min"),
        ("fields/55/max", 256, "fields.55.max"),
        ("fields/48/overlays", [], "fields.48.overlays"),
        ("fields/48/overlays/0/mti", ["800"], "fields.48.overlays[0].mti[0]"),
        ("fields/48/overlays/0/enc", nil, "fields.48.overlays[0].enc"),
        ("fields/48/overlays/0/when", ["field": 48, "is": ["1"]], "fields.48.overlays[0].when"),
        ("fields/48/overlays/0/when", ["field": 9, "is": ["1"]], "fields.48.overlays[0].when.field"),
        ("fields/48/overlays/0/when", ["field": 3], "fields.48.overlays[0].when"),
        ("fields/48/overlays/0/when/at", 0, "fields.48.overlays[0].when.at"),
        ("fields/48/overlays/0/when/is", [""], "fields.48.overlays[0].when.is"),
        ("fields/48/sub/type", "nested", "fields.48.sub.type"),
        ("fields/48/sub/tag/bytes", 5, "fields.48.sub.tag.bytes"),
        ("fields/48/sub/unknown", nil, "fields.48.sub.unknown"),
        ("fields/48/sub/length/lenUnit", nil, "fields.48.sub.length.lenUnit"),
        ("fields/48/sub/fields/01/kind", nil, "fields.48.sub.fields.01.kind"),
        ("fields/48/sub/fields/01/len", "LL", "fields.48.sub.fields.01.len"),
        ("fields/60/sub/required", 3, "fields.60.sub.required"),
        ("fields/60/sub/rest", nil, "fields.60.sub.rest"),
        ("fields/60/sub/fields/3", ["name": "x", "kind": "ans", "max": 1], "fields.60.sub.fields.3.kind"),
        ("fields/60/sub/fields/4", ["name": "x", "kind": "n", "max": 1], "fields.60.sub.fields.4"),
        ("fields/60/sub/fields/1/enc", "bcd", "fields.60.sub.fields.1.enc"),
        ("fields/60/sub/fields/1/len", "rest", "fields.60.sub.fields.1.len"),
        ("fields/61/sub/bitmap/bytes", 9, "fields.61.sub.bitmap.bytes"),
        ("fields/61/sub/fields/9", ["name": "x"], "fields.61.sub.fields.9"),
        ("messages/purchase/mti", "20", "messages.purchase.mti"),
        ("messages/purchase/served", "yes", "messages.purchase.served"),
        ("messages/purchase/mandatory", [4], "messages.purchase.mandatory[0]"),
        ("messages/purchase/optional", [3], "messages.purchase.optional"),
        ("messages/purchase/conditional", [["field": 2]], "messages.purchase.conditional[0]"),
        ("messages/purchase/conditional", [["field": 9, "with": [3]]], "messages.purchase.conditional[0].field"),
        ("messages/purchase/unanswered", "shout", "messages.purchase.unanswered"),
        ("messages/purchase/timeout", "long", "messages.purchase.timeout"),
        ("messages/purchase/when", [], "messages.purchase.when"),
        ("messages/purchase/when", nil, "messages.0200"),
    ]

    @Test("The file that the faulty ones are made of is good")
    func goodFile() throws {
        let spec = try SpecText.spec(Self.good)
        #expect(spec.definedFields.fields == [2, 3, 48, 55, 60, 61, 64])
        #expect(spec.field(2)?.maximum == 19)
        #expect(spec.field(2)?.padSide == .right)
        #expect(spec.field(4) == nil)
        #expect(spec.field(-1) == nil)
        #expect(spec.field(193) == nil)
        #expect(spec.name(of: 3) == "code")
        #expect(spec.names(of: 3) == FieldName(zh: "码", en: "code"))
        #expect(spec.name(of: 4) == "4")
        #expect(spec.rule(named: "purchase")?.mti == .financialRequest)
    }

    @Test("Each fault is reported, with its path first", arguments: faults.indices)
    func fault(index: Int) throws {
        let fault = Self.faults[index]
        let found = try #require(
            error(SpecError.self) { try SpecText.spec(Self.good.replacing(fault.change, with: fault.value)) })
        #expect(found.problems.contains { $0.path == fault.path }, "\(found)")
        // Some faults are seen from two sides; nothing else may be.
        #expect(found.problems.allSatisfy { $0.path.hasPrefix(fault.path) }, "\(found)")
    }

    @Test("All faults of a file are reported together, in its order")
    func allAtOnce() throws {
        let broken = Self.good.replacing("limits/fields", with: 500).replacing("fields/3/kind", with: "?")
            .replacing("fields/2/lenUnit", with: nil).replacing("fields/2/lenEnc", with: nil)
            .replacing("messages/purchase/served", with: nil)
        let found = try #require(error(SpecError.self) { try SpecText.spec(broken) })
        #expect(
            found.problems.map(\.path) == [
                "limits.fields", "fields.2.lenEnc", "fields.2.lenUnit", "fields.3.kind", "messages.purchase.served",
            ])
        #expect(found.description.split(separator: "\n").count == 5)
    }

    @Test("Faults of a file with several specifications say in which they are")
    func bundle() throws {
        let field = { (member: JSON) in ["3": member] as JSON }
        let good: JSON = ["name": "x", "kind": "n", "len": "fixed", "max": 6, "enc": "ascii"]
        let one = { (id: String, fields: JSON) -> JSON in
            [
                "id": .string(id), "description": "a", "mti": ["enc": "ascii"],
                "bitmap": ["enc": "binary", "maxFields": 64], "fields": fields,
            ]
        }
        let both: JSON = [
            "format": "iso8583-vectors/1", "note": "for people",
            "specs": ["a": one("a", field(good)), "b": one("b", field(good))],
        ]
        #expect(try MessageSpec.all(json: Array(both.text.utf8)).map(\.name) == ["a", "b"])
        #expect(error(SpecError.self) { try SpecText.spec(both) }?.problems.map(\.path) == ["specs"])
        let broken = both.replacing("specs/a/mti/enc", with: "x").replacing("specs/b/fields/3/len", with: nil)
            .replacing("specs/b/id", with: "c")
        let found = error(SpecError.self) { try MessageSpec.all(json: Array(broken.text.utf8)) }
        #expect(found?.problems.map(\.path) == ["specs.a.mti.enc", "specs.b.id", "specs.b.fields.3.len"])
    }

    @Test("A member that stands twice is a fault")
    func duplicateMember() throws {
        let text = Self.good.text.replacing(
            "\"name\":\"chip\"", with: "\"name\":\"chip\",\"name\":\"other\"", maxReplacements: 1)
        let found = try #require(error(SpecError.self) { try MessageSpec(json: Array(text.utf8)) })
        #expect(found.problems.map(\.path) == ["fields.55.name"])
    }

    @Test("Text that is no JSON is reported with its byte offset")
    func notJSON() throws {
        let found = try #require(error(SpecError.self) { try MessageSpec(json: Array("{\"format\": }".utf8)) })
        #expect(found.problems.count == 1)
        #expect(found.problems[0].path.isEmpty)
        #expect(found.problems[0].message.contains("byte 11"))
    }

    @Test("The host's own dialect has the fields and messages it promises")
    func embedded() throws {
        let spec = MessageSpec.iso8583_1987
        #expect(
            spec.definedFields.fields == [
                2, 3, 4, 7, 11, 12, 13, 14, 18, 22, 23, 25, 32, 35, 37, 38, 39, 41, 42, 43, 44, 48, 49, 52, 53, 54, 55,
                57, 58, 59, 60, 61, 62, 63, 64, 66, 70, 74, 76, 86, 88, 90, 100, 102, 110, 128,
            ])
        let served = spec.messages.filter(\.isServed).map(\.mti.description)
        for mti in [
            "0100", "0110", "0200", "0210", "0220", "0221", "0230", "0320", "0330", "0400", "0401", "0410", "0420",
            "0421", "0430", "0500", "0510", "0620", "0630", "0800", "0810",
        ] {
            #expect(served.contains(mti), "\(mti)")
        }
        for field in [2, 35, 52, 55, 58, 110] { #expect(spec.field(field)?.sensitivity != FieldSpec.Sensitivity.none) }
        #expect(spec.rule(for: .financialRequest)?.unanswered == .reverse)
        #expect(spec.rule(for: .reversalRequest)?.unanswered == .repeat)
        #expect(spec.rule(for: .financialRequest)?.muxKey.fields == [11, 41])
    }

    @Test("With packed digits the host's dialect has the same fields, with the same limits, and the same rules")
    func packed() throws {
        let (plain, packed) = (MessageSpec.iso8583_1987, MessageSpec.iso8583_1987_binary)
        for number in plain.definedFields.fields {
            let (own, other) = (try #require(plain.field(number)), try #require(packed.field(number)))
            let isPacked = [.numeric, .track].contains(own.kind) && number != 49
            #expect(other.encoding == (isPacked ? .bcd : own.encoding), "\(number)")
            #expect(other.sensitivity == own.sensitivity, "\(number)")
            // Fields of the standard have its limits here, which may be wider.
            #expect(other.maximum >= own.maximum && other.minimum <= own.minimum, "\(number)")
            guard [44, 48].contains(number) || (57...63).contains(number) || number == 110 else { continue }
            #expect(other.kind == own.kind && other.maximum == own.maximum && other.minimum == own.minimum, "\(number)")
        }
        #expect(plain.messages.map(\.mti) == packed.messages.map(\.mti))
        for (own, other) in zip(plain.messages, packed.messages) {
            #expect(own.mandatory == other.mandatory && own.mac == other.mac, "\(own.id)")
            #expect(own.unanswered == other.unanswered && own.timeoutSeconds == other.timeoutSeconds, "\(own.id)")
        }
    }

    @Test("Every shipped dialect names fields and messages in both languages and answers every request")
    func shipped() throws {
        #expect(MessageSpec.shipped.map(\.name) == ["iso8583-1987", "iso8583-1987-binary", "unionpay-pos"])
        for spec in MessageSpec.shipped {
            #expect(MessageSpec.shipped(named: spec.name)?.name == spec.name)
            for field in spec.definedFields.fields {
                let names = spec.names(of: field)
                #expect(names.zh != names.en && !names.zh.utf8.allSatisfy { $0 < 0x80 }, "\(spec.name) \(field)")
            }
            for rule in spec.messages where !rule.mti.isResponse && rule.timeoutSeconds > 0 {
                #expect(spec.rule(for: rule.mti.response) != nil, "\(spec.name) \(rule.id)")
                #expect(!rule.muxKey.isEmpty, "\(spec.name) \(rule.id)")
            }
        }
    }
}
