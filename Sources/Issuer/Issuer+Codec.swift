// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension PINReference {
    public func encode(to writer: inout ByteWriter) {
        switch self {
        case .pvv(let value, let index):
            writer.byte(1)
            writer.unsigned(value)
            writer.byte(index)
        case .offset(let digits):
            writer.byte(2)
            writer.sized(digits)
        }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        switch try reader.byte() {
        case 1: self = .pvv(try reader.unsigned(), keyIndex: try reader.byte())
        case 2: self = .offset(try reader.sized())
        default: throw .invalid(offset: start, what: "PIN reference")
        }
    }
}

extension ChipReference {
    func encode(to writer: inout ByteWriter) {
        writer.byte(scheme.rawValue)
        writer.byte(sequence)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let scheme = try reader.raw(ChipScheme.self, "chip scheme")
        let start = reader.offset
        self.init(scheme: scheme, sequence: try reader.byte())
        guard sequence <= 99 else { throw .invalid(offset: start, what: "PAN sequence number") }
    }
}

extension Account {
    func encode(to writer: inout ByteWriter) {
        writer.text(holder)
        writer.signed(available)
        writer.unsigned(currency.numeric)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            holder: try reader.text(), available: try reader.signed(),
            currency: Currency(numeric: try reader.unsigned()))
    }
}

extension Card {
    func encodeIdentity(to writer: inout ByteWriter) {
        writer.unsigned(account.number)
        writer.text(masked)
        writer.sized(sealedPAN)
        writer.unsigned(expiry)
        pin.encode(to: &writer)
        writer.optional(password) { $1.encode(to: &$0) }
    }

    init(identity reader: inout ByteReader) throws(CodecError) {
        self.init(
            account: AccountID(try reader.unsigned()), masked: try reader.text(), sealedPAN: try reader.sized(),
            expiry: try reader.unsigned(), pin: try PINReference(from: &reader),
            password: try reader.optional { (reader: inout ByteReader) throws(CodecError) in
                try PINReference(from: &reader)
            })
    }
}

extension FraudCase {
    private static let disputeMark: UInt8 = 1
    private static let ordersMark: UInt8 = 2

    public func encode(to writer: inout ByteWriter) {
        writer.card(card)
        writer.unsigned(account.number)
        writer.instant(opened)
        writer.code(terminal)
        writer.unsigned(merchant.number)
        writer.money(amount)
        writer.unsigned(rrn.number)
        writer.text(reference)
        writer.list(rules) { $0.text($1) }
        writer.flag(stopped)
        writer.byte((isDispute ? Self.disputeMark : 0) | (orders == nil ? 0 : Self.ordersMark))
        orders?.encode(to: &writer)
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            card: try reader.card(), account: AccountID(try reader.unsigned()), opened: try reader.instant(),
            terminal: try reader.code(), merchant: MerchantID(number: try reader.unsigned()),
            amount: try reader.money(), rrn: RRN(try reader.unsigned()), reference: try reader.text(),
            rules: try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.text() },
            stopped: try reader.flag())
        let start = reader.offset
        let marks = try reader.byte()
        guard marks < 4 else { throw .invalid(offset: start, what: "marks of a case") }
        isDispute = marks & Self.disputeMark != 0
        if marks & Self.ordersMark != 0 { orders = try CaseOrders(from: &reader) }
    }
}
