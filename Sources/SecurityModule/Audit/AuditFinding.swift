// SPDX-License-Identifier: Apache-2.0

/// Why an audit log is not the one that its module wrote, and the first record that shows it.
public enum AuditFinding: Error, Hashable, Sendable {
    /// Of another module, or of another epoch.
    case foreign
    /// The record, the head before it or its code was changed, or was never this module's.
    case edited(UInt32)
    /// The record is not there, and others behind it are.
    case missing(UInt32)
    /// The record does not stand in its place, or stands in two.
    case reordered(UInt32)
    /// The module has written the record once, and knows nothing of it now, or its counters have fallen.
    case rolledBack(UInt32)
    /// The module has written the record twice, each time otherwise: it was copied, or set back.
    case forked(UInt32)
    /// The checkpoint at the record was not signed by the module's identity key.
    case unsigned(UInt32)

    /// The number of the first bad record; nil when the whole log is another's.
    public var index: UInt32? {
        switch self {
        case .foreign: nil
        case .edited(let index), .missing(let index), .reordered(let index), .rolledBack(let index),
            .forked(let index), .unsigned(let index):
            index
        }
    }

    /// A word for reports.
    public var name: String {
        switch self {
        case .foreign: "foreign"
        case .edited: "edited"
        case .missing: "missing"
        case .reordered: "reordered"
        case .rolledBack: "rolled back"
        case .forked: "forked"
        case .unsigned: "unsigned checkpoint"
        }
    }
}
