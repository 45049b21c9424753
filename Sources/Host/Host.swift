// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import Issuer
import ModuleProtocol
import SecurityTriggers
import Vocabulary

/// The host: estate, issuer, triggers and the duplicate index as one value with one writer.
///
/// `decide…` functions change nothing and return a record; `apply` is the only mutation, live and in recovery, and
/// recovery never decides again. What is slow or secret (a module's verdict, random bytes) is fetched before and
/// travels in the event, with the version of what it depended on, which `decide` checks again.
///
/// ## Topics
/// - A message: ``inquire(_:cardKey:nonce:now:)``, ``decide(_:verdict:now:)``
/// - A command: ``decide(_:by:now:)``
/// - State: ``apply(_:)``, ``snapshot()``, ``digest()``, ``brokenInvariants()``
public struct Host: ~Copyable {
    public internal(set) var estate = Estate()
    public internal(set) var issuer = Issuer()
    public internal(set) var triggers: Triggers
    /// In force, unless `unreadableRules` says otherwise.
    public internal(set) var rules: RuleSet
    /// Rules in force that cannot be read: no transaction is authorised while there are any.
    public internal(set) var unreadableRules: UnreadableRules?
    /// What was proposed, approved, watched, put in force and taken back, by whom.
    public internal(set) var ruleBook = RuleBook()
    /// Judged beside the rules in force, without any effect.
    public internal(set) var watchedRules: RuleSet?
    /// The lists that rules name and do not hold.
    public internal(set) var lists = ListBook()
    /// Which models give the scores, which wait and which are watched.
    public internal(set) var models = ModelBook()
    /// How the models in force fare; see `ModelWatch` for why it is no part of the state.
    public let modelWatch = ModelWatch()
    /// Which transactions have a verdict.
    public internal(set) var labels = LabelBook()
    /// Records applied so far; the next record is number `sequence + 1`.
    public internal(set) var sequence: UInt64 = 0
    /// By the terminal's position in the estate.
    var memory: [TransactionMemory] = []
    /// By the terminal's position in the estate.
    var batches: [TerminalBatch] = []
    /// By the terminal's position in the estate: what dead ones have delivered.
    var journals: [TerminalJournal] = []
    /// What voids, refunds and completions refer to.
    public internal(set) var ledger = Ledger()
    /// The business day; rises with every cut-over.
    public internal(set) var day: UInt32 = 0
    /// What goes to other hosts.
    public internal(set) var upstream = UpstreamBook()
    /// When the day began; nil before the first cut-over.
    public internal(set) var dayBegan: Instant?

    /// Sales up to this many minor units may go without a PIN.
    public static let noPINLimit: Int64 = 50_00
    /// A completion may debit so many per cent of what its pre-authorisation holds (UnionPay's business rules: 115).
    public static let completionPercentMax: Int64 = 115

    /// Whether terminals and merchants are counted from the journal's first record on, so that whatever rules come find their
    /// windows full. Only a snapshot of before hosts did so gives one that is not; the whole journal gives one that is.
    public var isWarm: Bool { triggers.countedSince == nil }

    /// - Parameters:
    ///   - rules: the rule set a new journal starts with; a recovered one brings its own records.
    ///   - seed: scatters the triggers' tables, random for each process that strangers reach; it has no influence on
    ///     any result.
    public init(rules: RuleSet, seed: UInt64? = nil) {
        self.rules = rules
        triggers = Triggers(rules: rules, seed: seed, keepsAll: true)
    }
}

/// Who gives a command.
public struct Principal: Equatable, Sendable {
    public var staff: StaffID
    public var role: Role

    public init(staff: StaffID, role: Role) {
        self.staff = staff
        self.role = role
    }
}

/// What a principal may do.
public enum Role: String, CaseIterable, Sendable {
    /// Runs the estate: activation, warnings, suspension.
    case `operator`
    /// Sits at the issuer's desk: cases, freezes, rules.
    case analyst
    /// Stands at the till: may look at his own terminals, and clear nothing.
    case merchant
    /// Answers about his own purchases.
    case cardholder
    /// Looks after devices at the merchant's: inspects, brings them into maintenance and out of it.
    case technician
    /// Holds devices and keys between maker and merchant.
    case custodian
    /// Works at the authorised service centre.
    case serviceCentre
    /// The server itself: provisioning of a new data directory.
    case system
}
