// SPDX-License-Identifier: Apache-2.0
import GRDB
import Vocabulary

/// A message for another host that was given up: a reversal or an advice, so that somebody's money is where it should
/// not be until people have seen to it.
public struct UndeliveredRow: Equatable, Sendable {
    /// The other host.
    public var destination: String
    /// Its number among those for that host.
    public var id: UInt64
    public var since: Instant
    /// A case of `StoreAndForward.Reason`.
    public var reason: String
}

extension RecordsReader {
    /// What was given up and not sent again, the oldest first.
    static func undelivered(_ database: Database) throws -> [UndeliveredRow] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT name, id, at, reason FROM undelivered JOIN destinations ON place = destination
                ORDER BY at, destination, id LIMIT 50
                """
        ).map {
            UndeliveredRow(
                destination: $0["name"], id: $0.number("id"), since: $0.instant("at") ?? .epoch, reason: $0["reason"])
        }
    }
}
