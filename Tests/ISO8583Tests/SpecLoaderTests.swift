// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Testing
import Vocabulary

@Suite("Specification files")
struct SpecLoaderTests {
    static let good = SpecText.document(
        fields: [
            "2": [
                "name": "account", "kind": "n", "encoding": "bcd", "pad": ["side": "right", "nibble": "0"],
                "length": ["min": 8, "max": 19, "prefix": ["digits": 2, "encoding": "bcd", "unit": "digit"]],
                "sensitive": "pan",
            ],
            "3": ["name": "code", "kind": "n", "encoding": "ascii", "length": 6],
            "55": [
                "name": "chip", "kind": "b", "encoding": "binary", "content": "ber-tlv",
                "length": ["min": 0, "max": 255, "prefix": ["bytes": 1, "encoding": "binary", "unit": "byte"]],
            ],
            "64": ["name": "code", "kind": "b", "encoding": "binary", "length": 8],
        ],
        mac: [64],
        messages: [
            "0200": [
                "name": "purchase", "served": true, "mac": "required", "mandatory": [3],
                "conditional": [["field": 2, "without": [55]]], "optional": [55],
            ]
        ])

    /// A change to the good file, and the path of the only problem that it must cause.
    static let faults: [(change: String, value: JSON?, path: String)] = [
        ("format", "message-spec/2", "format"),
        ("name", nil, "name"),
        ("nme", "x", "nme"),
        ("limits/messageBytes", 65_536, "limits.messageBytes"),
        ("limits/fields", 0, "limits.fields"),
        ("mti/encoding", "ebcdic", "mti.encoding"),
        ("bitmap/encoding", "ascii", "bitmap.encoding"),
        ("bitmap/secondary", nil, "bitmap.secondary"),
        ("mac/fields", [64, 64], "mac.fields[1]"),
        ("mac/fields", [3], "mac.fields"),
        ("mac/fields", [128], "mac.fields[0]"),
        ("otherMessages", "maybe", "otherMessages"),
        ("fields/1", ["name": "x"], "fields.1"),
        ("fields/129", ["name": "x"], "fields.129"),
        ("fields/03", ["name": "x"], "fields.03"),
        ("fields/3/kind", "nn", "fields.3.kind"),
        ("fields/3/encoding", "binary", "fields.3.encoding"),
        ("fields/3/length", 0, "fields.3.length"),
        ("fields/3/length", "6", "fields.3.length"),
        ("fields/3/pad", ["side": "left", "nibble": "0"], "fields.3.pad"),
        ("fields/3/sensitive", "yes", "fields.3.sensitive"),
        ("fields/3/content", "ber-tlv", "fields.3.content"),
        ("fields/2/pad", nil, "fields.2.pad"),
        ("fields/2/pad/side", nil, "fields.2.pad.side"),
        ("fields/2/pad/nibble", "1", "fields.2.pad.nibble"),
        ("fields/2/length/max", 100, "fields.2.length.max"),
        ("fields/2/length/min", 20, "fields.2.length.min"),
        ("fields/2/length/prefix", nil, "fields.2.length.prefix"),
        ("fields/2/length/prefix/unit", nil, "fields.2.length.prefix.unit"),
        ("fields/2/length/prefix/encoding", nil, "fields.2.length.prefix.encoding"),
        ("fields/2/length/prefix/bytes", 1, "fields.2.length.prefix.bytes"),
        ("fields/55/length/max", 256, "fields.55.length.max"),
        ("messages/200", [:], "messages.200"),
        ("messages/0200/served", "yes", "messages.0200.served"),
        ("messages/0200/mandatory", [4], "messages.0200.mandatory[0]"),
        ("messages/0200/optional", [3], "messages.0200.optional"),
        ("messages/0200/conditional", [["field": 2]], "messages.0200.conditional[0]"),
        ("messages/0200/conditional", [["field": 9, "with": [3]]], "messages.0200.conditional[0].field"),
    ]

    @Test("The file that the faulty ones are made of is good")
    func goodFile() throws {
        let spec = try SpecText.spec(Self.good)
        #expect(spec.definedFields.fields == [2, 3, 55, 64])
        #expect(spec.field(2)?.maximum == 19)
        #expect(spec.field(2)?.padSide == .right)
        #expect(spec.field(4) == nil)
        #expect(spec.field(-1) == nil)
        #expect(spec.name(of: 3) == "code")
        #expect(spec.name(of: 4) == "4")
    }

    @Test("Each fault is reported once, with its path", arguments: faults.indices)
    func fault(index: Int) throws {
        let fault = Self.faults[index]
        let found = try #require(
            error(SpecError.self) { try SpecText.spec(Self.good.replacing(fault.change, with: fault.value)) })
        #expect(found.problems.map(\.path) == [fault.path], "\(found)")
    }

    @Test("All faults of a file are reported together, in its order")
    func allAtOnce() throws {
        let broken = Self.good.replacing("limits/fields", with: 500).replacing("fields/3/kind", with: "?")
            .replacing("messages/0200/served", with: nil)
        let found = try #require(error(SpecError.self) { try SpecText.spec(broken) })
        #expect(found.problems.map(\.path) == ["limits.fields", "fields.3.kind", "messages.0200.served"])
        #expect(found.description.split(separator: "\n").count == 3)
    }

    @Test("A member that stands twice is a fault")
    func duplicateMember() throws {
        let text = Self.good.text.replacing(
            "\"name\":\"code\"", with: "\"name\":\"code\",\"name\":\"other\"", maxReplacements: 1)
        let found = try #require(error(SpecError.self) { try MessageSpec(json: Array(text.utf8)) })
        #expect(found.problems.map(\.path) == ["fields.3.name"])
    }

    @Test("Text that is no JSON is reported with its byte offset")
    func notJSON() throws {
        let found = try #require(error(SpecError.self) { try MessageSpec(json: Array("{\"format\": }".utf8)) })
        #expect(found.problems.count == 1)
        #expect(found.problems[0].path.isEmpty)
        #expect(found.problems[0].message.contains("byte 11"))
    }

    @Test("The embedded dialect has the fields and messages it promises")
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
        // A response rule exists for every request rule.
        for rule in spec.messages { #expect(spec.rule(for: rule.mti.response) != nil, "\(rule.mti)") }
    }
}
