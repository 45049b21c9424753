// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import UnionPay
import Vocabulary

/// What a terminal is and how patient it is. Set up once, at installation.
public struct TerminalConfiguration: Equatable, Sendable {
    /// DE 41.
    public var terminal: TerminalID
    /// DE 42.
    public var merchant: MerchantID
    /// Decides the PIN block's field and the length of the KSN.
    public var profile: KeyProfile
    /// How its messages are written.
    public var dialect = TerminalDialect.iso8583
    /// TPDU and header of its messages in UnionPay's dialect.
    public var envelope = UnionPay.Envelope()
    /// Whether a sign-on in UnionPay's dialect asks for a key for track data.
    public var wantsTrackKey = false
    /// DE 49; a sale in another currency is refused.
    public var currency: Currency
    /// The version of this POS application, which the module attests.
    public var application: SoftwareVersion
    /// What this terminal can ask a cardholder for; every request says so.
    public var stepUp = StepUpSupport.all
    /// From the send to the reversal.
    public var answerTimeout: Interval = .seconds(20)
    /// Between two questions to the module.
    public var heartbeatInterval: Interval = .seconds(2)
    /// As many heartbeats in a row without an answer raise L01.
    public var heartbeatsMissedMax = 3
    /// More losses of the module within `flapWindow` than this need a person (L01).
    public var flapsMax = 3
    public var flapWindow: Interval = .minutes(10)
    /// From one reset of a lost module to the next, and from the last to L03.
    public var moduleResetInterval: Interval = .seconds(30)
    /// As many resets in a row without an answer raise L03.
    public var moduleResetsMax = 3
    /// From the opening of the keypad to the refusal of the sale.
    public var pinEntryTimeout: Interval = .seconds(60)
    /// From the host's word that a sign-on is due to the end of a sale that waits for it.
    public var retryTimeout: Interval = .seconds(60)
    /// As long a silence on the line is followed by an echo test; nil: none is made.
    public var echoInterval: Interval?
    /// More open reversals than this raise P04.
    public var openReversalsMax = 3
    /// An open reversal older than this raises P04.
    public var reversalAgeMax: Interval = .minutes(5)
    /// The first pause before a repeat; it doubles with each.
    public var retryFirst: Interval = .seconds(2)
    /// No pause before a repeat is longer.
    public var retryMax: Interval = .seconds(60)

    /// Everything else has its usual value, and can be changed before the terminal is made.
    public init(
        terminal: TerminalID, merchant: MerchantID, profile: KeyProfile, currency: Currency,
        application: SoftwareVersion
    ) {
        self.terminal = terminal
        self.merchant = merchant
        self.profile = profile
        self.currency = currency
        self.application = application
    }

    /// Transactions in one message of a batch upload.
    var itemsPerMessage: Int { dialect == .unionPayPOS ? UnionPay.batchItemsMax : BatchItem.countMax }

    /// The pause after so many attempts: `retryFirst`, doubled with each, up to `retryMax`.
    func pause(afterAttempts attempts: Int) -> Interval {
        min(retryMax, retryFirst * (1 << Int64(max(0, min(attempts - 1, 16)))))
    }
}
