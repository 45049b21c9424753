// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A row of the source document's demands, and how it is walked.
struct Row: Sendable {
    /// The servers of a run. A tampered terminal stays so, and windows span rows: rows that would disturb each other
    /// have servers of their own.
    enum House: String, CaseIterable, Sendable {
        case bank, breaking, halting, repairing
    }

    enum Verdict: Equatable, Sendable {
        case works
        /// What is missing, for the evidence.
        case notYet(String)
    }

    var id: String
    var title: String
    var house: House
    var walk: @Sendable (Stage) throws -> Verdict

    init(_ id: String, _ title: String, in house: House, walk: @escaping @Sendable (Stage) throws -> Verdict) {
        self.id = id
        self.title = title
        self.house = house
        self.walk = walk
    }

    /// In the order of the document, but for T8, which looks back on everything.
    static let all = [m1, m2, m3, m4, m5, m6, m7, m8, t1, t2, t3, t4, t5, t6, t7, t9, t8]

    /// Walks the row.
    /// - Parameter tell: gets each line of the narration.
    func report(through door: any Door, tell: @escaping (String) -> Void = { _ in }) throws -> RowReport {
        let stage = Stage(door, tell: tell)
        do {
            switch try walk(stage) {
            case .works: return report(.works, stage.facts)
            case .notYet(let missing): return report(.notYet, stage.facts + ["not yet: \(missing)"])
            }
        } catch let unmet as Unmet {
            return report(.failed, ["\(unmet)"] + stage.facts.map { "before that: \($0)" })
        }
    }

    private func report(_ status: RowStatus, _ facts: [String]) -> RowReport {
        RowReport(row: id, title: title, status: status, evidence: facts.joined(separator: "; "))
    }
}

/// Something that had to hold and was not seen.
package struct Unmet: Error, CustomStringConvertible {
    var expected: String
    var seen: String

    package init(expected: String, seen: String) { (self.expected, self.seen) = (expected, seen) }

    package var description: String { "expected \(expected); seen: \(seen)" }
}
