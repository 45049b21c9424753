// SPDX-License-Identifier: Apache-2.0
import GRDB
import Vocabulary

/// The projections as pages and programs ask for them. Every answer is of one moment; every list has a limit.
///
/// ## Topics
/// - The estate: ``overview(now:merchant:)``, ``terminals(now:merchant:after:limit:)``, ``terminal(_:now:)``
/// - Decisions: ``decisions(_:)``
/// - The issuer: ``cases(state:before:limit:)``, ``caseDetail(_:)``, ``account(_:)``, ``statement(of:year:month:)``
/// - Messages and rules: ``outbox(after:limit:)``, ``rules(limit:)``, ``rules(version:)``
/// - Lists: ``listSteps(of:limit:)``
public struct RecordsReader: Sendable {
    /// The most rows one answer holds.
    public static let rowsMax = 500

    let store: RecordsStore

    public init(store: RecordsStore) { self.store = store }

    /// The number of the last journal record in the projections.
    public func checkpoint() -> UInt64 { store.checkpoint() }

    static func clamped(_ limit: Int) -> Int { min(max(limit, 1), rowsMax) }
}

extension Row {
    func instant(_ column: String) -> Instant? {
        let value: Int64? = self[column]
        return value.map(Instant.init(microseconds:))
    }

    func money(_ amount: String, _ currency: String = "currency") -> Money {
        Money(minorUnits: self[amount], Currency(numeric: UInt16(truncatingIfNeeded: self[currency] as Int64)))
    }

    func number(_ column: String) -> UInt64 { UInt64(bitPattern: self[column] as Int64) }

    func terminal(_ column: String) -> TerminalID { TerminalID(self[column] as String) ?? TerminalID(packed: 0) }

    func list(_ column: String) -> [String] {
        let text: String? = self[column]
        return text.map { $0.split(separator: ",").map(String.init) } ?? []
    }
}
