// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What a virtual terminal shows at this moment.
public struct TerminalScreen: Equatable, Sendable {
    public enum Phase: String, Sendable {
        case starting, ready, pin, busy, halted, signedOff
    }

    public var terminal: TerminalID
    public var phase: Phase
    /// The display's line, in both languages.
    public var en: String
    public var zh: String
    /// PIN digits entered so far, as stars are shown for them; nil when the keypad is closed.
    public var keypadCount: Int?
    /// Open warnings as the terminal itself knows them.
    public var warnings: [WarningCode]
    public var openReversals: Int
    /// How the last sale ended: an intent-like word (`approved`, `declined`, `reversed`, `refused`), and its details.
    public var lastOutcome: String?
    public var lastReference: String?
    public var lastCode: String?
    /// The challenge of a step-up that may be answered now.
    public var challenge: String?
    public var currency: Currency
    /// Why the terminal is out of service, where its files or its module are at fault.
    public private(set) var outage: String?

    public init(
        terminal: TerminalID, phase: Phase, en: String, zh: String, keypadCount: Int?, warnings: [WarningCode],
        openReversals: Int, lastOutcome: String?, lastReference: String?, lastCode: String?, challenge: String?,
        currency: Currency
    ) {
        self.terminal = terminal
        self.phase = phase
        self.en = en
        self.zh = zh
        self.keypadCount = keypadCount
        self.warnings = warnings
        self.openReversals = openReversals
        self.lastOutcome = lastOutcome
        self.lastReference = lastReference
        self.lastCode = lastCode
        self.challenge = challenge
        self.currency = currency
    }

    /// Shows why the terminal is out of service in the place of its line.
    mutating func showOutage(_ reason: String) {
        outage = reason
        en = "Out of service: \(reason)."
        zh = "暂停服务：\(reason)。"
    }
}

/// How a step-up is answered at the till.
public enum TillProof: String, Sendable {
    case identityDocument, transactionPassword
}

/// How a person at the till names the transaction that another one refers to.
public enum TillOriginal: Equatable, Sendable {
    /// Its trace number, of this terminal's open batch.
    case trace(UInt32)
    /// The reference on its slip.
    case reference(UInt64)
}

/// A transaction as a person at the till enters it. No PIN: its digits go to the keypad port one by one.
public struct TillSale: Sendable {
    public var kind = TransactionKind.purchase
    public var original: TillOriginal?
    public var pan: PAN
    /// YYMM.
    public var expiry: UInt16
    public var amount: Money
    public var goods: [GoodsCode]
    public var wantsPIN: Bool
    public var stepUp: (challenge: String, proof: TillProof)?

    public init(
        pan: PAN, expiry: UInt16, amount: Money, goods: [GoodsCode], wantsPIN: Bool,
        stepUp: (challenge: String, proof: TillProof)? = nil
    ) {
        self.pan = pan
        self.expiry = expiry
        self.amount = amount
        self.goods = goods
        self.wantsPIN = wantsPIN
        self.stepUp = stepUp
    }
}

/// The virtual terminals of a demo estate, as the console's page and the command line use them.
public protocol VirtualTerminalDesk: Sendable {
    func terminals() async -> [TerminalID]
    func screen(_ terminal: TerminalID) async -> TerminalScreen?
    /// - Returns: false for a terminal this desk does not run.
    func startSale(_ terminal: TerminalID, _ sale: TillSale) async -> Bool
    /// One key of the module's keypad port.
    func press(_ terminal: TerminalID, _ key: KeypadKey) async -> Bool
    func cancel(_ terminal: TerminalID) async -> Bool
    /// Ends the batch.
    func settle(_ terminal: TerminalID) async -> Bool
    /// Ends trade: nothing is sold before the next sign-on. Not taken while a sale or a settlement is under way.
    func signOff(_ terminal: TerminalID) async -> Bool
    /// Begins trade again after a sign-off, or takes a fresh lease.
    func signOn(_ terminal: TerminalID) async -> Bool
    /// Changes the emulated hardware, files, link or application: `fault` is one of the names of `HardwareFault` or
    /// `TerminalFault`; `repair` undoes it as a technician would, which clears nothing by itself.
    func setFault(_ terminal: TerminalID, _ fault: String, repair: Bool) async -> Bool
    /// The names `setFault` takes.
    func faults() async -> [String]
}
