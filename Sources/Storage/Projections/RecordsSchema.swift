// SPDX-License-Identifier: Apache-2.0
import Catalogue
import GRDB

/// The tables of `records.db`. Times are microseconds since 1970, amounts minor units, enums their raw values.
public enum RecordsSchema {
    /// Hand this to `RecordsStore(in:migrations:)`.
    public static func register(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("estate", migrate: estate)
        migrator.registerMigration("issuer", migrate: issuer)
        migrator.registerMigration("decisions", migrate: decisions)
        migrator.registerMigration("kinds", migrate: kinds)
        migrator.registerMigration("upstream", migrate: upstream)
        migrator.registerMigration("severities", migrate: severities)
        migrator.registerMigration("orders", migrate: orders)
        migrator.registerMigration("sealed", migrate: sealed)
        migrator.registerMigration("logs", migrate: logs)
        migrator.registerMigration("ruleLife", migrate: ruleLife)
        migrator.registerMigration("noticeTerms", migrate: noticeTerms)
        migrator.registerMigration("lists", migrate: lists)
        migrator.registerMigration("noticeAreas", migrate: noticeAreas)
    }

    /// What was collected of modules' audit logs, as it came. Everything is projected again from the journal's beginning.
    private static func logs(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE log_segments (
                    terminal TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, finding INTEGER,
                    finding_index INTEGER, segment BLOB NOT NULL, PRIMARY KEY (terminal, sequence)
                ) STRICT, WITHOUT ROWID;
                """)
        try projectAgain(["key_sets", "proposals", "standing", "sealed_holds"], database)
    }

    /// What a notice may lift in all. No older record says it, so nothing is projected again.
    private static func noticeTerms(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE notices ADD COLUMN total_max INTEGER;
                ALTER TABLE notices ADD COLUMN uses_max INTEGER;
                """)
    }

    /// Where a notice holds, millionths of a degree and metres. Older records may say it, and explanations name more than they did:
    /// everything is projected again from the journal's beginning.
    private static func noticeAreas(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE notices ADD COLUMN latitude INTEGER;
                ALTER TABLE notices ADD COLUMN longitude INTEGER;
                ALTER TABLE notices ADD COLUMN radius INTEGER;
                """)
        try projectAgain(
            ["key_sets", "proposals", "standing", "sealed_holds", "log_segments", "rule_steps", "list_steps"], database)
    }

    /// Debits of transactions that were perhaps not completed, by their references.
    private static func sealed(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE sealed_holds (
                    rrn INTEGER PRIMARY KEY NOT NULL, account INTEGER NOT NULL, amount INTEGER NOT NULL
                ) STRICT;
                """)
    }

    /// Keys, custody, orders and what is laid down for the estate. Columns that older records fill as well: everything is
    /// projected again from the journal's beginning.
    private static func orders(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE terminals ADD COLUMN key_set INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE terminals ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE terminals ADD COLUMN shipment TEXT;
                ALTER TABLE terminals ADD COLUMN custody TEXT;
                ALTER TABLE terminals ADD COLUMN permitted_serial INTEGER;
                ALTER TABLE terminals ADD COLUMN claimant INTEGER;
                ALTER TABLE terminals ADD COLUMN erasure TEXT;
                ALTER TABLE terminals ADD COLUMN inspected_at INTEGER;
                ALTER TABLE terminals ADD COLUMN inspected_by TEXT;
                ALTER TABLE terminals ADD COLUMN findings TEXT;
                ALTER TABLE terminals ADD COLUMN photo TEXT;
                ALTER TABLE warnings ADD COLUMN graded INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX terminals_by_key_set ON terminals (key_set);
                CREATE TABLE key_sets (
                    terminal TEXT NOT NULL, key_set INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER,
                    PRIMARY KEY (terminal, key_set, since)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX key_sets_by_set ON key_sets (key_set);
                CREATE TABLE proposals (
                    terminal TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, by TEXT NOT NULL,
                    at INTEGER NOT NULL, PRIMARY KEY (terminal, kind, detail)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE standing (
                    name TEXT PRIMARY KEY NOT NULL, detail TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                """)
        try projectAgain([], database)
    }

    /// Empties the tables that there were, for columns that older records fill as well.
    ///
    /// - Parameter later: tables that have come since the first that did this.
    static func projectAgain(_ later: [String], _ database: Database) throws {
        for table in [
            "merchants", "terminals", "warnings", "timeline", "compatibility", "accounts", "cards", "cases", "notices",
            "outbox", "rules", "decisions", "batches", "destinations", "forwards", "undelivered",
        ] + later {
            try database.execute(sql: "DELETE FROM \(table)")
        }
        try database.execute(sql: "UPDATE checkpoint SET sequence = 0")
    }

    private static func severities(_ database: Database) throws {
        try database.execute(sql: "ALTER TABLE warnings ADD COLUMN severity INTEGER NOT NULL DEFAULT 0")
        for code in WarningCode.allCases {
            try database.execute(
                sql: "UPDATE warnings SET severity = ? WHERE code = ?",
                arguments: [Int(code.severity.rawValue), code.rawValue])
        }
    }

    private static func estate(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE merchants (
                    id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, mcc INTEGER NOT NULL,
                    latitude INTEGER NOT NULL, longitude INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE terminals (
                    id TEXT PRIMARY KEY NOT NULL, merchant INTEGER NOT NULL, merchant_name TEXT NOT NULL,
                    mcc INTEGER NOT NULL, profile INTEGER NOT NULL, lifecycle INTEGER NOT NULL,
                    currency INTEGER NOT NULL, serial INTEGER NOT NULL, firmware TEXT, application TEXT,
                    lease_id INTEGER, lease_expires INTEGER, last_seen INTEGER,
                    activation_asked_by TEXT, activation_approved_by TEXT
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX terminals_by_merchant ON terminals (merchant, id);
                CREATE TABLE warnings (
                    sequence INTEGER NOT NULL, terminal TEXT NOT NULL, code TEXT NOT NULL, since INTEGER NOT NULL,
                    halts INTEGER NOT NULL, cleared_by TEXT NOT NULL DEFAULT '', open INTEGER NOT NULL DEFAULT 1,
                    closed_at INTEGER,
                    PRIMARY KEY (terminal, sequence, code)
                ) STRICT, WITHOUT ROWID;
                CREATE UNIQUE INDEX warnings_open ON warnings (terminal, code) WHERE open = 1;
                CREATE INDEX warnings_open_since ON warnings (since) WHERE open = 1;
                CREATE TABLE timeline (
                    terminal TEXT NOT NULL, sequence INTEGER NOT NULL, ordinal INTEGER NOT NULL, at INTEGER NOT NULL,
                    kind TEXT NOT NULL, detail TEXT NOT NULL,
                    PRIMARY KEY (terminal, sequence, ordinal)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE compatibility (
                    sequence INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, minimum TEXT NOT NULL,
                    maximum TEXT NOT NULL, by TEXT NOT NULL
                ) STRICT;
                """)
    }

    private static func issuer(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE accounts (
                    id INTEGER PRIMARY KEY NOT NULL, holder TEXT NOT NULL, available INTEGER NOT NULL,
                    currency INTEGER NOT NULL, frozen_since INTEGER, frozen_by TEXT, frozen_case INTEGER,
                    lift_asked_by TEXT
                ) STRICT;
                CREATE TABLE cards (
                    key TEXT PRIMARY KEY NOT NULL, account INTEGER NOT NULL, masked TEXT NOT NULL,
                    expiry INTEGER NOT NULL, status INTEGER NOT NULL, wrong_pins INTEGER NOT NULL,
                    frozen_until INTEGER
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX cards_by_account ON cards (account);
                CREATE TABLE cases (
                    id INTEGER PRIMARY KEY NOT NULL, card TEXT NOT NULL, account INTEGER NOT NULL,
                    opened INTEGER NOT NULL, terminal TEXT NOT NULL, merchant INTEGER NOT NULL,
                    amount INTEGER NOT NULL, currency INTEGER NOT NULL, rrn INTEGER NOT NULL, reference TEXT NOT NULL,
                    rules TEXT NOT NULL, stopped INTEGER NOT NULL, dispute INTEGER NOT NULL, state INTEGER NOT NULL,
                    answered_by TEXT, answered_at INTEGER, pass_until INTEGER
                ) STRICT;
                CREATE INDEX cases_by_state ON cases (state, id);
                CREATE INDEX cases_by_account ON cases (account, id);
                CREATE TABLE notices (
                    sequence INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, card TEXT NOT NULL,
                    starts INTEGER NOT NULL, ends INTEGER NOT NULL, amount_max INTEGER NOT NULL,
                    currency INTEGER NOT NULL, categories TEXT NOT NULL
                ) STRICT;
                CREATE INDEX notices_by_card ON notices (card);
                CREATE TABLE outbox (
                    id INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, audience TEXT NOT NULL,
                    channel TEXT NOT NULL, case_id INTEGER NOT NULL, reference TEXT NOT NULL, link TEXT,
                    body_en TEXT NOT NULL, body_zh TEXT NOT NULL, state TEXT NOT NULL
                ) STRICT;
                CREATE INDEX outbox_by_case ON outbox (case_id);
                CREATE TABLE rules (
                    version INTEGER PRIMARY KEY NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
                ) STRICT;
                """)
    }

    private static func decisions(_ database: Database) throws {
        // Indexes on `at` and `sequence` only ever grow at their end; the other three are what pages ask for.
        try database.execute(
            sql: """
                CREATE TABLE decisions (
                    sequence INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL,
                    terminal TEXT NOT NULL, merchant INTEGER, card TEXT, account INTEGER, amount INTEGER NOT NULL,
                    currency INTEGER NOT NULL, intent TEXT NOT NULL, rrn INTEGER NOT NULL,
                    approval_code INTEGER NOT NULL, reference TEXT NOT NULL, stan INTEGER NOT NULL,
                    transmission INTEGER NOT NULL, rules_version INTEGER, rules TEXT, explanation TEXT,
                    reversed_at INTEGER
                ) STRICT;
                CREATE INDEX decisions_by_time ON decisions (at);
                CREATE INDEX decisions_by_terminal ON decisions (terminal, sequence);
                CREATE INDEX decisions_by_account ON decisions (account, at) WHERE account IS NOT NULL;
                """)
    }

    /// Every kind of transaction, holds and settled batches; what is there already are purchases.
    private static func kinds(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE decisions ADD COLUMN transaction_kind INTEGER NOT NULL DEFAULT 1;
                ALTER TABLE accounts ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
                CREATE TABLE batches (
                    terminal TEXT NOT NULL, number INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
                    balanced INTEGER NOT NULL, debits INTEGER NOT NULL, debit_amount INTEGER NOT NULL,
                    credits INTEGER NOT NULL, credit_amount INTEGER NOT NULL, claimed_debits INTEGER NOT NULL,
                    claimed_debit_amount INTEGER NOT NULL, claimed_credits INTEGER NOT NULL,
                    claimed_credit_amount INTEGER NOT NULL, matched INTEGER NOT NULL DEFAULT 0,
                    differing INTEGER NOT NULL DEFAULT 0, closed_at INTEGER,
                    PRIMARY KEY (terminal, sequence)
                ) STRICT, WITHOUT ROWID;
                """)
    }

    /// Other issuers' hosts: who decided, what is asked and not answered, what could not be delivered.
    private static func upstream(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE decisions ADD COLUMN destination TEXT;
                CREATE TABLE destinations (place INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE) STRICT;
                CREATE TABLE forwards (
                    id INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL, terminal TEXT NOT NULL,
                    merchant INTEGER NOT NULL, card TEXT NOT NULL, amount INTEGER NOT NULL, currency INTEGER NOT NULL,
                    stan INTEGER NOT NULL, transmission INTEGER NOT NULL, transaction_kind INTEGER NOT NULL,
                    destination INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE undelivered (
                    destination INTEGER NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
                    PRIMARY KEY (destination, id)
                ) STRICT, WITHOUT ROWID;
                """)
    }
}
