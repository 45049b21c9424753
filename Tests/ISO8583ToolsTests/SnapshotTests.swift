// SPDX-License-Identifier: Apache-2.0
import Glibc
import ISO8583
import ISO8583Tools
import Testing
import Vocabulary

@Suite("What the tools say about the published messages")
struct SnapshotTests {
    /// Compares with a file of the tree; `SNAPSHOTS=write` writes it instead.
    private func compare(_ name: String, _ text: String) throws {
        let file = "Vectors/iso8583/snapshots/\(name).txt"
        if getenv("SNAPSHOTS").map({ String(cString: $0) }) == "write" {
            let output = try #require(fopen(TreeFile.path(file), "w"))
            defer { fclose(output) }
            fputs(text, output)
        }
        let expected = String(decoding: try TreeFile.bytes(file), as: UTF8.self)
        guard text != expected else { return }
        let lines = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
        let first = lines.first { $0 != $1 }
        Issue.record("\(name): found \(first?.0 ?? "fewer lines"), expected \(first?.1 ?? "more lines")")
    }

    private func report(_ messages: [Published], _ lines: (Published) throws -> [String]) rethrows -> String {
        try messages.map { (["# \($0.id)"] + (try lines($0))).joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    @Test("explain says the same as ever about each message, in text and in JSON")
    func explain() throws {
        #expect(Published.all.count == 33)
        try compare("explain", report(Published.all) { MessageExplanation($0.input.frame, spec: $0.input.spec).lines })
        try compare(
            "explain-json",
            report(Array(Published.messages.prefix(10))) {
                [MessageExplanation($0.input.frame, spec: $0.input.spec).json.text]
            })
    }

    @Test("explain by the shipped UnionPay layout names parts, transaction and code")
    func unionpay() throws {
        let messages = Published.messages.filter { $0.id.hasPrefix("up-") }
        try compare(
            "explain-unionpay",
            report(messages) { MessageExplanation($0.input.frame, spec: .unionpayPOS).lines })
    }

    @Test("lint finds the same as ever in each message")
    func lint() throws {
        try compare(
            "lint",
            report(Published.all) {
                let findings = MessageFindings($0.input.frame, spec: $0.input.spec)
                return findings.lines + [findings.json.text]
            })
    }

    @Test("diff between messages is the same as ever")
    func diff() throws {
        let pairs = zip(Published.messages, Published.messages.dropFirst()).filter {
            $0.input.spec.name == $1.input.spec.name
        }
        #expect(pairs.count > 15)
        let text = try pairs.map { left, right in
            let difference = try MessageDifference(
                left.input.frame, right.input.frame, leftSpec: left.input.spec, rightSpec: right.input.spec)
            return (["# \(left.id) \(right.id)"] + difference.lines).joined(separator: "\n") + "\n"
        }
        try compare("diff", text.joined(separator: "\n"))
    }

    @Test("sniff's three likeliest guesses are the same as ever")
    func sniff() throws {
        let messages = Published.all.filter { !$0.bytes.isEmpty }
        try compare(
            "sniff",
            report(messages) { MessageGuess.all($0.bytes, specs: SpecLibrary().all).prefix(3).flatMap(\.lines) })
    }
}
