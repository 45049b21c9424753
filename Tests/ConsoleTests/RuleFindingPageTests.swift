// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import SecurityTriggers
import Testing
import Vocabulary

@testable import Console

@Suite("Findings on the page of rules")
struct RuleFindingPageTests {
    @Test("what in a proposed text is hardly meant so stands beside it, for whoever approves it")
    func proposed() async throws {
        try await House.with { house in
            let client = try house.client("desk1", .analyst)
            let text = "tillguard-rules 1\nlist unused = mcc 1\nrule r { when hour > 30 then decline }\n"
            let findings = RuleSet.findings(in: text)
            #expect(findings.count == 2)
            #expect(try await client.submit("/rules", from: "/rules", ["text": text]).status == 303)
            let page = try await client.get("/rules").body
            for finding in findings {
                #expect(page.contains(ConsoleTexts.text("lint_\(finding.kind.rawValue)", .en)))
                #expect(page.contains("\(finding.line):\(finding.column)"))
            }
            #expect(try await client.submit("/rules/1/withdraw", from: "/rules", [:]).status == 303)
            let sound = "tillguard-rules 1\nrule r { when hour > 3 then decline }\n"
            #expect(try await client.submit("/rules", from: "/rules", ["text": sound]).status == 303)
            #expect(try await !client.get("/rules").body.contains(ConsoleTexts.text("rulesFindings", .en)))
        }
    }

    @Test("every kind of finding has its text")
    func texts() {
        for kind in RuleFinding.Kind.allCases { #expect(ConsoleTexts.has("lint_\(kind.rawValue)"), "\(kind)") }
    }
}
