// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// Where a protected message has room for what only the module may write: zero bytes until it does.
public struct MessageHoles: Equatable, Sendable {
    /// Empty in a session profile, which has no KSN.
    public var ksn: Range<Int>
    public var health: Range<Int>
    public var pinBlock: Range<Int>?
    /// The last bytes of the message. The MAC covers every byte from `macStart` up to it. Empty: a sign-on or report of a
    /// session profile goes without a MAC, authenticated by its health element alone.
    public var mac: Range<Int>
    /// Where MAC and health element begin to cover: after a header that is not protected. UnionPay's begin at the MTI,
    /// behind TPDU and header.
    public var macStart: Int

    public init(
        ksn: Range<Int> = 0..<0, health: Range<Int>, pinBlock: Range<Int>?, mac: Range<Int>, macStart: Int = 0
    ) {
        self.ksn = ksn
        self.health = health
        self.pinBlock = pinBlock
        self.mac = mac
        self.macStart = macStart
    }
}

/// Why the terminal asks for a message to be protected; the module allows each in its own states.
public enum ProtectionPurpose: UInt8, CaseIterable, Sendable {
    /// A purchase or any other message that moves money: only when READY, activated, leased, self-tested.
    case authorisation = 1
    /// A reversal or advice that was journalled before: also while halted, never after zeroisation.
    case delivery = 2
    /// Sign-on and its evidence: also while halted or not activated.
    case signOn = 3
    /// A warning report: also while halted.
    case report = 4
}

/// A command to the terminal's security module. Composite: one an authorisation, and one for its answer.
public enum TerminalModuleCommand: Equatable, Sendable {
    /// A heartbeat; the answer is `status`.
    case status
    /// Runs every known-answer test now.
    case selfTest
    /// Opens the keypad for one PIN; the digits go to the module's keypad port only.
    case beginPINEntry
    case cancelPINEntry
    /// Writes KSN, PIN block (from the keypad's PIN, if the holes ask for one), health element and MAC.
    case protect(purpose: ProtectionPurpose, message: [UInt8], holes: MessageHoles, pan: PAN?)
    /// Verifies the MAC of the answer to the message protected last, over the bytes from `macStart`. In a session profile
    /// also of the answer to one protected just before a key download.
    case verifyAnswer(message: [UInt8], mac: Range<Int>, macStart: Int = 0)
    /// Evidence over the host's nonce, with fresh one-time tokens.
    case attest(nonce: [UInt8], application: SoftwareVersion)
    /// What is open, in the module's own words, for a warning report: the answer is `statement`.
    case describe
    /// Records of the audit log from a number on, as many as fit into so many bytes; also while halted and when tampered
    /// with. The answer is `log`.
    case collectLog(from: UInt32, bytesMax: Int)
    /// The ticket and its CMAC as they came in DE 57.
    case acceptLease(ticket: [UInt8])
    /// Session profiles: the value of field 62 as it came, and the ticket and its CMAC, which covers both. The new keys
    /// and the lease are taken together or not at all; a refused download raises K02.
    case acceptKeys(download: [UInt8], ticket: [UInt8])
    /// The host has answered that a sign-on is due (77, 99, A0): K06, which drops the session keys.
    case signOnDue
    /// Seals records for the host (rule R8), all or none: the answer is `sealed`. `stored` is the number of the newest record
    /// that the application has stored, 0 for none: what was sealed since then was never written.
    case seal(stored: UInt64, [SealRequest])
}

/// Why the module did not do what it was told.
public enum ModuleRefusal: UInt8, Error, CaseIterable, Sendable {
    /// A warning is open; the status names it.
    case halted = 1
    case tampered = 2
    case notActivated = 3
    case leaseMissingOrExpired = 4
    case selfTestOverdue = 5
    /// No PIN has been entered, or it is too short.
    case noPIN = 6
    /// PIN encryptions come faster than one in 30 s on average (K05).
    case pinRateExceeded = 7
    /// A hole lies outside the message, overlaps another or has the wrong length.
    case badRequest = 8
    /// The ticket is not authentic, not for this identity, or answers another nonce.
    case ticketRefused = 9
    /// The key serial number has no legal counter left (K03).
    case keysExhausted = 10
    /// There are no session keys: the terminal must sign on first (K06).
    case signOnNeeded = 11
    /// A key download is not authentic, does not match its check values, or holds a weak key; the old keys stay (K02).
    case keysRefused = 12
}

/// What the module says of itself to the terminal: no secret, and no word the host believes without proof.
public struct ModuleStatus: Equatable, Sendable {
    public var state: ModuleState
    public var lifecycle: Lifecycle
    public var openWarnings: [RaisedWarning]
    public var eventCounter: UInt32
    public var selfTestNumber: UInt32
    public var profile: KeyProfile
    public var serial: UInt64
    public var firmware: SoftwareVersion
    /// PIN digits entered so far; nil when the keypad is closed.
    public var keypadCount: Int?
    public var leaseExpires: Instant?
    /// Released by tampering, to be shown to the host once (rule R7).
    public var deathToken: [UInt8]?
    /// The last record of the sealed journal, released with the token: of two the one that is next to what is stored.
    public var closings: [SealedItem]
    /// The newest record of the sealed journal that is known to be stored; nil where the module keeps none.
    public var journalIndex: UInt64?

    public init(
        state: ModuleState, lifecycle: Lifecycle, openWarnings: [RaisedWarning], eventCounter: UInt32,
        selfTestNumber: UInt32, profile: KeyProfile, serial: UInt64, firmware: SoftwareVersion, keypadCount: Int?,
        leaseExpires: Instant?, deathToken: [UInt8]?, closings: [SealedItem] = [], journalIndex: UInt64? = nil
    ) {
        self.state = state
        self.lifecycle = lifecycle
        self.openWarnings = openWarnings
        self.eventCounter = eventCounter
        self.selfTestNumber = selfTestNumber
        self.profile = profile
        self.serial = serial
        self.firmware = firmware
        self.keypadCount = keypadCount
        self.leaseExpires = leaseExpires
        self.deathToken = deathToken
        (self.closings, self.journalIndex) = (closings, journalIndex)
    }
}

/// The module's answer to one command.
public enum TerminalModuleReply: Equatable, Sendable {
    case status(ModuleStatus)
    case protected(message: [UInt8])
    case answerAuthentic(Bool)
    /// DE 57 (claims and CMAC), and the token the POS application keeps for the day it loses its module.
    case evidence(bytes: [UInt8], linkToken: [UInt8])
    /// DE 57 of a report: a `WarningStatement` and its CMAC.
    case statement([UInt8])
    /// A segment of the audit log; empty where there is none. The number of its last record, and whether it is the newest.
    case log(segment: [UInt8], through: UInt32, isLast: Bool)
    /// One a request, in order, to be stored before anything that rests on them leaves.
    case sealed([SealedItem])
    case leaseAccepted(ModuleStatus)
    case refused(ModuleRefusal, ModuleStatus)
}

/// A key of the module's own keypad. The port takes nothing else, and nothing but the module reads it.
public enum KeypadKey: Equatable, Sendable {
    /// 0–9; while a component is typed also 10–15, the keys A to F.
    case digit(UInt8)
    case clear
    case enter
    case cancel
}
