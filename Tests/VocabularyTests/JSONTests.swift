// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Vocabulary

@Suite("JSON")
struct JSONTests {
    static let accepted: [(String, JSON)] = [
        ("null", .null), ("true", true), ("false", false), (" \t\r\n1 ", 1), ("0", 0), ("-0", 0), ("-1", -1),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", .double(1.5)), ("-0.25", .double(-0.25)),
        ("1e2", .double(100)), ("1E+2", .double(100)), ("25e-2", .double(0.25)), ("0.0", .double(0)),
        ("0e0", .double(0)),
        ("\"\"", ""), ("\"a\"", "a"), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"),
        ("\"\\u0041\\u00e9\\u4E2D\"", "Aé中"), ("\"\\uD83D\\uDE00\"", "😀"), ("\"\\uDBFF\\uDFFF\"", "\u{10FFFF}"),
        ("\"\\uD800\\uDC00\"", "\u{10000}"), ("\"\\u0000\"", "\0"), ("\"密码\"", "密码"), ("\"\u{7F}\"", "\u{7F}"),
        ("[]", []), ("[ ]", []), ("[1, [2], \"x\"]", [1, [2], "x"]), ("{}", [:]), ("{ }", [:]),
        ("{\"b\":1,\"a\":{\"c\":null}}", ["b": 1, "a": ["c": .null]]), ("{\"a\":1,\"a\":2}", ["a": 1, "a": 2]),
    ]

    @Test("JSON is read", arguments: accepted)
    func accept(text: String, value: JSON) throws { #expect(try JSON(parsing: Array(text.utf8)) == value) }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "tru", "1 2", "[1,]", "[,1]", "[1 2]", "[", "]", "{", "}", "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\":1", "[1", "\"", "\"a", "'a'", "\"\\\"", "\"\\x\"",
            "\"\n\"",
            "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", "\\", "+1", ".5", "-.5", "1.", "1.e2", "-", "--1", "01", "-01", "00",
            "1e", "1e+",
            "e1", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1-2", "1+2", "1.2.3", "1e2e3",
            "// c\n1",
            "\"\\u\"", "\"\\u12\"", "\"\\u123\"", "\"\\uGGGG\"", "\"\\u+123\"", "\"\\u-000\"", "\"\\u 123\"",
            "\"\\uD800\"",
            "\"\\uDC00\"", "\"\\uD800x\"", "\"\\uD800\\n\"", "\"\\uD800\\u0041\"", "\"\\uD800\\uD800\"",
            "\"\\uD800\\uE000\"",
            "\"\\uDBFF\\uFFFF\"", "\"\\uD83D\\u\"", "\u{FEFF}1", "\u{A0}1",
        ])
    func refuse(text: String) { #expect(throws: JSONError.self) { try JSON(parsing: Array(text.utf8)) } }

    @Test(
        "strings that are not UTF-8 are refused",
        arguments: ["22FF22", "22C32822", "22C08022", "22EDA08022", "22F490808022"])
    func badUTF8(hex: String) throws {
        let bytes = try #require(Hex.bytes(hex))
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    @Test(
        "an error names the byte and what was expected",
        arguments: [
            ("[1, ?]", 4, "a value"), ("{\"a\" 1}", 5, "a colon"), ("{\"a\":1 \"b\"}", 7, "a comma or }"),
            ("1 2", 2, "the end"),
            ("[1, 01]", 4, "a value"), ("tru", 0, "true"),
        ])
    func errors(text: String, offset: Int, expected: String) {
        #expect(throws: JSONError(offset: offset, expected: expected)) { try JSON(parsing: Array(text.utf8)) }
    }

    @Test("levels are limited: one below, at and above the limit")
    func depth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array(repeating: 0x5B, count: levels) + Array(repeating: 0x5D, count: levels)
        }
        for levels in [JSON.depthMax - 1, JSON.depthMax] { _ = try JSON(parsing: nested(levels)) }
        #expect(throws: JSONError(offset: 64, expected: "at most 64 levels")) {
            try JSON(parsing: nested(JSON.depthMax + 1))
        }
        #expect(throws: JSONError.self) { try JSON(parsing: Array(repeating: 0x5B, count: 1_000_000)) }
        let objects = String(repeating: "{\"a\":", count: 100_000)
        #expect(throws: JSONError.self) { try JSON(parsing: Array(objects.utf8)) }
    }

    @Test(
        "the writer escapes what must be and nothing else",
        arguments: [
            ("", "\"\""), ("a/b", "\"a/b\""), ("\"", "\"\\\"\""), ("\\", "\"\\\\\""), ("\n\r\t", "\"\\n\\r\\t\""),
            ("\0", "\"\\u0000\""), ("\u{8}\u{C}\u{1F}", "\"\\u0008\\u000C\\u001F\""), ("\u{7F}é中😀", "\"\u{7F}é中😀\""),
        ])
    func escapes(value: String, text: String) { #expect(JSON.string(value).text == text) }

    @Test("values are written compactly with members in their order")
    func writing() {
        let value: JSON = ["z": [1, .null, true, .double(0.5)], "a": [:], "m": [], "n": -3]
        #expect(value.text == "{\"z\":[1,null,true,0.5],\"a\":{},\"m\":[],\"n\":-3}")
        #expect(JSON.double(.infinity).text == "null" && JSON.double(.nan).text == "null")
    }

    @Test("accepted texts and random values read back from what is written")
    func roundTrip() throws {
        for (_, value) in Self.accepted { #expect(try JSON(parsing: Array(value.text.utf8)) == value) }
        var random = SeededRandom(seed: 11)
        for _ in 0..<500 {
            let value = randomValue(&random, depth: 0)
            #expect(try JSON(parsing: Array(value.text.utf8)) == value)
        }
    }

    @Test("every truncation and every damaged byte is an answer or an error, never a stop")
    func damage() {
        let bytes = Array(#"{"a":[1,-2.5e3,"x\u00e9\uD83D\uDE00\n"],"b":{"c":null,"d":true}}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max {
                var damaged = bytes
                damaged[index] = value
                if let read = try? JSON(parsing: damaged) {
                    #expect((try? JSON(parsing: Array(read.text.utf8))) == read)
                }
            }
        }
    }

    @Test("members are found by name, the first of a name, and only of their kind")
    func access() {
        let value: JSON = ["a": 1, "a": 2, "s": "x", "l": [1], "t": true, "o": ["n": .null]]
        #expect(value["a"]?.integer == 1 && value["s"]?.string == "x" && value["t"]?.bool == true)
        #expect(value["l"]?.array == [1] && value["o"]?.members?.map(\.name) == ["n"] && value["none"] == nil)
        #expect(value["a"]?.string == nil && value["s"]?.integer == nil && value["s"]?.bool == nil)
        #expect(value["s"]?.array == nil && value["s"]?.members == nil && value["s"]?["x"] == nil)
    }

    private func randomValue(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch random.below(depth < 5 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(random.chance(perMille: 500))
        case 2: return .integer(Int64(bitPattern: random.next()) >> Int64(random.below(64)))
        case 3:
            let value = Double(bitPattern: random.next())
            return .double(value.isFinite ? value : 0.5)
        case 4, 5:
            let scalars = (0..<random.below(6)).compactMap { _ in Unicode.Scalar(UInt32(random.below(0x11_0000))) }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 6: return .array((0..<random.below(5)).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            return .object(
                (0..<random.below(5)).map { JSON.Member("m\($0)\n", randomValue(&random, depth: depth + 1)) })
        }
    }
}
