// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import Catalogue

@Suite("The warning catalogue")
struct WarningCatalogueTests {
    @Test("enum and file match one to one, in the same order")
    func oneToOne() throws {
        let root = try JSON(parsing: PackageResources.warnings_json)
        let codes = try #require(root["warnings"]?.array).map { $0["code"]?.string }
        #expect(codes == WarningCode.allCases.map(\.rawValue))
        #expect(codes.count == 40)
        for code in WarningCode.allCases { #expect(code.entry.code == code) }
    }

    @Test(
        "each cause class has its number of codes",
        arguments: [
            ("H", 7), ("S", 6), ("K", 7), ("T", 6), ("L", 3), ("A", 5), ("C", 2), ("P", 4),
        ])
    func classCounts(letter: String, count: Int) throws {
        let cause = try #require(CauseClass(rawValue: letter))
        let codes = WarningCode.allCases.filter { $0.entry.causeClass == cause }
        #expect(codes.count == count)
        #expect(codes.map(\.rawValue) == (1...count).map { "\(letter)0\($0)" })
        #expect(!cause.title.en.isEmpty && !cause.title.zh.isEmpty)
    }

    @Test("wire numbers are the class above and the number below, and read back")
    func wireNumbers() {
        let letters = Array("HSKTLACP")
        for code in WarningCode.allCases {
            let text = Array(code.rawValue)
            let high = letters.firstIndex(of: text[0]).map { $0 + 1 } ?? 0
            let low = text[2].wholeNumberValue ?? 0
            #expect(Int(code.wireNumber) == high * 16 + low)
            #expect(WarningCode(wireNumber: code.wireNumber) == code)
        }
        #expect((0...255).compactMap { WarningCode(wireNumber: UInt8($0)) }.count == 40)
    }

    /// The catalogue's table, written out: severity, halt, zeroisation, clearance.
    static let table: [(WarningCode, Severity, Halt, Zeroisation, Clearance)] = [
        (.h01, .s2, .all, .none, .auto), (.h02, .s2, .all, .none, .r1), (.h03, .s2, .all, .one, .d2),
        (.h04, .s2, .all, .financial, .d2), (.h05, .s4, .none, .none, .sc), (.h06, .s3, .newSales, .none, .auto),
        (.h07, .s2, .all, .none, .r1),
        (.s01, .s1, .all, .all, .sc), (.s02, .s2, .all, .none, .r1), (.s03, .s2, .all, .none, .auto),
        (.s04, .s3, .newSales, .none, .r1), (.s05, .s4, .none, .none, .auto), (.s06, .s2, .all, .none, .d2),
        (.k01, .s1, .all, .financial, .d2), (.k02, .s2, .all, .none, .r1), (.k03, .s4, .none, .none, .auto),
        (.k04, .s1, .all, .all, .sc), (.k05, .s3, .newSales, .none, .r1), (.k06, .s2, .all, .one, .auto),
        (.k07, .s3, .none, .none, .r1),
        (.t01, .s1, .all, .all, .sc), (.t02, .s1, .all, .all, .sc), (.t03, .s2, .all, .none, .d2),
        (.t04, .s3, .newSales, .none, .r1), (.t05, .s2, .all, .none, .d2), (.t06, .s2, .all, .none, .d2),
        (.l01, .s2, .all, .none, .auto), (.l02, .s1, .all, .financial, .d2), (.l03, .s2, .all, .none, .sc),
        (.a01, .s2, .all, .none, .r1), (.a02, .s2, .all, .none, .auto), (.a03, .s4, .none, .none, .auto),
        (.a04, .s3, .newSales, .none, .auto), (.a05, .s2, .all, .none, .r1),
        (.c01, .s2, .all, .none, .r1), (.c02, .s2, .all, .none, .auto),
        (.p01, .s2, .all, .none, .r1), (.p02, .s3, .newSales, .none, .auto), (.p03, .s3, .none, .none, .auto),
        (.p04, .s3, .newSales, .none, .auto),
    ]

    @Test("severity, halt, zeroisation and clearance are those of the catalogue", arguments: table)
    func facts(code: WarningCode, severity: Severity, halts: Halt, zeroises: Zeroisation, clearance: Clearance) {
        #expect(code.severity == severity)
        #expect(code.halts == halts)
        #expect(code.zeroises == zeroises)
        #expect(code.clearance == clearance)
        #expect(code.entry.kind == (severity == .s1 || severity == .s2 ? .warning : .advisory))
    }

    @Test("the table names every code once")
    func tableIsWhole() { #expect(Self.table.map(\.0) == WarningCode.allCases) }

    @Test("S1 and S2 halt everything, S3 at most new sales, S4 nothing", arguments: WarningCode.allCases)
    func severityHalts(code: WarningCode) {
        for severity in Severity.allCases {
            let effect = code.level(at: severity)
            switch severity {
            case .s1, .s2: #expect(effect.halts == .all)
            case .s3: #expect(effect.halts <= .newSales)
            case .s4: #expect(effect.halts == .none)
            }
            if severity == .s3 || severity == .s4 { #expect(effect.zeroises == .none) }
        }
    }

    @Test(
        "levels are listed mildest first, and every code that may go on trading has a rule that promotes it",
        arguments: WarningCode.allCases)
    func promotions(code: WarningCode) {
        let entry = code.entry
        for (milder, graver) in zip(entry.levels, entry.levels.dropFirst()) {
            #expect(graver.severity.isGraver(than: milder.severity))
            #expect(graver.halts >= milder.halts)
            #expect(graver.when != nil)
        }
        for level in entry.levels { #expect(code.level(at: level.severity) == level.effect) }
        let ends = entry.becomes.map { $0.code.halts == .all } ?? (entry.levels.last?.halts == .all)
        #expect(ends, "\(code) never stops the terminal")
    }

    @Test(
        "every advisory level ends: by its time, by a measured condition of a graver level, or as another code",
        arguments: WarningCode.allCases)
    func advisoriesEnd(code: WarningCode) {
        let entry = code.entry
        for (index, level) in entry.levels.enumerated() where level.severity.kind == .advisory {
            let next = entry.levels.dropFirst(index + 1).first
            #expect(next?.when != nil || next?.after != nil || entry.becomes != nil, "\(code) \(level.severity)")
        }
        for level in entry.levels {
            guard let after = level.after else { continue }
            // Only an advisory can wait.
            #expect(after > .zero && level.severity != entry.levels.first?.severity)
        }
    }

    @Test("the times by which advisories are promoted are the catalogue's")
    func deadlines() {
        let timed = WarningCode.allCases.flatMap { code in
            code.entry.levels.compactMap { level in level.after.map { "\(code.rawValue) \(level.severity.name) \($0)" }
            }
        }
        let expected: [(WarningCode, Severity, Interval)] = [
            (.h05, .s3, .days(30)), (.s03, .s2, .hours(4)), (.t04, .s2, .hours(24)), (.p04, .s2, .hours(24)),
        ]
        #expect(timed == expected.map { "\($0.0.rawValue) \($0.1.name) \($0.2)" })
    }

    @Test("only codes that erase everything enter TAMPERED; K01 and L02 erase financial keys and enter HALTED")
    func lifecycle() {
        for code in WarningCode.allCases {
            for severity in Severity.allCases {
                let effect = code.level(at: severity)
                #expect((effect.lifecycleEvent == .tamper) == (effect.zeroises == .all))
                #expect((effect.lifecycleEvent == .halt) == (effect.halts == .all && effect.zeroises != .all))
            }
        }
        for code in [WarningCode.k01, .l02] {
            #expect(code.zeroises == .financial)
            #expect(code.level(at: code.severity).lifecycleEvent == .halt)
        }
        let erasing = WarningCode.allCases.filter { code in
            Severity.allCases.contains { code.level(at: $0).zeroises == .all }
        }
        #expect(erasing == [.s01, .k04, .t01, .t02, .t03])
        #expect(WarningCode.t03.level(at: .s1).zeroises == .all)
    }

    @Test("S1 and whatever erased keys is never cleared by one person", arguments: WarningCode.allCases)
    func dualControl(code: WarningCode) {
        for severity in Severity.allCases where code.entry.levels.contains(where: { $0.severity == severity }) {
            let ways = Clearance.allCases.filter { code.entry.mayClear(by: $0, at: severity) }
            #expect(!ways.isEmpty)
            if severity == .s1 { #expect(ways.allSatisfy { $0.peopleNeeded == 2 }) }
            if code.level(at: severity).zeroises == .all { #expect(ways == [.sc]) }
            if code.level(at: severity).zeroises == .financial { #expect(ways == [.d2]) }
        }
    }

    @Test("no clearance is in a merchant's hands: each is a proof or takes authorised people")
    func merchantClearsNothing() {
        #expect(Clearance.allCases.map(\.name) == ["auto", "R1", "D2", "SC"])
        #expect(Clearance.allCases.map(\.peopleNeeded) == [0, 1, 2, 2])
        for code in WarningCode.allCases {
            #expect(!code.entry.clearanceCondition.en.lowercased().contains("by the merchant"))
        }
    }

    @Test("second ways out are those of the catalogue and never become easier by promotion")
    func otherwise() {
        let second = WarningCode.allCases.compactMap { code in
            code.entry.otherwise.map { "\(code.rawValue) \($0.name)" }
        }
        #expect(second == ["H01 SC", "K06 R1", "K07 auto", "L01 R1", "A04 R1", "P02 R1"])
        #expect(WarningCode.k07.entry.mayClear(by: .auto, at: .s3))
        #expect(!WarningCode.k07.entry.mayClear(by: .auto, at: .s2))
        #expect(WarningCode.p02.entry.mayClear(by: .r1, at: .s2))
        #expect(!WarningCode.h02.entry.mayClear(by: .auto, at: .s2))
    }

    @Test("every text exists in both languages", arguments: WarningCode.allCases)
    func texts(code: WarningCode) {
        let entry = code.entry
        var phrases = [entry.title, entry.sign, entry.clearanceCondition] + entry.steps.map(\.text)
        phrases += entry.levels.compactMap(\.when) + [entry.becomes?.when].compactMap { $0 }
        for phrase in phrases {
            #expect(isEnglish(phrase.en), "\(phrase.en)")
            #expect(isChinese(phrase.zh), "\(phrase.zh)")
        }
        #expect(entry.steps.count >= 2)
        #expect(entry.steps.contains { $0.check != nil })
        #expect(!entry.detectedBy.isEmpty)
        #expect(Set(entry.detectedBy).count == entry.detectedBy.count)
    }

    @Test("at S1 and S2 a runbook begins: stop, other terminal, report, never repair", arguments: WarningCode.allCases)
    func opening(code: WarningCode) {
        for severity in [Severity.s1, .s2] {
            let steps = code.entry.runbook(at: severity).map(\.text)
            #expect(steps.count == 4 + code.entry.steps.count)
            #expect(steps[0].en.hasPrefix("Stop the terminal") && steps[0].zh.contains("停用终端"))
            #expect(steps[1].en.contains("another terminal") && steps[1].zh.contains("其他终端"))
            #expect(steps[2].en.contains("bank or provider") && steps[2].zh.contains("银行或服务商"))
            #expect(steps[3].en.hasPrefix("Never") && steps[3].zh.contains("切勿"))
        }
        #expect(code.entry.runbook == code.entry.runbook(at: code.severity))
        #expect(code.entry.runbook(at: .s4).first != code.entry.runbook(at: .s2).first)
    }

    @Test("every runbook check is used by some step")
    func checks() {
        var used: [RunbookCheck] = WarningCatalogue.standardRunbook.compactMap(\.check)
        for code in WarningCode.allCases {
            for severity in Severity.allCases { used += code.entry.runbook(at: severity).compactMap(\.check) }
        }
        for check in RunbookCheck.allCases { #expect(used.contains(check), "\(check)") }
    }

    @Test("support's standing order is module, update, compatibility, POS software, remote diagnosis")
    func standard() {
        let checks = WarningCatalogue.standardRunbook.map(\.check)
        #expect(checks == [.pairingMatches, .firmwareCurrent, .compatible, .applicationAuthentic, .diagnosisReceived])
    }

    @Test("promotions driven by time carry their time")
    func times() {
        #expect(WarningCode.t04.entry.levels.last?.after == .hours(24))
        #expect(WarningCode.s03.entry.levels.last?.after == .hours(4))
        #expect(WarningCode.p04.entry.levels.last?.after == .hours(24))
        #expect(WarningCode.h05.entry.becomes?.code == .t02)
        #expect(WarningCode.h06.entry.becomes?.code == .t02)
        #expect(WarningCode.p03.entry.becomes?.code == .a02)
    }

    @Test("names read back and unknown names are refused")
    func names() {
        for value in Severity.allCases { #expect(Severity(name: value.name) == value) }
        for value in Halt.allCases { #expect(Halt(name: value.name) == value) }
        for value in Zeroisation.allCases { #expect(Zeroisation(name: value.name) == value) }
        for value in Clearance.allCases { #expect(Clearance(name: value.name) == value) }
        #expect(Severity(name: "S5") == nil && Halt(name: "") == nil && Zeroisation(name: "All") == nil)
        #expect(Clearance(name: "merchant") == nil)
        #expect(Severity.s1.isGraver(than: .s2) && !Severity.s2.isGraver(than: .s2) && !Severity.s4.isGraver(than: .s3))
    }
}

func isEnglish(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy(\.isASCII)
}

func isChinese(_ text: String) -> Bool {
    text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
}

@Suite("The catalogue's page")
struct CataloguePageTests {
    @Test("docs/warnings.md is the page that the catalogue's file gives")
    func page() throws {
        let written = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/warnings.md"),
            encoding: .utf8)
        #expect(written == WarningCatalogue.page, "tillguard module warnings --page > docs/warnings.md writes it anew")
    }

    @Test("the page has each code with its runbook in both languages")
    func whole() {
        for entry in WarningCatalogue.entries {
            #expect(WarningCatalogue.page.contains(entry.section))
            for step in entry.runbook {
                #expect(entry.section.contains(step.text.en) && entry.section.contains(step.text.zh))
            }
        }
    }
}
