// SPDX-License-Identifier: Apache-2.0

/// The sealed records that a terminal keeps until its host has acknowledged them, oldest first.
public struct SealedTail: Equatable, Sendable {
    /// More than a terminal may leave undelivered: it halts long before (P04).
    public static let recordsMax = 4_096

    public private(set) var records: [SealedRecord] = []
    /// The host has everything up to here.
    public private(set) var acknowledged: UInt64 = 0

    /// - Parameter acknowledged: what the host has already.
    public init(acknowledged: UInt64 = 0) { self.acknowledged = acknowledged }

    /// Keeps the next record.
    ///
    /// - Returns: false when there is no room, or the record is not the next.
    public mutating func append(_ record: SealedRecord) -> Bool {
        guard records.count < Self.recordsMax, record.index == (records.last?.index ?? acknowledged) + 1 else {
            return false
        }
        records.append(record)
        return true
    }

    /// What is sent next: the oldest records, as many as fit, at least one.
    ///
    /// - Parameter bytesMax: room for their encoded forms together.
    public func next(bytesMax: Int) -> [[UInt8]] {
        var (output, room): ([[UInt8]], Int) = ([], bytesMax)
        for record in records {
            let bytes = record.encoded()
            room -= bytes.count
            guard room >= 0 || output.isEmpty else { break }
            output.append(bytes)
        }
        return output
    }

    /// Forgets what the host has, as an authenticated message of the host says.
    public mutating func acknowledge(through index: UInt64) {
        guard index > acknowledged, index <= (records.last?.index ?? acknowledged) else { return }
        records.removeAll { $0.index <= index }
        acknowledged = index
    }
}
