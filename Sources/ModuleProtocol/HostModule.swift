// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// How the host's module finds a terminal's keys: nothing is stored a terminal, all of it is derived.
public struct TerminalKeys: Equatable, Sendable {
    public var terminal: TerminalID
    public var profile: KeyProfile
    public var keySet: UInt16
    /// Part of the health key's derivation: a new identity has a new key.
    public var identityEpoch: UInt16

    public init(terminal: TerminalID, profile: KeyProfile, keySet: UInt16, identityEpoch: UInt16) {
        self.terminal = terminal
        self.profile = profile
        self.keySet = keySet
        self.identityEpoch = identityEpoch
    }
}

/// What the issuer holds to verify a PIN: no secret by itself, useless without the PIN verification key.
public enum PINReference: Equatable, Sendable {
    /// Visa PVV: four digits, under the key of this index.
    case pvv(UInt16, keyIndex: UInt8)
    /// IBM 3624 offset for a PIN of 5–12 digits: the offset's digits, one a byte, first digit first.
    case offset([UInt8])
}

/// The PIN question of one request. Absent when the card may not try a PIN.
public struct PINQuestion: Equatable, Sendable {
    /// Where the encrypted PIN block stands in the message.
    public var block: Range<Int>
    public var pan: PAN
    public var reference: PINReference

    public init(block: Range<Int>, pan: PAN, reference: PINReference) {
        self.block = block
        self.pan = pan
        self.reference = reference
    }
}

/// What a health element must say for the PIN to be tried (rule R2: health before PIN).
public struct HealthExpectation: Equatable, Sendable {
    public var leaseID: UInt32
    public var eventCounter: UInt32
    /// The element's counter must be above this.
    public var counterAbove: UInt32

    public init(leaseID: UInt32, eventCounter: UInt32, counterAbove: UInt32) {
        self.leaseID = leaseID
        self.eventCounter = eventCounter
        self.counterAbove = counterAbove
    }

    public func isMet(by claims: HealthClaims) -> Bool {
        claims.state == .ready && claims.leaseID == leaseID && claims.eventCounter == eventCounter
            && claims.counter > counterAbove
    }
}

/// What may protect a message of a session profile, in which nothing names the key.
public struct SessionCandidates: Equatable, Sendable {
    /// The session issued last; nil before the first.
    public var current: UInt32?
    /// The session in use before that one, while it still holds.
    public var previous: UInt32?
    /// Whether the message may come without a MAC, authenticated by its health element alone: a sign-on or a report, which
    /// a terminal must be able to send before it has session keys.
    public var admitsNoMAC: Bool

    public init(current: UInt32?, previous: UInt32? = nil, admitsNoMAC: Bool = false) {
        self.current = current
        self.previous = previous
        self.admitsNoMAC = admitsNoMAC
    }
}

/// The first of at most two module commands an authorisation: authenticates the message, verifies the health
/// element and the evidence, and, only if those hold, the PIN.
public struct OpenCommand: Equatable, Sendable {
    public var keys: TerminalKeys
    public var message: [UInt8]
    /// Empty in a session profile.
    public var ksn: Range<Int>
    /// The last bytes of the message. Empty: a message of a session profile without a MAC.
    public var mac: Range<Int>
    public var health: Range<Int>?
    public var evidence: Range<Int>?
    /// Nil: the PIN is not tried whatever the health says.
    public var expectation: HealthExpectation?
    public var pin: PINQuestion?
    /// Session profiles only: which sessions to try.
    public var sessions: SessionCandidates?
    /// Where MAC, health element and digest begin: after a header that is not protected. UnionPay's begin at the MTI.
    public var macStart: Int
    /// Instead of `pin`, for a card whose issuer is another host.
    public var translation: TranslatePIN?
    /// Answered before the PIN is tried.
    public var cryptogram: CryptogramQuestion?

    public init(
        keys: TerminalKeys, message: [UInt8], ksn: Range<Int>, mac: Range<Int>, health: Range<Int>?,
        evidence: Range<Int>? = nil, expectation: HealthExpectation? = nil, pin: PINQuestion? = nil,
        sessions: SessionCandidates? = nil, macStart: Int = 0, translation: TranslatePIN? = nil
    ) {
        self.translation = translation
        self.keys = keys
        self.message = message
        self.ksn = ksn
        self.mac = mac
        self.health = health
        self.evidence = evidence
        self.expectation = expectation
        self.pin = pin
        self.sessions = sessions
        self.macStart = macStart
    }
}

public enum PINVerdict: UInt8, CaseIterable, Sendable {
    /// Not asked, or not reached.
    case untried = 0
    case right = 1
    case wrong = 2
    /// The block does not decrypt to a PIN: never counted as a wrong one.
    case unusable = 3
}

