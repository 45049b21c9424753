// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// An estate of one shop and its terminals, and a module that attests whatever a test wants.
struct Desk {
    static let start = Instant(seconds: 1_786_700_000)
    static let id = TerminalID("TILL0001")!
    static let alice = StaffID("ALICE")!
    static let bob = StaffID("BOB")!
    static let shop = MerchantID(number: 1)
    static let firmware = SoftwareVersion(1, 2, 0)
    static let nonce = [UInt8](repeating: 7, count: 16)
    static let death = [UInt8](repeating: 0xDE, count: 16)
    static let link = [UInt8](repeating: 0x11, count: 16)
    static let place = Position(latitude: 48_137_000, longitude: 11_575_000)
    static let model: UInt16 = 12
    static let device = DeviceClaims(
        model: model, revision: 3, bootCount: 40, firmwareDigest: [UInt8](repeating: 0xF1, count: 32),
        applicationDigest: [UInt8](repeating: 0xA9, count: 32), isDebuggable: false, position: place, binding: 0,
        logIndex: 9, journalIndex: 0,
        inventory: [
            DeviceClaims.KeyEntry(slot: 1, checkValue: []), DeviceClaims.KeyEntry(slot: 2, checkValue: [1, 2, 3]),
            DeviceClaims.KeyEntry(slot: 3, checkValue: [4, 5, 6]),
        ])

    var estate = Estate()
    var now = Desk.start
    /// What the terminal's sound module would attest now.
    var evidence: EvidenceClaims
    /// What the answer to the sign-on before told the module.
    var ticket: LeaseTicket?
    private var ksn: UInt32 = 0
    /// Every change so far, to be applied again.
    var records: [(EstateRecord, Instant)] = []

    init(_ profile: KeyProfile = .aes) throws {
        evidence = EvidenceClaims(
            nonce: Self.nonce, serial: 77, firmware: Self.firmware, application: SoftwareVersion(3, 0, 0),
            profile: profile, keySet: 3, lifecycle: .commissioned, identityEpoch: 1, healthCounter: 10, eventCounter: 1,
            selfTestNumber: 1, selfTestAgeSeconds: 60, openWarnings: [RaisedWarning(.a01)],
            deathTokenHash: SHA256.hash(Self.death), linkTokenHash: SHA256.hash(Self.link),
            auditHead: [UInt8](repeating: 0, count: 32))
        apply(
            try estate.decideMerchant(
                Self.shop, Merchant(name: "Shop", mcc: MCC(5_411), place: Self.place)))
        try add(Self.id)
    }

    /// A desk whose one terminal is activated, leased and sound.
    static func active(_ profile: KeyProfile = .aes) throws -> Desk {
        var desk = try Desk(profile)
        try desk.activate()
        guard isGranted(desk.signOn()) else { throw Missing() }
        desk.evidence.lifecycle = .active
        desk.evidence.openWarnings = []
        return desk
    }

    mutating func add(_ id: TerminalID, serial: UInt64 = 77) throws {
        apply(
            try estate.decideTerminal(
                id,
                EstateTerminal(
                    merchant: Self.shop, profile: evidence.profile, keySet: 3, identityEpoch: 1, serial: serial,
                    currency: .eur)))
    }

    mutating func activate() throws {
        apply(try estate.decideActivation(Self.id, by: Self.alice))
        apply(try estate.decideActivation(Self.id, by: Self.bob))
    }

    mutating func apply(_ record: EstateRecord) {
        estate.apply(record, at: now)
        records.append((record, now))
    }

    /// Both halves of an order.
    mutating func order(_ order: EstateOrder) throws {
        apply(try estate.decideOrder(order, by: Self.alice, now: now))
        apply(try estate.decideOrder(order, by: Self.bob, now: now))
    }

    mutating func act(_ act: EstateAct) throws { apply(try estate.decideAct(act, by: Self.alice)) }

