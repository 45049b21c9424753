// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// How the card's data came into the terminal: the first two digits of DE 22.
public enum EntryMode: UInt8, CaseIterable, Sendable {
    case manual = 1
    case magneticStripe = 2
    case chip = 5
    case contactlessChip = 7

    /// DE 22 with a third digit of 1: this terminal can take a PIN.
    var pointOfService: UInt64 { UInt64(rawValue) * 10 + 1 }
}

/// The month after which a card is no longer good: DE 14.
public struct CardExpiry: Hashable, Sendable {
    /// The year's last two digits.
    public let year: UInt8
    /// 1–12.
    public let month: UInt8

    /// - Returns: nil for a year above 99 or a month outside 1–12.
    public init?(year: UInt8, month: UInt8) {
        guard year <= 99, (1...12).contains(month) else { return nil }
        self.year = year
        self.month = month
    }

    /// `YYMM` as a number.
    var number: UInt64 { UInt64(year) * 100 + UInt64(month) }
}

/// What was read from a card. The PAN prints masked.
public struct CardData: Hashable, Sendable {
    public var pan: PAN
    public var expiry: CardExpiry
    public var entry: EntryMode
    /// What the chip has answered for this transaction and its amount: DE 55, without number and tracks of the card.
    public var chip: [UInt8]?

    public init(pan: PAN, expiry: CardExpiry, entry: EntryMode, chip: [UInt8]? = nil) {
        self.chip = chip
        self.pan = pan
        self.expiry = expiry
        self.entry = entry
    }
}

/// The proof that answers a step-up challenge (rule R12).
public struct StepUpProof: Hashable, Sendable {
    /// What is shown.
    public enum Method: UInt8, CaseIterable, Sendable {
        /// The clerk has seen an identity document.
        case identityDocument = 1
        /// The cardholder types the transaction password on the module's keypad: it travels where a PIN does.
        case transactionPassword = 2

        /// DE 60 of the follow-up: how the challenge was answered.
        var code: String {
            switch self {
            case .identityDocument: "ID"
            case .transactionPassword: "PW"
            }
        }
    }

    /// The one-use challenge of the declined answer, DE 44; it goes back in DE 44 of the follow-up.
    public var challenge: String
    public var method: Method

    public init(challenge: String, method: Method) {
        self.challenge = challenge
        self.method = method
    }
}

/// A transaction of any kind as the till asks for it.
public struct SaleRequest: Hashable, Sendable {
    /// DE 61 holds no more than eleven of the longest codes; the host's limit is 99 characters.
    public static let goodsLengthMax = 99
    /// DE 44 holds no longer challenge.
    public static let challengeLengthMax = 25
    /// DE 4 has twelve digits.
    public static let minorUnitsMax: Int64 = 999_999_999_999

    public var kind: TransactionKind
    public var card: CardData
    /// 0 for a balance. A void by trace number takes its original's.
    public var amount: Money
    /// What it refers to; nil for a kind that refers to nothing.
    public var original: OriginalReference?
    /// What is sold, as the till names it.
    public var goods: [GoodsCode]
    /// Present in the follow-up of a sale that the issuer wanted more proof for.
    public var stepUp: StepUpProof?
    /// Whether the keypad is opened for a PIN before the message goes out. A transaction password opens it anyway.
    public var wantsPIN: Bool

    public init(
        _ kind: TransactionKind = .purchase, card: CardData, amount: Money, original: OriginalReference? = nil,
        goods: [GoodsCode] = [], stepUp: StepUpProof? = nil, wantsPIN: Bool = true
    ) {
        self.kind = kind
        self.original = original
        self.card = card
        self.amount = amount
        self.goods = goods
        self.stepUp = stepUp
        self.wantsPIN = wantsPIN
    }

    /// Whether the module's keypad has to be filled in before the message can be protected.
    var needsKeypad: Bool {
        kind == .balance || kind.asksForPIN && (wantsPIN || stepUp?.method == .transactionPassword)
    }

    /// DE 61: the codes with commas between them; nil when nothing is named.
    var goodsText: String? {
        goods.isEmpty ? nil : goods.map(\.description).joined(separator: ",")
    }

    /// What is wrong with it before any message is built.
    func fault(currency: Currency) -> SaleRefusal.Fault? {
        guard amount.currency == currency else { return .currency }
        let amounts = kind == .balance ? 0...0 : 1...Self.minorUnitsMax
        guard amounts.contains(amount.minorUnits) else { return .amount }
        guard kind.hasOriginal == (original != nil), original?.isSound ?? true else { return .original }
        // A comma inside a code would read as two codes at the host.
        guard goodsText?.utf8.count ?? 0 <= Self.goodsLengthMax, !goods.contains(where: { $0.bytes.contains(0x2C) })
        else { return .goods }
        if let challenge = stepUp?.challenge {
            guard (1...Self.challengeLengthMax).contains(challenge.utf8.count),
                challenge.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
            else { return .challenge }
        }
        return nil
    }
}

extension OriginalReference {
    /// DE 37 has twelve digits, DE 38 six letters or digits.
    fileprivate var isSound: Bool {
        switch self {
        case .trace(let stan): 1...999_999 ~= stan.number
        case .reference(let rrn, let code):
            1...999_999_999_999 ~= rrn.number
                && code.map { $0.utf8.count == 6 && $0.utf8.allSatisfy(Self.isLetterOrDigit) } ?? true
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
    }
}
