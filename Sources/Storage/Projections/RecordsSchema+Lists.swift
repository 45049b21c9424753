// SPDX-License-Identifier: Apache-2.0
import GRDB

extension RecordsSchema {
    /// Who changed which list, when and why. No journal before this had such records.
    static func lists(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE list_steps (
                    sequence INTEGER PRIMARY KEY NOT NULL, list TEXT NOT NULL, kind INTEGER NOT NULL,
                    at INTEGER NOT NULL, by TEXT NOT NULL, list_kind INTEGER, key TEXT, source TEXT NOT NULL,
                    reason TEXT NOT NULL, expires INTEGER, digest TEXT, entries INTEGER,
                    keeps_changes INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX list_steps_by_list ON list_steps (list, sequence);
                """)
    }
}