    /// Two people have cleared it.
    mutating func clear(_ code: WarningCode, by people: [StaffID] = [Desk.alice, Desk.bob]) throws {
        for person in people { apply(try estate.decideClearance(Self.id, code, by: person)) }
    }

    /// New keys, loaded into a module that counts anew under them.
    mutating func issueKeys(_ keySet: UInt16) throws {
        try order(.issueKeys(Self.id, keySet: keySet))
        evidence.keySet = keySet
    }

    /// The device says what the estate has bound it to.
    mutating func bind() throws {
        let binding = try estate.binding(terminal)
        evidence.device?.binding = binding
    }

    /// What the clock does by now; nil where nothing was due.
    @discardableResult
    mutating func tick() -> EstateRecord? {
        guard let record = estate.decideTick(now: now) else { return nil }
        apply(record)
        return record
    }

    /// The severity that a warning is open at.
    func severity(_ code: WarningCode) -> Severity? {
        estate.terminals[Self.id]?.warnings.first { $0.code == code }?.severity
    }

    func refuses(_ refusal: EstateRefusal, _ body: () throws(EstateRefusal) -> EstateRecord) -> Bool {
        do throws(EstateRefusal) { _ = try body() } catch { return error == refusal }
        return false
    }

    var terminal: EstateTerminal {
        get throws {
            guard let terminal = estate.terminals[Self.id] else { throw Missing() }
            return terminal
        }
    }

    /// A message of the terminal.
    mutating func usage(_ id: TerminalID = Desk.id) -> TerminalUsage {
        ksn += 1
        evidence.healthCounter += 1
        return TerminalUsage(
            terminal: id, ksnCounter: ksn, digest: UInt64(ksn), healthCounter: evidence.healthCounter,
            selfTestNumber: evidence.selfTestNumber)
    }

    /// Signs on with the evidence as it is.
    @discardableResult
    mutating func signOn(
        nonces: [[UInt8]] = [Desk.nonce], without: Bool = false, reported: [WarningCode] = []
    ) -> EstateRecord {
        let attested = evidence
        let record = estate.decideSignOn(
            Self.id, usage: usage(), evidence: without ? nil : attested, nonces: nonces, reported: reported, now: now)
        if case .signedOn(let signedOn) = record {
            ticket = estate.ticket(signedOn, now: now)
        } else {
            ticket = estate.ticket(refusing: record, now: now)
        }
        apply(record)
        return record
    }

    mutating func report(_ codes: [WarningCode], event: Bool = true) {
        if event { evidence.eventCounter += 1 }
        let statement = WarningStatement(
            identityEpoch: evidence.identityEpoch, eventCounter: claims.eventCounter,
            openWarnings: codes.map { RaisedWarning($0) })
        apply(estate.decideReport(Self.id, usage: usage(), codes: codes, statement: statement, claims: claims))
    }

    /// What the module's health element says now.
    var claims: HealthClaims {
        HealthClaims(
            state: .ready, counter: evidence.healthCounter + 1, leaseID: estate.terminals[Self.id]?.lease?.id ?? 0,
            identityEpoch: evidence.identityEpoch, eventCounter: evidence.eventCounter,
            selfTestNumber: evidence.selfTestNumber)
    }

    /// Why a sale of the sound module would be refused; nil: it would not.
    var refusal: Intent? {
        estate.terminals[Self.id].flatMap { estate.refusal(of: $0, claims: claims, now: now) }
    }

    var snapshot: [UInt8] {
        var writer = ByteWriter()
        estate.snapshot(to: &writer)
        return writer.bytes
    }
}

struct Missing: Error {}

/// The warnings that a refused sign-on raised; nil for a granted one.
func raised(_ record: EstateRecord) -> [WarningCode]? {
    if case .signOnRefused(_, let raised, _) = record { return raised.codes }
    return nil
}

func isGranted(_ record: EstateRecord) -> Bool {
    record.granted != nil
}
