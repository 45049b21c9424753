// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension Issuer {
    /// The whole state in the order it came to be: equal states give equal bytes.
    public func snapshot(to writer: inout ByteWriter) {
        writer.count(accounts.count)
        for (id, account) in zip(accounts.keys, accounts.values) {
            writer.unsigned(id.number)
            account.encode(to: &writer)
            writer.optional(account.frozen) { writer, freeze in
                writer.instant(freeze.since)
                writer.optional(freeze.caseID) { $0.unsigned($1.number) }
                writer.code(freeze.by)
                writer.optional(freeze.liftAskedBy) { $0.code($1) }
            }
            writer.signed(account.held)
            writer.signed(account.forced)
        }
        writer.count(cards.count)
        for (key, card) in zip(cards.keys, cards.values) {
            writer.card(key)
            card.snapshot(to: &writer)
        }
        writer.count(cases.count)
        for (id, fraudCase) in zip(cases.keys, cases.values) {
            writer.unsigned(id.number)
            fraudCase.encode(to: &writer)
            writer.byte(fraudCase.state.rawValue)
            writer.optional(fraudCase.answeredBy) { $0.code($1) }
        }
        writer.list(holds.holds) { $1.encode(to: &$0) }
    }

    /// - Parameter hasHolds: false for a snapshot from before there were any.
    public init(snapshot reader: inout ByteReader, hasHolds: Bool = true) throws(CodecError) {
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let id = AccountID(try reader.unsigned())
            guard accounts[id] == nil else { throw .invalid(offset: start, what: "account named twice") }
            var account = try Account(from: &reader)
            account.frozen = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                Freeze(
                    since: try reader.instant(),
                    caseID: try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                        CaseID(try reader.unsigned())
                    },
                    by: try reader.code(),
                    liftAskedBy: try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                        try reader.code()
                    })
            }
            if hasHolds {
                account.held = try reader.signed()
                account.forced = try reader.signed()
            }
            accounts.insert(id, account)
        }
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let key = try reader.card()
            guard cards[key] == nil else { throw .invalid(offset: start, what: "card named twice") }
            cards.insert(key, try Card(snapshot: &reader))
        }
        for _ in 0..<(try reader.count()) {
            let start = reader.offset
            let id = CaseID(try reader.unsigned())
            guard cases[id] == nil else { throw .invalid(offset: start, what: "case named twice") }
            var fraudCase = try FraudCase(from: &reader)
            fraudCase.state = try reader.raw(CaseState.self, "case state")
            fraudCase.answeredBy = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try reader.code()
            }
            cases.insert(id, fraudCase)
        }
        guard hasHolds else { return }
        let start = reader.offset
        for hold in try reader.list({ (reader: inout ByteReader) throws(CodecError) in try Hold(from: &reader) }) {
            guard hold.id > holds.holds.last?.id ?? RRN(0), holds.open(hold) else {
                throw .invalid(offset: start, what: "order of holds")
            }
        }
    }
}

extension OneTimePass {
    public func encode(to writer: inout ByteWriter) {
        writer.unsigned(caseID.number)
        writer.unsigned(merchant.number)
        writer.money(amountMax)
        writer.instant(until)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            caseID: CaseID(try reader.unsigned()), merchant: MerchantID(number: try reader.unsigned()),
            amountMax: try reader.money(), until: try reader.instant())
    }
}

extension Card {
    /// Beside the status: what verifies a chip follows at the end, and before it the terms of notices that have numbers.
    private static let chipTag: UInt8 = 0x80
    private static let noticeTag: UInt8 = 0x40

    func snapshot(to writer: inout ByteWriter) {
        encodeIdentity(to: &writer)
        let hasTerms = notices.contains { $0.number != 0 }
        writer.byte(status.rawValue | (chip == nil ? 0 : Self.chipTag) | (hasTerms ? Self.noticeTag : 0))
        writer.byte(wrongPINs)
        writer.optional(frozenUntil) { $0.instant($1) }
        writer.list(notices) { $1.encode(to: &$0) }
        writer.optional(pass) { $1.encode(to: &$0) }
        writer.optional(challenge) { writer, challenge in
            writer.unsigned(challenge.reference)
            writer.code(challenge.terminal)
            writer.money(challenge.amount)
            writer.instant(challenge.expires)
        }
        writer.optional(openCase) { $0.unsigned($1.number) }
        writer.unsigned(version)
        if hasTerms { for notice in notices { notice.snapshot(to: &writer) } }
        if let chip {
            chip.encode(to: &writer)
            writer.unsigned(chipCounter)
        }
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        try self.init(identity: &reader)
        let start = reader.offset
        let marks = try reader.byte()
        guard let status = CardStatus(rawValue: marks & ~(Self.chipTag | Self.noticeTag)) else {
            throw .invalid(offset: start, what: "card status")
        }
        self.status = status
        wrongPINs = try reader.byte()
        frozenUntil = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.instant() }
        notices = try reader.list { (reader: inout ByteReader) throws(CodecError) in try AdvanceNotice(from: &reader) }
        pass = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try OneTimePass(from: &reader) }
        challenge = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            Challenge(
                reference: try reader.unsigned(), terminal: try reader.code(), amount: try reader.money(),
                expires: try reader.instant())
        }
        openCase = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            CaseID(try reader.unsigned())
        }
        version = try reader.unsigned()
        if marks & Self.noticeTag != 0 {
            for index in notices.indices { try notices[index].restore(&reader) }
            guard notices.contains(where: { $0.number != 0 }) else { throw .invalid(offset: start, what: "notices") }
        }
        guard marks & Self.chipTag != 0 else { return }
        chip = try ChipReference(from: &reader)
        chipCounter = try reader.unsigned()
    }
}
