// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Console

@Suite("Differences of rule texts")
struct LineDiffTests {
    private func signs(_ old: String, _ new: String) -> [String] {
        LineDiff(from: old, to: new).lines.map { line in
            switch line.kind {
            case .same: "=\(line.text)"
            case .added: "+\(line.text)"
            case .removed: "-\(line.text)"
            case .gap: "…"
            }
        }
    }

    @Test("what is the same is left out but for three lines around a change")
    func context() {
        let old = (1...20).map(String.init).joined(separator: "\n")
        let new = old.replacing("10", with: "ten")
        #expect(signs(old, new) == ["…", "=7", "=8", "=9", "-10", "+ten", "=11", "=12", "=13", "…"])
        #expect(signs(old, old) == ["…"])
        #expect(signs("", "") == ["…"])
    }

    @Test("a moved block is a removal and an addition, and what lies between stays")
    func moved() {
        #expect(signs("a\nb\nc\nd", "c\nd\na\nb") == ["-a", "-b", "=c", "=d", "+a", "+b"])
        #expect(signs("a\nx\nb", "a\ny\nx\nb") == ["=a", "+y", "=x", "=b"])
    }

    @Test("a difference applied to the old text gives the new one", arguments: UInt64(1)...20)
    func gives(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func text() -> [String] { (0..<random.below(12)).map { _ in ["a", "b", "c"][random.below(3)] } }
        let (old, new) = (text(), text())
        let difference = LineDiff(from: old.joined(separator: "\n"), to: new.joined(separator: "\n"))
        // Short texts have no line that is far from a change, unless nothing has changed.
        guard !difference.lines.contains(where: { $0.kind == .gap }) else { return }
        let kept = difference.lines.filter { $0.kind != .removed }.map(\.text).joined(separator: "\n")
        let before = difference.lines.filter { $0.kind != .added }.map(\.text).joined(separator: "\n")
        #expect(kept == new.joined(separator: "\n") && before == old.joined(separator: "\n"), "seed \(seed)")
    }

    @Test("texts of many different lines are shown as changed whole, in bounded time")
    func bounded() {
        let old = (0..<3_000).map { "a\($0)" }.joined(separator: "\n")
        let new = (0..<3_000).map { "b\($0)" }.joined(separator: "\n")
        let difference = LineDiff(from: old, to: new)
        #expect(difference.added == 3_000 && difference.removed == 3_000)
    }
}
