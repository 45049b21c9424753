// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import ModuleWire
import Vocabulary

struct Missing: Error {}

func require<T>(_ value: T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}

/// One of everything that can pass, with everything in it that can be there.
enum Samples {
    static let zone = ZoneID("NORTH")

    static func pan() throws -> PAN { try require(PAN("4111111111111111")) }

    static func keys(_ profile: KeyProfile = .aes) throws -> TerminalKeys {
        TerminalKeys(terminal: try require(TerminalID("TILL0001")), profile: profile, keySet: 300, identityEpoch: 2)
    }

    static func bytes(_ count: Int, _ start: UInt8 = 0) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) &+ start }
    }

    /// A command with nothing in it that may be left out.
    static func bare() throws -> OpenCommand {
        OpenCommand(keys: try keys(.tdes), message: bytes(40), ksn: 2..<12, mac: 32..<40, health: nil)
    }

    static func full() throws -> OpenCommand {
        var command = OpenCommand(
            keys: try keys(), message: bytes(200), ksn: 20..<32, mac: 192..<200, health: 60..<96, evidence: 100..<190,
            expectation: HealthExpectation(leaseID: 70_000, eventCounter: 3, counterAbove: 199),
            pin: PINQuestion(block: 40..<56, pan: try pan(), reference: .pvv(9_999, keyIndex: 6)),
            sessions: SessionCandidates(current: 5, previous: 4, admitsNoMAC: true), macStart: 4,
            translation: TranslatePIN(block: 40..<56, pan: try pan(), zone: zone))
        command.cryptogram = CryptogramQuestion(
            objects: [ChipObject(tag: 0x9F26, value: 10..<18), ChipObject(tag: 0x82, value: 18..<20)], pan: try pan(),
            reference: ChipReference(scheme: .unionPay, sequence: 1))
        return command
    }

    static func offset() throws -> OpenCommand {
        var command = try bare()
        command.pin = PINQuestion(block: 14..<22, pan: try pan(), reference: .offset([1, 2, 3, 4, 5, 6]))
        return command
    }

    private static var chip: ChipVerdict {
        ChipVerdict(finding: .right, counter: 513, unpredictableNumber: 0xDEAD_BEEF, cryptogram: 0x0102_0304_0506_0708)
    }

    static func ticket() -> LeaseTicket {
        var ticket = LeaseTicket(
            leaseID: 9, identityEpoch: 2, nonce: bytes(16), validForSeconds: 86_400, activated: true,
            firmwareMinimum: SoftwareVersion(1, 0, 0), firmwareMaximum: SoftwareVersion(2, 0, 0), cleared: [.h01],
            hostTime: Instant(seconds: 1_786_700_000))
        ticket.orders = [.eraseEverything(.k04), .revokeKeys(keySet: 3), .unlockSupervisors, .beginLogEpoch]
        return ticket
    }

    static func seal() throws -> SealCommand {
        SealCommand(
            keys: try keys(.sessionTDES), ksn: bytes(12), message: bytes(220), mac: 212..<220,
            ticket: (ticket(), at: 30..<120), session: 8, download: (8, at: 130..<170), macStart: 13,
            chip: ChipAnswer(
                pan: try pan(), reference: ChipReference(scheme: .unionPay), verdict: chip, place: 180..<188))
    }

    static func bareSeal() throws -> SealCommand {
        SealCommand(keys: try keys(), ksn: bytes(12), message: bytes(30), mac: 22..<30)
    }

    static func requests() throws -> [(name: String, request: WireRequest)] {
        let message = ZoneMessage(message: bytes(60), covered: 0..<52, mac: 52..<60, zone: zone)
        let sets = [
            ZoneKeySet.installed, ZoneKeySet(number: 4, sealed: bytes(90), checkValues: "0102030405060708"),
        ]
        let order = ProvisioningOrder(
            keys: try keys(), serial: 7_001, firmware: SoftwareVersion(1, 2, 3), firstCounter: 513, supplier: nil)
        var pinned = order
        pinned.supplier = bytes(33, 2)
        return try [
            ("hello", .hello(WireHello(role: .issuing, publicKey: bytes(65, 4)))), ("status", .status),
            ("open", .open([try bare(), try full(), try offset()])), ("open-none", .open([])),
            ("seal", .seal([try seal(), try bareSeal()])),
            ("card-keys", .cardKeys([try pan(), try require(PAN("5555555555554444"))])), ("nonce", .nonce(bytes(30))),
            ("seal-pan", .sealPAN(try pan())), ("open-pan", .openPAN(bytes(45))), ("zone-seal", .zoneSeal(message)),
            ("zone-key-number", .zoneKeyNumber(message)), ("make-zone-keys", .makeZoneKeys(zone)),
            ("read-zone-keys", .readZoneKeys("D0112P0TE00N0000", zone)),
            ("use-zone-keys", .useZoneKeys(sets, sending: 4, zone)),
            ("pin-reference-pvv", .pinReference(try pan(), block: bytes(16), kind: .pvv(keyIndex: 1))),
            ("pin-reference-offset", .pinReference(try pan(), block: bytes(16), kind: .offset)),
            ("provision", .provision(order)), ("provision-pinned", .provision(pinned)), ("link-key", .linkKey),
            ("verify-log", .verifyLog(try log(isFirst: false))),
            ("verify-first-log", .verifyLog(try log(isFirst: true))),
            ("open-journal", .openJournal(try journal())),
        ] + keyLoadingRequests()
    }

    private static let position = LogPosition(
        epoch: 2, origin: 40, index: 77, digest: bytes(32), isClosed: false, boot: 5, eventCounter: 9)

    private static func log(isFirst: Bool) throws -> LogQuestion {
        LogQuestion(
            keys: try keys(), serial: 7, identityKey: bytes(33, 2), position: isFirst ? .none : position,
            attested: isFirst ? nil : (index: 80, digest: bytes(32, 3)), awaitsEpoch: isFirst, segment: bytes(120))
    }

    private static func journal() throws -> OpenJournalCommand {
        let identity = JournalIdentity(terminal: try keys().terminal, identityEpoch: 2, serial: 7)
        return OpenJournalCommand(identity: identity, state: JournalState(), records: [bytes(90), bytes(3)])
    }

    private static func delivery() -> JournalDelivery {
        JournalDelivery(
            records: [
                DeliveredRecord(
                    DeliveredNote(index: 4, kind: .intent, intents: [2], digest: bytes(32)), content: bytes(20),
                    closing: nil),
                DeliveredRecord(
                    DeliveredNote(index: 5, kind: .closing, intents: [4], digest: bytes(32, 1)), content: [],
                    closing: JournalClosing(warning: .t01, at: Instant(seconds: 1_786_700_000))),
            ],
            findings: [
                .malformed(3), .edited(6), .forked(7), .repeated(8), .unreadable(9), .tooFar(2_000),
                .missing(10...12), .contradicted(5),
            ])
    }

    static func bareVerdict() -> OpenVerdict {
        OpenVerdict(macAuthentic: false, health: nil, evidence: nil, pin: .untried, ksnCounter: 0, digest: 1)
    }

    static func verdict(isDevice: Bool) -> OpenVerdict {
        let device = DeviceClaims(
            model: 3, revision: 1, bootCount: 12, firmwareDigest: bytes(32), applicationDigest: [], isDebuggable: true,
            position: Position(latitude: 52_520_000, longitude: -13_405_000), binding: 77, logIndex: 40,
            journalIndex: 3, inventory: [DeviceClaims.KeyEntry(slot: 2, checkValue: [1, 2, 3])])
        let evidence = EvidenceClaims(
            nonce: bytes(16), serial: 7, firmware: SoftwareVersion(1, 2, 0), application: SoftwareVersion(3, 0, 1),
            profile: .aes, keySet: 3, lifecycle: .active, identityEpoch: 1, healthCounter: 900, eventCounter: 2,
            selfTestNumber: 6, selfTestAgeSeconds: 3_600,
            openWarnings: isDevice ? [RaisedWarning(.s04, .s2)] : [RaisedWarning(.h05)], deathTokenHash: bytes(32),
            linkTokenHash: bytes(32, 1), auditHead: bytes(32, 2), device: isDevice ? device : nil)
        var verdict = OpenVerdict(
            macAuthentic: true,
            health: HealthClaims(
                state: .ready, counter: 901, leaseID: 70_000, identityEpoch: 1, eventCounter: 2, selfTestNumber: 6),
            evidence: evidence, pin: .wrong, ksnCounter: 2_000_000, digest: 0xFFEE_DDCC_BBAA_9988, session: 5)
        verdict.statement = WarningStatement(
            identityEpoch: 1, eventCounter: 2, openWarnings: [RaisedWarning(.h05), RaisedWarning(.s04, .s2)])
        verdict.translatedPIN = bytes(8)
        verdict.chip = chip
        return verdict
    }

    static func replies() throws -> [(name: String, reply: WireReply)] {
        var status = ModuleServiceStatus(
            processID: 4_242, lockedMemory: .keys, isDumpable: false, writesCores: false, hasNoNewPrivileges: true,
            isFiltered: true)
        status.counters.clients = 3
        status.counters.messages = 1 << 40
        status.counters.count(.notPermitted)
        let offer = ZoneKeyOffer(sealed: bytes(80), checkValues: "010203", blocks: "D0112P0TE00N0000")
        var found: [(String, WireReply)] = WireRefusal.allCases.map { ("refused-\($0)", .refused($0)) }
        found += [
            ("welcome", .hello(WireWelcome(identity: bytes(16), publicKey: bytes(65, 4)))), ("status", .status(status)),
            ("verdicts", .open([bareVerdict(), verdict(isDevice: true), verdict(isDevice: false)])),
            ("sealed", .seal([bytes(30), []])), ("card-keys", .cardKeys([CardKey(high: 1, low: .max)])),
            ("nonce", .nonce(bytes(16))), ("sealed-pan", .sealPAN(bytes(45))), ("pan", .openPAN(try pan())),
            ("no-pan", .openPAN(nil)), ("zone-sealed", .zoneSeal(bytes(60))), ("zone-not-sealed", .zoneSeal(nil)),
            ("zone-key-number", .zoneKeyNumber(4)), ("no-zone-key", .zoneKeyNumber(nil)),
            ("zone-offer", .makeZoneKeys(offer)), ("no-zone-offer", .makeZoneKeys(nil)),
            ("zone-keys", .readZoneKeys(.offer(offer))),
            ("no-protection-key", .readZoneKeys(.refused(.noProtectionKey))),
            ("damaged-keys", .readZoneKeys(.refused(.damaged))), ("zone-keys-known", .useZoneKeys(true)),
            ("reference-pvv", .pinReference(.pvv(1_234, keyIndex: 1))),
            ("reference-offset", .pinReference(.offset([9, 8, 7, 6, 5]))), ("provisioning", .provision(bytes(106))),
            ("link-key", .linkKey(bytes(60))), ("log-accepted", .verifyLog(.accepted(position))),
            ("log-broken", .verifyLog(.broken(.forked, at: 78))), ("log-unreadable", .verifyLog(.unreadable)),
            ("journal", .openJournal(delivery())),
        ]
        return found + (try keyLoadingReplies())
    }
}