/// What the module found. Values only: replay needs no key.
public struct OpenVerdict: Equatable, Sendable {
    /// In a session profile also false without an authentic health element, whose counter is all that tells a replay; and
    /// true by that element alone where `SessionCandidates.admitsNoMAC` allows it.
    public var macAuthentic: Bool
    /// Nil: absent, or not authentic, or bound to another message.
    public var health: HealthClaims?
    /// Nil: absent or not authentic.
    public var evidence: EvidenceClaims?
    /// What stands in the evidence's place in a report. Nil: absent or not authentic.
    public var statement: WarningStatement?
    public var pin: PINVerdict
    /// The transaction counter of the KSN; in a session profile the health element's counter, which has its part.
    public var ksnCounter: UInt32
    /// The first eight bytes of SHA-256 over the message from `macStart`: whether a repeat is of the same bytes.
    public var digest: UInt64
    /// The session whose MAK authenticated the message; nil for DUKPT and without a MAC.
    public var session: UInt32?
    /// The PIN block under the zone's key; nil where none was asked for, or none could be.
    public var translatedPIN: [UInt8]?
    /// Nil where no cryptogram was asked about, or the message is not authentic.
    public var chip: ChipVerdict?
    /// Nil where no audit log came, or the message is not authentic.
    public var log: LogVerdict?

    public init(
        macAuthentic: Bool, health: HealthClaims?, evidence: EvidenceClaims?, pin: PINVerdict, ksnCounter: UInt32,
        digest: UInt64, session: UInt32? = nil
    ) {
        self.macAuthentic = macAuthentic
        self.health = health
        self.evidence = evidence
        self.pin = pin
        self.ksnCounter = ksnCounter
        self.digest = digest
        self.session = session
    }
}

/// The second: puts in the lease ticket and the key download, where there are any, and MACs the answer under the keys of
/// the request.
public struct SealCommand: Equatable, Sendable {
    public var keys: TerminalKeys
    /// The KSN of the request this answers; empty in a session profile.
    public var ksn: [UInt8]
    public var message: [UInt8]
    /// Empty: the answer to a message of a session profile that had no MAC has none either.
    public var mac: Range<Int>
    /// The encoded ticket goes here with its CMAC after it; the range is exactly as long as both.
    public var ticket: (LeaseTicket, at: Range<Int>)?
    /// The session that authenticated the request (`OpenVerdict.session`).
    public var session: UInt32?
    /// The keys of a new session go here under the TMK: 40 bytes for PIK and MAK, 60 with a TDK. The ticket's CMAC covers
    /// them, so that there is no download without a ticket.
    public var download: (session: UInt32, at: Range<Int>)?
    /// Where the MAC begins: after a header that is not protected.
    public var macStart: Int
    /// The answer to the request's cryptogram.
    public var chip: ChipAnswer?

    public init(
        keys: TerminalKeys, ksn: [UInt8], message: [UInt8], mac: Range<Int>,
        ticket: (LeaseTicket, at: Range<Int>)? = nil, session: UInt32? = nil,
        download: (session: UInt32, at: Range<Int>)? = nil, macStart: Int = 0, chip: ChipAnswer? = nil
    ) {
        self.chip = chip
        self.keys = keys
        self.ksn = ksn
        self.message = message
        self.mac = mac
        self.ticket = ticket
        self.session = session
        self.download = download
        self.macStart = macStart
    }

    public static func == (left: SealCommand, right: SealCommand) -> Bool {
        left.keys == right.keys && left.ksn == right.ksn && left.message == right.message && left.mac == right.mac
            && left.ticket?.0 == right.ticket?.0 && left.ticket?.at == right.ticket?.at
            && left.session == right.session && left.download?.session == right.download?.session
            && left.download?.at == right.download?.at && left.macStart == right.macStart && left.chip == right.chip
    }
}

/// The host's module as the host sees it: whole batches in, whole batches out, in order. In this process or behind a socket;
/// callers never assume which. A class, since the keys behind it have one place and no copy.
///
/// A module that does not answer has decided nothing and knows nothing of what it was asked: it may be
/// asked again.
public protocol HostModulePort: AnyObject {
    /// - Returns: one verdict a command, in order.
    func open(_ commands: [OpenCommand]) throws(ModuleUnavailable) -> [OpenVerdict]
    /// - Returns: the sealed messages, in order.
    func seal(_ commands: [SealCommand]) throws(ModuleUnavailable) -> [[UInt8]]
    /// Opens sealed records of a terminal's module. It follows from the command alone.
    func openJournal(_ command: OpenJournalCommand) throws(ModuleUnavailable) -> JournalDelivery
    /// The keyed hash by which the host knows a card.
    func cardKey(_ pan: PAN) throws(ModuleUnavailable) -> CardKey
    /// As `cardKey(_:)`, in order: across a socket a batch costs one way.
    func cardKeys(_ pans: [PAN]) throws(ModuleUnavailable) -> [CardKey]
    /// Sixteen bytes that nobody else can foretell and that follow from the context alone: a sign-on's nonce needs no
    /// record, so that asking for one costs the host nothing it could be drained of.
    func nonce(_ context: [UInt8]) throws(ModuleUnavailable) -> [UInt8]
    /// Verifies a stretch of a terminal's audit log, whose keys follow from master keys. What it says follows from the
    /// question alone; nothing is kept.
    func verifyLog(_ question: LogQuestion) throws(ModuleUnavailable) -> LogVerdict
}

extension HostModulePort {
    public func cardKeys(_ pans: [PAN]) throws(ModuleUnavailable) -> [CardKey] {
        var keys: [CardKey] = []
        keys.reserveCapacity(pans.count)
        for pan in pans { keys.append(try cardKey(pan)) }
        return keys
    }
}
