// SPDX-License-Identifier: Apache-2.0

/// A line and a column of a rule file, both from 1; columns count Unicode scalars.
struct SourcePosition: Equatable, Sendable {
    var line: Int
    var column: Int
}

/// Why a rule file was not accepted: where, what was expected there, what stood there, and often a hint.
public struct RuleFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of mistake.
    public enum Code: String, Sendable, CaseIterable {
        /// The first line is not `tillguard-rules 1`.
        case header
        /// A character or text literal that cannot be read.
        case lexical
        /// A word or sign where another was needed.
        case syntax
        /// A name that nothing declares.
        case unknownName
        /// A name declared twice, or one the language keeps for itself.
        case nameTaken
        /// Values that cannot be compared or combined.
        case type
        /// A value outside its range.
        case range
        /// A sound rule that the semantics forbid, such as a notice lifting a PIN rule.
        case policy
        /// More than `RuleSet.limits` allow.
        case limit
    }

    public var code: Code
    public var line: Int
    public var column: Int
    public var expected: String
    public var found: String
    public var hint: String?

    init(
        _ code: Code, at position: SourcePosition, expected: String, found: String, hint: String? = nil
    ) {
        self.code = code
        (line, column) = (position.line, position.column)
        (self.expected, self.found, self.hint) = (expected, found, hint)
    }

    /// `7:12: expected …, found …. Hint.`
    public var description: String {
        "\(line):\(column): expected \(expected), found \(found)" + (hint.map { "; \($0)" } ?? "")
    }
}

/// The name nearest to a mistyped one.
enum Spelling {
    /// `did you mean …?`, or nil when nothing is within two edits (one for names of up to four letters).
    static func hint(for word: String, among names: [String]) -> String? {
        let reach = word.utf8.count <= 4 ? 1 : 2
        var best: (name: String, edits: Int)?
        for name in names where abs(name.utf8.count - word.utf8.count) <= reach && name != word {
            let edits = distance(Array(word.utf8), Array(name.utf8))
            if edits <= reach, edits < (best?.edits ?? .max) { best = (name, edits) }
        }
        return best.map { "did you mean \($0.name)?" }
    }

    /// Edits to turn one word into the other, a swap of neighbours counting as one (Damerau's restricted form).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var edits = min(last[j] + (left[i] == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    edits = min(edits, before[j - 1] + 1)
                }
                row.append(edits)
            }
            before = last
            last = row
        }
        return last[right.count]
    }
}
