// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import Estate

/// What the estate finds in evidence by itself: each warning raised by data, refused to the wrong people, and cleared.
@Suite("Evidence judged")
struct EvidenceTests {
    /// A desk whose terminal says everything of its device, and whose estate knows the digest.
    static func desk() throws -> Desk {
        var desk = try Desk.active()
        desk.evidence.device = Desk.device
        guard isGranted(desk.signOn()) else { throw Missing() }
        try desk.bind()
        return desk
    }

    private func isRefused(_ code: WarningCode, _ staff: StaffID, _ desk: Desk) -> Bool {
        (try? desk.estate.decideClearance(Desk.id, code, by: staff)) == nil
    }

    // MARK: Another device

    @Test("a device without a permit gets no lease and is named, and the one that was there goes on")
    func unpermitted() throws {
        var desk = try Self.desk()
        desk.evidence.serial = 99
        let record = desk.signOn()
        guard case .swapRefused(_, serial: 99) = record else { throw Missing() }
        #expect(try desk.terminal.warnings.map(\.code) == [.t05] && desk.terminal.dossier.claimant == 99)
        #expect(try desk.terminal.lifecycle == .active && desk.terminal.serial == 77)
        #expect(try desk.terminal.device == Desk.device, "what the newcomer says of itself is not kept")
        desk.evidence.serial = 77
        #expect(desk.refusal == nil)
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.t05) == .s2, "a proof does not clear it")
        try desk.clear(.t05, by: [Desk.alice])
        #expect(isRefused(.t05, Desk.alice, desk))
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.t05) == .s2)
        try desk.clear(.t05, by: [Desk.bob])
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.warnings.isEmpty && desk.terminal.dossier.claimant == nil)
    }

    @Test("a swap that two people permitted pairs the device anew, and it trades once it has keys of its own")
    func permitted() throws {
        var desk = try Self.desk()
        desk.evidence.serial = 99
        desk.signOn()
        try desk.order(.permitSwap(Desk.id, serial: 99))
        desk.evidence.device?.bootCount = 1
        desk.evidence.device?.binding = 0
        #expect(raised(desk.signOn()) == [.l02])
        #expect(try desk.terminal.serial == 99 && desk.terminal.lifecycle == .halted)
        #expect(try desk.terminal.dossier.permit == nil)
        try desk.clear(.l02)
        #expect(raised(desk.signOn()) == [], "keys that the old device had")
        try desk.issueKeys(4)
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.warnings.isEmpty && desk.terminal.lifecycle == .active)
        var old = desk
        old.evidence.serial = 77
        guard case .swapRefused(_, serial: 77) = old.signOn() else { throw Missing() }
    }

    @Test("a permitted device that comes with new keys already raises nothing")
    func permittedWithKeys() throws {
        var desk = try Self.desk()
        try desk.order(.permitSwap(Desk.id, serial: 99))
        try desk.issueKeys(4)
        desk.evidence.serial = 99
        desk.evidence.device?.binding = 0
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.serial == 99 && desk.terminal.warnings.isEmpty)
    }

    @Test("no permit for a device that stands in another shop")
    func taken() throws {
        var desk = try Self.desk()
        try desk.add(TerminalID("TILL0002")!, serial: 99)
        #expect(throws: EstateRefusal.alreadyExists) {
            try desk.estate.decideOrder(.permitSwap(Desk.id, serial: 99), by: Desk.alice, now: desk.now)
        }
    }

    // MARK: Measurement, place, keys

    @Test("firmware that was not released, or that a debugger may attach to, takes two people and another image")
    func measurement() throws {
        for change in [{ $0.firmwareDigest[0] ^= 1 }, { $0.isDebuggable = true }, { $0.firmwareDigest = [] }]
            as [(inout DeviceClaims) -> Void]
        {
            var desk = try Self.desk()
            try desk.act(.setDigests([Desk.device.firmwareDigest]))
            #expect(isGranted(desk.signOn()))
            var device = try #require(desk.evidence.device)
            device.bootCount += 1
            change(&device)
            desk.evidence.device = device
            #expect(raised(desk.signOn()) == [.t03])
            #expect(desk.refusal == .moduleHalted)
            try desk.clear(.t03)
            #expect(raised(desk.signOn()) == [.t03], "the image is the same")
            device.bootCount += 1
            (device.firmwareDigest, device.isDebuggable) = (Desk.device.firmwareDigest, false)
            desk.evidence.device = device
            #expect(isGranted(desk.signOn()))
            #expect(try desk.terminal.warnings.isEmpty)
        }
    }

    @Test("a terminal further from its shop than the radius sells nothing new until one operator has explained it")
    func moved() throws {
        var desk = try Self.desk()
        let away = Position(latitude: Desk.place.latitude + 20_000, longitude: Desk.place.longitude)
        desk.evidence.device?.position = Position(
            latitude: Desk.place.latitude + 8_000, longitude: Desk.place.longitude)
        #expect(isGranted(desk.signOn()))
        desk.evidence.device?.position = away
        #expect(raised(desk.signOn()) == [.t04])
        #expect(try desk.severity(.t04) == .s3 && desk.terminal.lifecycle == .active)
        #expect(desk.refusal == .moduleHalted)
        try desk.clear(.t04, by: [Desk.alice])
        #expect(isGranted(desk.signOn()))
        desk.evidence.device?.position = Position(latitude: away.latitude + 20_000, longitude: away.longitude)
        #expect(raised(desk.signOn()) == [.t04])
        try desk.act(
            .setTerms(Desk.shop, MerchantTerms(acquirer: 1, account: 2, radius: 10_000)))
        try desk.bind()
        try desk.clear(.t04, by: [Desk.bob])
        #expect(isGranted(desk.signOn()))
    }

    @Test(
        "distances are told by integers alone, across the date line and near the pole too",
        arguments: [
            // Munich to Vienna 355 km, Suva to Apia 1,150 km across the date line, one minute of longitude at 80° 322 m.
            (48_137_000, 11_575_000, 48_208_000, 16_373_000, 350_000, 360_000),
            (-18_141_000, 178_442_000, -13_833_000, -171_767_000, 1_130_000, 1_170_000),
            (80_000_000, 10_000_000, 80_000_000, 10_016_667, 310, 335),
        ] as [(Int32, Int32, Int32, Int32, UInt32, UInt32)])
    func distance(a: Int32, b: Int32, c: Int32, d: Int32, low: UInt32, high: UInt32) {
        let (from, to) = (Position(latitude: a, longitude: b), Position(latitude: c, longitude: d))
        #expect(!from.isWithin(low, of: to) && from.isWithin(high, of: to))
        #expect(!to.isWithin(low, of: from) && to.isWithin(high, of: from))
        #expect(from.isWithin(1, of: from))
    }

    @Test("positions at the ends of the earth overflow nothing")
    func ends() {
        let corners = [Int32.min, -90_000_000, 0, 90_000_000, .max]
        for latitude in corners.dropFirst().dropLast() {
            for longitude in [Int32(-180_000_000), 0, 180_000_000] {
                for other in [Int32(-180_000_000), 180_000_000] {
                    let far = Position(latitude: 90_000_000, longitude: other)
                    #expect(Position(latitude: latitude, longitude: longitude).isWithin(.max, of: far))
                }
            }
        }
    }

    @Test(
        "keys whose loss the module explains itself are no K02, and are missed once that is cleared",
        arguments: [WarningCode.h03, .h04])
    func explainedLoss(code: WarningCode) throws {
        var desk = try Desk.active()
        desk.evidence.device = Desk.device
        desk.evidence.device?.inventory.removeFirst()
        desk.evidence.openWarnings = [RaisedWarning(code)]
        #expect(raised(desk.signOn()) == [code])
        try desk.clear(code, by: [Desk.alice, Desk.bob])
        desk.evidence.openWarnings = []
        #expect(raised(desk.signOn()) == [.k02])
    }

    @Test("a key that is missing, or another one than before, takes one operator and keys as they should be")
    func inventory() throws {
        var desk = try Self.desk()
        let whole = Desk.device.inventory
        desk.evidence.device?.inventory.removeFirst()
        #expect(raised(desk.signOn()) == [.k02])
        try desk.clear(.k02, by: [Desk.alice])
        #expect(raised(desk.signOn()) == [.k02], "still missing")
        desk.evidence.device?.inventory = whole
        #expect(isGranted(desk.signOn()))
        desk.evidence.device?.inventory[1].checkValue = [9, 9, 9]
        #expect(raised(desk.signOn()) == [.k02])
        #expect(raised(desk.signOn()) == [.k02])
        try desk.clear(.k02, by: [Desk.bob])
        #expect(isGranted(desk.signOn()))
        // Keys that were issued may be others.
        try desk.issueKeys(4)
        desk.evidence.device?.inventory[2].checkValue = [8, 8, 8]
        #expect(isGranted(desk.signOn()))
    }

    @Test("a binding that is not the estate's takes one operator; the refused answer tells the right one")
    func binding() throws {
        var desk = try Self.desk()
        try desk.act(.setTerms(Desk.shop, MerchantTerms(acquirer: 48_270_000, account: 7, radius: 1_000)))
        #expect(raised(desk.signOn()) == [.a05])
        let ticket = try #require(desk.ticket)
        #expect(try !ticket.grantsLease && ticket.binding == desk.estate.binding(desk.terminal))
        #expect(ticket.cleared == [] && ticket.hostTime == desk.now)
        desk.evidence.device?.binding = ticket.binding
        #expect(raised(desk.signOn()) == [], "the merchant is not verified")
        try desk.clear(.a05, by: [Desk.alice])
        #expect(isGranted(desk.signOn()))
    }

    // MARK: Clones

    @Test(
        "a device that contradicts what it said of itself is two devices: erased by the order of two people, never by one",
        arguments: [false, true])
    func contradiction(byDigest: Bool) throws {
        var desk = try Self.desk()
        if byDigest { desk.evidence.device?.firmwareDigest[0] ^= 1 } else { desk.evidence.device?.bootCount -= 1 }
        #expect(raised(desk.signOn()) == [.k04])
        #expect(try desk.terminal.lifecycle == .halted, "stopped, and not erased")
        #expect(desk.ticket == nil)
        #expect(isRefused(.k04, Desk.alice, desk))
        let order = EstateOrder.erase(Desk.id, .k04)
        desk.apply(try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now))
        #expect(throws: EstateRefusal.secondPersonRequired) {
            try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now)
        }
        desk.signOn()
        #expect(desk.ticket == nil)
        desk.apply(try desk.estate.decideOrder(order, by: Desk.bob, now: desk.now))
        #expect(try desk.terminal.lifecycle == .tampered)
        for _ in 0..<2 {
            desk.signOn()
            #expect(desk.ticket?.orders == [.eraseEverything(.k04)] && desk.ticket?.grantsLease == false)
        }
        try desk.order(.takeIntoServiceCentre(Desk.id))
        #expect(desk.estate.brokenInvariants() == [])
    }

    @Test("a restored module, whose counters fell back with its starts, is H04 and no clone")
    func restored() throws {
        var desk = try Self.desk()
        desk.evidence.device?.bootCount -= 2
        desk.evidence.eventCounter -= 1
        #expect(raised(desk.signOn()) == [.h04])
    }

    @Test("T03 is made S1 by the order of two people, and what is not open cannot be ordered away")
    func eraseByOrder() throws {
        var desk = try Self.desk()
        for code in [WarningCode.k04, .t03, .h04] {
            #expect(throws: EstateRefusal.warningNotOpen) {
                try desk.estate.decideOrder(.erase(Desk.id, code), by: Desk.alice, now: desk.now)
            }
        }
        desk.evidence.device?.isDebuggable = true
        desk.signOn()
        try desk.order(.erase(Desk.id, .t03))
        #expect(try desk.severity(.t03) == .s1 && desk.terminal.lifecycle == .tampered)
        #expect(isRefused(.t03, Desk.alice, desk))
    }

    @Test(
        "a log that has fewer records than were attested, or another end, takes two people and a new epoch",
        arguments: [false, true])
    func brokenLog(isFork: Bool) throws {
        var desk = try Self.desk()
        desk.evidence.device?.logIndex = 20
        desk.evidence.auditHead[0] = 1
        #expect(isGranted(desk.signOn()))
        if isFork { desk.evidence.auditHead[0] = 2 } else { desk.evidence.device?.logIndex = 19 }
        #expect(raised(desk.signOn()) == [.s06])
        #expect(desk.refusal == .moduleHalted)
        try desk.clear(.s06, by: [Desk.alice])
        #expect(isRefused(.s06, Desk.alice, desk))
        #expect(raised(desk.signOn()) == [.s06])
        try desk.clear(.s06, by: [Desk.bob])
        #expect(isGranted(desk.signOn()))
        #expect(desk.ticket?.orders == [.beginLogEpoch])
        #expect(desk.refusal == nil)
        desk.evidence.device?.logIndex += 4
        desk.evidence.auditHead[0] = 7
        #expect(isGranted(desk.signOn()))
    }

    // MARK: Compatibility

    private static func matrix(_ version: UInt32, by key: borrowing P256PrivateKey) throws -> CompatibilityMatrix {
        let any = FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(9, 0, 0))
        var matrix = CompatibilityMatrix(
            version: version,
            rows: [
                CompatibilityMatrix.Row(
                    model: Desk.model, revisions: 2...4, profiles: [.aes],
                    firmware: FirmwareRange(minimum: SoftwareVersion(1, 2, 0), maximum: SoftwareVersion(1, 9, 0)),
                    application: any)
            ])
        matrix.signature = try key.signature(of: matrix.signedBytes)
        return matrix
    }

    @Test("only a newer matrix with the trusted supplier's signature is taken, and two people say who that is")
    func matrix() throws {
        var desk = try Self.desk()
        let supplier = try P256PrivateKey.generate()
        let other = try P256PrivateKey.generate()
        let first = try Self.matrix(1, by: supplier)
        #expect(throws: EstateRefusal.notTrusted) { try desk.estate.decideAct(.importMatrix(first), by: Desk.alice) }
        #expect(throws: EstateRefusal.notTrusted) {
            try desk.estate.decideOrder(.trustSupplier(key: [2, 3]), by: Desk.alice, now: desk.now)
        }
        try desk.order(.trustSupplier(key: supplier.publicKey.compressed))
        var forged = first
        forged.rows[0].model += 1
        for bad in [forged, try Self.matrix(1, by: other)] {
            #expect(throws: EstateRefusal.notTrusted) { try desk.estate.decideAct(.importMatrix(bad), by: Desk.alice) }
        }
        try desk.act(.importMatrix(try Self.matrix(2, by: supplier)))
        #expect(throws: EstateRefusal.alreadyExists) {
            try desk.estate.decideAct(.importMatrix(first), by: Desk.alice)
        }
        #expect(isGranted(desk.signOn()))
        // C01: one operator, and a device that is supported.
        var odd = desk
        odd.evidence.device?.revision = 7
        odd.evidence.device?.bootCount += 1
        #expect(raised(odd.signOn())?.contains(.c01) == true)
        try odd.clear(.c01, by: [Desk.alice])
        #expect(raised(odd.signOn())?.contains(.c01) == true, "the device is the same")
        // C02 ends with versions that fit, without anybody.
        desk.evidence.firmware = SoftwareVersion(1, 1, 0)
        desk.evidence.device?.bootCount += 1
        #expect(raised(desk.signOn()) == [.c02])
        #expect(isRefused(.c02, Desk.alice, desk))
        desk.evidence.firmware = SoftwareVersion(1, 3, 0)
        desk.evidence.device?.bootCount += 1
        #expect(isGranted(desk.signOn()))
    }

    @Test("a device that the matrix comes to support trades after one operator's clearance")
    func supported() throws {
        var desk = try Self.desk()
        let supplier = try P256PrivateKey.generate()
        try desk.order(.trustSupplier(key: supplier.publicKey.compressed))
        var narrow = try Self.matrix(1, by: supplier)
        narrow.rows[0].revisions = 9...9
        narrow.signature = try supplier.signature(of: narrow.signedBytes)
        try desk.act(.importMatrix(narrow))
        #expect(raised(desk.signOn()) == [.c01])
        try desk.act(.importMatrix(try Self.matrix(2, by: supplier)))
        #expect(raised(desk.signOn()) == [], "nobody has cleared it")
        try desk.clear(.c01, by: [Desk.alice])
        #expect(isGranted(desk.signOn()))
    }

    // MARK: Orders to the estate

    @Test("a compromised key set stops every terminal that has it, orders its keys gone, and ends under new ones")
    func revocation() throws {
        var desk = try Self.desk()
        try desk.add(TerminalID("TILL0002")!, serial: 78)
        let order = EstateOrder.revokeKeySet(3, since: desk.now - .days(3))
        desk.apply(try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now))
        #expect(desk.refusal == nil)
        desk.apply(try desk.estate.decideOrder(order, by: Desk.bob, now: desk.now))
        for terminal in desk.estate.terminals.values { #expect(terminal.warnings.map(\.code) == [.k01]) }
        #expect(desk.refusal == .moduleHalted)
        #expect(raised(desk.signOn()) == [])
        #expect(desk.ticket?.orders == [.revokeKeys(keySet: 3)])
        try desk.clear(.k01)
        #expect(raised(desk.signOn()) == [])
        try desk.issueKeys(4)
        #expect(isGranted(desk.signOn()))
        #expect(try desk.terminal.warnings.isEmpty && desk.ticket?.orders == [])
        #expect(throws: EstateRefusal.alreadyExists) {
            try desk.estate.decideOrder(order, by: Desk.alice, now: desk.now)
        }
        #expect(throws: EstateRefusal.outOfBounds) {
            try desk.estate.decideOrder(
                .revokeKeySet(9, since: desk.now + .seconds(1)), by: Desk.alice, now: desk.now)
        }
    }

    @Test("an inspection that found something stops the terminal until two people and a clean one let it go")
    func inspection() throws {
        var desk = try Self.desk()
        try desk.act(.inspect(Desk.id, findings: [], photo: "1.jpg"))
        #expect(desk.refusal == nil)
        try desk.act(.inspect(Desk.id, findings: [.overlay, .seal], photo: "2.jpg"))
        #expect(try desk.severity(.t06) == .s2 && desk.terminal.dossier.inspection?.findings == [.overlay, .seal])
        #expect(desk.refusal == .moduleHalted)
        try desk.clear(.t06)
        #expect(raised(desk.signOn()) == [])
        desk.now = desk.now + .hours(1)
        try desk.act(.inspect(Desk.id, findings: [], photo: "3.jpg"))
        #expect(isGranted(desk.signOn()))
        #expect(desk.refusal == nil)
    }

    @Test("what is still reported as undelivered is not over with a sign-on")
    func backlog() throws {
        var desk = try Self.desk()
        desk.report([.p04], event: false)
        #expect(raised(desk.signOn(reported: [.p04])) == [])
        #expect(desk.severity(.p04) == .s3)
        #expect(isRefused(.p04, Desk.alice, desk))
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.p04) == nil)
    }

    @Test("a POS fault ends when the application no longer names it, or else by an operator and a sign-on")
    func applicationFault() throws {
        var desk = try Self.desk()
        desk.report([.p02], event: false)
        #expect(raised(desk.signOn(reported: [.p02])) == [])
        #expect(desk.severity(.p02) == .s3)
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(.p02) == nil)
        desk.report([.p02], event: false)
        try desk.clear(.p02, by: [Desk.alice])
        #expect(isGranted(desk.signOn(reported: [.p02])))
        #expect(desk.severity(.p02) == nil)
    }

    @Test(
        "what a module claims of a full log or an ended key is not over by attesting it",
        arguments: [WarningCode.s05, .k03])
    func claimed(code: WarningCode) throws {
        var desk = try Self.desk()
        desk.evidence.openWarnings = [RaisedWarning(code, .s2)]
        #expect(raised(desk.signOn()) == [code])
        #expect(raised(desk.signOn()) == [code])
        desk.evidence.openWarnings = [RaisedWarning(code, .s4)]
        #expect(isGranted(desk.signOn()))
        #expect(desk.severity(code) == nil)
    }

    @Test("a supervisors' lock and a broken log are told to the module once people have cleared them")
    func orders() throws {
        var desk = try Self.desk()
        desk.report([.k07, .s06])
        try desk.clear(.s06, by: [Desk.alice])
        desk.signOn()
        #expect(desk.ticket == nil)
        try desk.clear(.s06, by: [Desk.bob])
        try desk.clear(.k07, by: [Desk.bob])
        #expect(isGranted(desk.signOn()))
        #expect(desk.ticket?.orders == [.unlockSupervisors, .beginLogEpoch])
        #expect(try desk.terminal.warnings.isEmpty)
    }

    @Test("in an outage two people let leases last, for three days at most, and that ends by itself")
    func outage() throws {
        var desk = try Self.desk()
        desk.evidence.selfTestNumber += 1
        for until in [desk.now, desk.now + .hours(72) + .seconds(1)] {
            #expect(throws: EstateRefusal.outOfBounds) {
                try desk.estate.decideOrder(.extendLeases(until: until), by: Desk.alice, now: desk.now)
            }
        }
        let until = desk.now + .hours(48)
        desk.apply(try desk.estate.decideOrder(.extendLeases(until: until), by: Desk.alice, now: desk.now))
        #expect(desk.estate.policy.outage == nil)
        desk.apply(try desk.estate.decideOrder(.extendLeases(until: until), by: Desk.bob, now: desk.now))
        #expect(desk.estate.policy.leaseExtension(at: desk.now)?.people == [Desk.alice, Desk.bob])
        desk.now = until - .seconds(1)
        #expect(desk.refusal == nil)
        #expect(desk.estate.expectation(for: try desk.terminal, now: desk.now) != nil)
        desk.now = until
        #expect(desk.refusal == .leaseExpired)
        #expect(desk.estate.policy.leaseExtension(at: desk.now) == nil)
        #expect(isGranted(desk.signOn()))
        #expect(desk.ticket?.validForSeconds == 86_400)
    }
}
