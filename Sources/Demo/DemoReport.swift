// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a row of the run came to.
public enum RowStatus: String, Sendable {
    /// All that the row asks was just seen over the sockets.
    case works
    /// A part of it is not built, or cannot be shown from outside; what there is was seen and does what it must.
    case notYet = "not yet"
    /// Something that should work did not.
    case failed
}

/// One row with what was seen.
public struct RowReport: Equatable, Sendable {
    /// M1 to M8, T1 to T9.
    public var row: String
    public var title: String
    public var status: RowStatus
    public var evidence: String

    public var json: JSON {
        ["row": .string(row), "status": .string(status.rawValue), "evidence": .string(evidence)]
    }
}

/// The whole run.
public struct DemoReport: Equatable, Sendable {
    public var rows: [RowReport]

    /// Whether nothing failed that should work.
    public var isGood: Bool { !rows.isEmpty && !rows.contains { $0.status == .failed } }

    /// `{"rows":[{"row":"M1","status":"works","evidence":"…"},…]}`
    public var json: JSON { ["rows": .array(rows.map(\.json))] }
}
