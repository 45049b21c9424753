// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// What changes the issuer's desk. Every case is final once written; a new shape takes a new kind.
public enum IssuerRecord: Equatable, Sendable {
    case accountAdded(AccountID, Account)
    case cardAdded(CardKey, Card)
    case cardStatusSet(CardKey, CardStatus, by: StaffID)
    case pinSet(CardKey, PINReference, by: StaffID)
    case caseOpened(CaseID, FraudCase)
    case caseConfirmed(CaseID, by: StaffID, passUntil: Instant)
    case caseDenied(CaseID, by: StaffID)
    case accountFrozen(AccountID, by: StaffID)
    case unfreezeAsked(AccountID, by: StaffID)
    case accountUnfrozen(AccountID, by: StaffID)
    /// One from before notices had numbers.
    case noticeAdded(CardKey, AdvanceNotice)
    /// A chip was issued for the card; its transaction counter begins anew.
    case chipSet(CardKey, ChipReference, by: StaffID)
    /// What the cardholder told in advance, with its number and who confirmed it.
    case noticeGiven(CardKey, AdvanceNotice)

    private enum Kind: UInt8 {
        case accountAdded = 1, cardAdded, cardStatusSet, pinSet, caseOpened, caseConfirmed, caseDenied, accountFrozen,
            unfreezeAsked, accountUnfrozen, noticeAdded, chipSet, noticeGiven
    }

    public func encode(to writer: inout ByteWriter) {
        switch self {
        case .accountAdded(let id, let account):
            writer.byte(Kind.accountAdded.rawValue)
            writer.unsigned(id.number)
            account.encode(to: &writer)
        case .cardAdded(let key, let card):
            writer.byte(Kind.cardAdded.rawValue)
            writer.card(key)
            card.encodeIdentity(to: &writer)
        case .cardStatusSet(let key, let status, let staff):
            writer.byte(Kind.cardStatusSet.rawValue)
            writer.card(key)
            writer.byte(status.rawValue)
            writer.code(staff)
        case .pinSet(let key, let reference, let staff):
            writer.byte(Kind.pinSet.rawValue)
            writer.card(key)
            reference.encode(to: &writer)
            writer.code(staff)
        case .caseOpened(let id, let fraudCase):
            writer.byte(Kind.caseOpened.rawValue)
            writer.unsigned(id.number)
            fraudCase.encode(to: &writer)
        case .caseConfirmed(let id, let staff, let until):
            writer.byte(Kind.caseConfirmed.rawValue)
            writer.unsigned(id.number)
            writer.code(staff)
            writer.instant(until)
        case .caseDenied(let id, let staff): writer.staffed(Kind.caseDenied.rawValue, id.number, staff)
        case .accountFrozen(let id, let staff): writer.staffed(Kind.accountFrozen.rawValue, id.number, staff)
        case .unfreezeAsked(let id, let staff): writer.staffed(Kind.unfreezeAsked.rawValue, id.number, staff)
        case .accountUnfrozen(let id, let staff): writer.staffed(Kind.accountUnfrozen.rawValue, id.number, staff)
        case .noticeAdded(let key, let notice):
            writer.byte(Kind.noticeAdded.rawValue)
            writer.card(key)
            notice.encode(to: &writer)
        case .chipSet(let key, let chip, let staff):
            writer.byte(Kind.chipSet.rawValue)
            writer.card(key)
            chip.encode(to: &writer)
            writer.code(staff)
        case .noticeGiven(let key, let notice):
            writer.byte(Kind.noticeGiven.rawValue)
            writer.card(key)
            notice.encode(to: &writer)
            notice.encodeTerms(to: &writer)
        }
    }

    public init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .invalid(offset: start, what: "issuer record") }
        switch kind {
        case .accountAdded:
            let id = AccountID(try reader.unsigned())
            self = .accountAdded(id, try Account(from: &reader))
        case .cardAdded:
            let key = try reader.card()
            self = .cardAdded(key, try Card(identity: &reader))
        case .cardStatusSet:
            let key = try reader.card()
            let status = try reader.raw(CardStatus.self, "card status")
            self = .cardStatusSet(key, status, by: try reader.code())
        case .pinSet:
            let key = try reader.card()
            let reference = try PINReference(from: &reader)
            self = .pinSet(key, reference, by: try reader.code())
        case .caseOpened:
            let id = CaseID(try reader.unsigned())
            self = .caseOpened(id, try FraudCase(from: &reader))
        case .caseConfirmed:
            let id = CaseID(try reader.unsigned())
            let staff: StaffID = try reader.code()
            self = .caseConfirmed(id, by: staff, passUntil: try reader.instant())
        case .caseDenied: self = .caseDenied(CaseID(try reader.unsigned()), by: try reader.code())
        case .accountFrozen: self = .accountFrozen(AccountID(try reader.unsigned()), by: try reader.code())
        case .unfreezeAsked: self = .unfreezeAsked(AccountID(try reader.unsigned()), by: try reader.code())
        case .accountUnfrozen: self = .accountUnfrozen(AccountID(try reader.unsigned()), by: try reader.code())
        case .noticeAdded:
            let key = try reader.card()
            self = .noticeAdded(key, try AdvanceNotice(from: &reader))
        case .chipSet:
            let key = try reader.card()
            let chip = try ChipReference(from: &reader)
            self = .chipSet(key, chip, by: try reader.code())
        case .noticeGiven:
            let key = try reader.card()
            var notice = try AdvanceNotice(from: &reader)
            try notice.readTerms(&reader)
            self = .noticeGiven(key, notice)
        }
    }
}

extension ByteWriter {
    fileprivate mutating func staffed(_ kind: UInt8, _ number: UInt64, _ staff: StaffID) {
        byte(kind)
        unsigned(number)
        code(staff)
    }
}
