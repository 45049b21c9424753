// SPDX-License-Identifier: Apache-2.0
import Estate
import Issuer
import ModuleProtocol
import Vocabulary

/// What of a command was not fit for a record.
public enum CommandField: String, CaseIterable, Sendable {
    /// The name of whoever gives the command.
    case staff
    case terminal
    /// Above fifteen digits, which is all DE 42 carries.
    case merchant
    /// A name longer than `Command.textBytesMax`.
    case name
    case category
    case position
    case currency
    /// Masked digits or sealed PAN.
    case card
    case pinReference
    /// A list longer than `Command.listMax`.
    case list
    /// The record as a whole.
    case record
}

extension Command {
    /// Bytes of a name or of sealed data.
    public static let textBytesMax = 256
    /// Categories of one notice.
    public static let listMax = 64
    private static let merchantMax: UInt64 = 999_999_999_999_999
    private static let categoryMax: UInt16 = 9_999
    private static let currencyMax: UInt16 = 999

    /// The first field that no record could keep as it is; nil when all can be kept.
    var malformedField: CommandField? {
        switch self {
        case .addMerchant(let id, let merchant):
            if id.number > Self.merchantMax { return .merchant }
            if merchant.name.utf8.count > Self.textBytesMax { return .name }
            if merchant.mcc.code > Self.categoryMax { return .category }
            return merchant.place.isOnEarth ? nil : .position
        case .addTerminal(let id, let terminal), .registerTerminal(let id, let terminal):
            if !id.isWellFormed { return .terminal }
            return terminal.currency.numeric > Self.currencyMax ? .currency : nil
        case .activate(let id), .clearWarning(let id, _), .suspend(let id), .resume(let id):
            return id.isWellFormed ? nil : .terminal
        case .addAccount(_, let account):
            if account.holder.utf8.count > Self.textBytesMax { return .name }
            return account.currency.numeric > Self.currencyMax ? .currency : nil
        case .addCard(_, let card):
            if card.masked.utf8.count > Self.textBytesMax || card.sealedPAN.count > Self.textBytesMax { return .card }
            return card.pin.isShort && card.password?.isShort ?? true ? nil : .pinReference
        case .setPIN(_, let reference): return reference.isShort ? nil : .pinReference
        case .setChip(_, let chip): return chip.sequence <= 99 ? nil : .card
        case .addNotice(_, let notice): return notice.categories.count > Self.listMax ? .list : nil
        case .dispute(_, let terminal, _, _, _): return terminal.isWellFormed ? nil : .terminal
        case .order(let order): return order.malformedField()
        case .act(let act): return act.malformedField()
        case .replaceRules, .loadRules, .proposeRules, .shadowRules, .approveRules, .activateRules, .rollBackRules,
            .withdrawRules, .label, .proposeModel, .shadowModel, .approveModel, .activateModel, .rollBackModel,
            .withdrawModel:
            return nil
        // What is wrong with them is said by a refusal of their own.
        case .createList, .loadList, .addListEntry, .removeListEntry, .dropList: return nil
        case .tick, .setCompatibility, .setCardStatus, .confirmCase, .denyCase, .freeze, .unfreeze, .cutOver,
            .setRouting, .revive, .listCard, .unlistCard, .changeKeys, .resetKeys:
            return nil
        case .setDestination(let destination): return destination.isWellFormed ? nil : .name
        }
    }
}

extension Position {
    fileprivate var isOnEarth: Bool {
        -90_000_000...90_000_000 ~= latitude && -180_000_000...180_000_000 ~= longitude
    }
}

extension PINReference {
    /// A PIN has twelve digits at most (ISO 9564-1:2017 8.1), and its offset as many.
    fileprivate var isShort: Bool {
        switch self {
        case .pvv: true
        case .offset(let digits): digits.count <= 12
        }
    }
}

extension HostRecord {
    /// Whether the record's bytes give the record again.
    var isReadBack: Bool {
        do throws(CodecError) { return try HostRecord(decoding: encoded()) == self } catch { return false }
    }
}
