// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// One warning of the drill: what was done, what was seen, and where that is not what must be.
public struct DrillResult: Equatable, Sendable {
    let expectation: Expectation
    /// What was done to the terminal or its surroundings.
    let fault: String
    let seen: Observation
    /// Where what was seen is not what must be.
    public let faults: [String]

    init(_ expectation: Expectation, fault: String, seen: Observation) {
        (self.expectation, self.fault, self.seen) = (expectation, fault, seen)
        faults = expectation.faults(in: seen)
    }

    public var code: WarningCode { expectation.code }
    public var hasPassed: Bool { faults.isEmpty }

    var isDetected: Bool { expectation.places.allSatisfy(seen.places.contains) }
    var isHostRefused: Bool { Expectation.isRefusal(seen.host) }
    var zeroised: [String] { seen.slotsBefore.filter { !seen.slotsAfter.contains($0) } }

    /// The same keys for every row.
    public var json: JSON {
        func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
        func list(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }
        return [
            "code": .string(code.rawValue), "title": .string(code.entry.title.en),
            "titleZH": .string(code.entry.title.zh),
            "severity": .string(expectation.severity.name), "fault": .string(fault), "detected": .bool(isDetected),
            "detectedBy": list(seen.places.map(\.rawValue)),
            "milliseconds": .integer(Int64(seen.seconds * 1_000)), "halts": .string("\(expectation.halts)"),
            "halted": .bool(seen.till == "refused"), "till": text(seen.till), "module": text(seen.module),
            "hostRefused": .bool(isHostRefused), "hostAnswer": text(seen.host),
            "zeroises": .string("\(expectation.zeroises)"), "zeroised": list(zeroised),
            "refusedClearance": .array(
                seen.refused.map { ["user": .string($0.user), "status": .integer(Int64($0.status))] }),
            "clearance": .string(expectation.clearance.name), "clearedBy": list(seen.people),
            "trades": .bool(seen.after == "approved"), "passed": .bool(hasPassed), "faults": list(faults),
        ]
    }
}

/// The whole drill.
public struct DrillReport: Equatable, Sendable {
    /// In the catalogue's order.
    public let results: [DrillResult]

    public var isGood: Bool { !results.isEmpty && results.allSatisfy(\.hasPassed) }
    /// 0, or 1 where a row has failed.
    public var exitCode: Int32 { isGood ? 0 : 1 }
    public var json: JSON { .array(results.map(\.json)) }

    /// One line a row, and a line more for each fault.
    public func table(_ language: Language) -> [String] {
        let words = Words(language)
        var lines = [words.heading]
        for result in results {
            lines.append(words.line(result))
            lines += result.faults.map { "     \(words.fault): \($0)" }
        }
        lines.append(words.sum(results.count(where: \.hasPassed), of: results.count))
        return lines
    }
}
