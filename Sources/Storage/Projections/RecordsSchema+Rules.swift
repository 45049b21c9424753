// SPDX-License-Identifier: Apache-2.0
import GRDB

extension RecordsSchema {
    /// The life of rule sets, and what rules said to transactions that other hosts decide. Older records fill these columns as
    /// well: everything is projected again from the journal's beginning.
    static func ruleLife(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE rules ADD COLUMN state INTEGER NOT NULL DEFAULT 3;
                ALTER TABLE rules ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE rules ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;
                CREATE TABLE rule_steps (
                    sequence INTEGER PRIMARY KEY NOT NULL, version INTEGER NOT NULL, kind INTEGER NOT NULL,
                    by TEXT NOT NULL, at INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX rule_steps_by_version ON rule_steps (version, sequence);
                ALTER TABLE decisions ADD COLUMN shadow_version INTEGER;
                ALTER TABLE decisions ADD COLUMN shadow_rules TEXT;
                ALTER TABLE forwards ADD COLUMN rules_version INTEGER;
                ALTER TABLE forwards ADD COLUMN rules TEXT;
                ALTER TABLE forwards ADD COLUMN explanation TEXT;
                ALTER TABLE forwards ADD COLUMN shadow_version INTEGER;
                ALTER TABLE forwards ADD COLUMN shadow_rules TEXT;
                """)
        try projectAgain(["key_sets", "proposals", "standing", "sealed_holds", "log_segments"], database)
    }
}
