// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Catalogue

@Suite("Texts and languages")
struct TextTests {
    @Test(
        "a browser's wish picks the language",
        arguments: [
            ("zh-CN,zh;q=0.9,en;q=0.8", Language.zh), ("en-GB,en;q=0.9,zh;q=0.8", .en), ("zh", .zh), ("ZH-hant", .zh),
            ("en;q=0.5, zh;q=0.7", .zh), ("fr,de;q=0.9", .en), ("fr, zh;q=0.1", .zh), ("", .en), ("*", .en),
            ("zh;q=0", .en), ("zh;q=0.000,en;q=0.001", .en), ("*;q=0.1,zh;q=0.2", .zh), ("zh;q=2", .en),
            ("zh;q=1.001", .en), ("zh;q=0.1234", .en), ("zh;q=x", .en), ("zh;", .en), (";;,,==", .en), ("zhx", .en),
            ("en,zh", .en), ("zh,en", .zh), ("zh ; q=0.5", .zh), ("zh;Q=1.0", .zh), ("zh;q=1", .zh),
        ])
    func acceptLanguage(field: String, language: Language) { #expect(Language(acceptLanguage: field) == language) }

    @Test("only the first ranges of a long wish are looked at")
    func acceptLimit() {
        func field(_ others: Int) -> String { String(repeating: "fr,", count: others) + "zh" }
        #expect(Language(acceptLanguage: field(Language.acceptRangesMax - 1)) == .zh)
        #expect(Language(acceptLanguage: field(Language.acceptRangesMax)) == .en)
        #expect(Language(acceptLanguage: field(100_000)) == .en)
    }

    @Test("every key has a text in both languages")
    func whole() throws {
        #expect(Texts.keys.count >= 120)
        for key in Texts.keys {
            let phrase = try #require(Texts.phrase(key))
            #expect(isEnglish(phrase.en), "\(key)")
            #expect(isChinese(phrase.zh), "\(key)")
            #expect(Texts.text(key, .en) == phrase.en && Texts.text(key, .zh) == phrase.zh)
        }
    }

    @Test("a missing key shows itself")
    func missing() {
        #expect(!Texts.has("no.such.key"))
        #expect(Texts.text("no.such.key", .zh) == "no.such.key")
    }

    @Test("every named value of the catalogue has its text")
    func named() {
        let keys =
            Lifecycle.allCases.map { "lifecycle.\($0.name)" } + Severity.allCases.map { "severity.\($0.name)" }
            + Halt.allCases.map { "halt.\($0.name)" } + Zeroisation.allCases.map { "zeroise.\($0.name)" }
            + Clearance.allCases.map { "clearance.\($0.name)" } + Detector.allCases.map { "detector.\($0.rawValue)" }
            + WarningKind.allCases.map { "kind.\($0.rawValue)" }
            + ["operator", "analyst", "technician", "custodian", "serviceCentre", "merchant", "cardholder"]
            .map { "role.\($0)" }
        for key in keys { #expect(Texts.has(key), "\(key)") }
        #expect(Lifecycle.manufactured.title(.zh) == "已制造")
        #expect(Severity.s1.title(.en).hasPrefix("S1"))
        #expect(WarningKind.warning.title(.zh) == "警告" && WarningKind.advisory.title(.zh) == "提示")
        #expect(Halt.all.title(.en) == "Everything stops" && Zeroisation.none.title(.en) == "Keys kept")
        #expect(Clearance.sc.title(.zh) == "授权服务中心" && Detector.module.title(.en) == "Module")
    }
}
