// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@testable import tillguard

/// A terminal whose messages the tests write by hand and whose keys are those of a load terminal.
///
/// It sends what it is told, true or not.
actor Till {
    nonisolated let id: TerminalID
    nonisolated let profile: KeyProfile
    private let merchant: MerchantID
    private var keys: LoadTerminal
    private var stan: UInt32 = 0

    /// What came back.
    struct Answer: Sendable {
        var bytes: [UInt8]
        var message: WireMessage
        /// Whether its MAC is that of the answer to what was protected last.
        var isAuthentic: Bool
        var code: String { message[39] ?? "" }
        var isSealed: Bool { message.fields[64] != nil || message.fields[128] != nil }
    }

    struct Sale: Sendable {
        var card: DemoEstate.TestCard
        var minorUnits: Int64
        var pin: [UInt8]?
        var goods: String?
        var stepUp: (challenge: String, proof: String)?

        init(
            _ card: DemoEstate.TestCard, _ minorUnits: Int64, pin: [UInt8]? = nil, goods: String? = nil,
            stepUp: (challenge: String, proof: String)? = nil
        ) {
            self.card = card
            self.minorUnits = minorUnits
            self.pin = pin
            self.goods = goods
            self.stepUp = stepUp
        }
    }

    init(
        _ id: TerminalID, _ profile: KeyProfile, merchant: MerchantID, serial: UInt64, module: SoftHostModule,
        keySet: UInt16 = DemoEstate.keySet, firstCounter: UInt32 = 1
    ) throws {
        self.id = id
        self.profile = profile
        self.merchant = merchant
        let names = TerminalKeys(terminal: id, profile: profile, keySet: keySet, identityEpoch: 1)
        let made = LoadTerminal(
            provisioning: module.provision(
                names, serial: serial, firmware: DemoEstate.firmware, firstCounter: firstCounter))
        guard let made else { throw NotInTime(what: "a load terminal") }
        keys = made
    }

    /// A till of the demo estate.
    init(_ till: DemoEstate.Till, module: SoftHostModule, firstCounter: UInt32 = 1) throws {
        try self.init(
            till.id, till.profile, merchant: DemoEstate.shops[till.shop].id, serial: till.serial, module: module,
            firstCounter: firstCounter)
    }

    var claims: HealthClaims { keys.claims }
    func claim(_ claims: HealthClaims) { keys.claims = claims }

    // MARK: - Messages

    /// The fields that every message has; each with a trace number of its own.
    func header(_ mti: String, _ fields: [Int: String] = [:]) -> WireMessage {
        stan += 1
        let now = CalendarTime(WallClock.now())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = two(now.month) + two(now.day)
        let time = two(now.hour) + two(now.minute) + two(now.second)
        var message = WireMessage(mti, fields)
        message[7] = date + time
        message[11] = String("\(1_000_000 + stan)".dropFirst())
        message[12] = time
        message[13] = date
        message[41] = id.description
        message[42] = "\(merchant.number)"
        return message
    }

    func purchase(_ sale: Sale) -> WireMessage {
        var message = header("0200", [3: "000000", 14: "\(sale.card.expiry)", 22: "051", 25: "00", 49: "978"])
        message.fields[2] = sale.card.pan.ascii
        message[4] = String("\(1_000_000_000_000 + sale.minorUnits)".dropFirst())
        message[61] = sale.goods
        message[59] = "000001PCH"
        if let stepUp = sale.stepUp {
            message[44] = stepUp.challenge
            message[60] = stepUp.proof
        }
        return message
    }

    func reversal(of sale: WireMessage) -> WireMessage {
        var message = header("0400", [3: "000000", 39: "98", 49: "978"])
        message.fields[2] = sale.fields[2]
        message[4] = sale[4]
        message[90] = "0200" + (sale[11] ?? "") + (sale[7] ?? "") + String(repeating: "0", count: 22)
        return message
    }

    /// Makes room for what a module writes, and lets the keys write it.
    func protect(_ message: WireMessage, pin: [UInt8]? = nil) throws -> [UInt8] {
        var message = message
        message.fields[62] = [UInt8](repeating: 0, count: profile == .tdes ? 10 : 12)
        message.fields[63] = [UInt8](repeating: 0, count: 36)
        let pinField = profile == .tdes ? 52 : 110
        if pin != nil { message.fields[pinField] = [UInt8](repeating: 0, count: profile == .tdes ? 8 : 16) }
        let macField = message.fields.keys.contains { $0 > 64 } ? 128 : 64
        message.fields[macField] = [UInt8](repeating: 0, count: 8)
        let (bytes, ranges) = message.encoded()
        let holes = MessageHoles(
            ksn: try #require(ranges[62]), health: try #require(ranges[63]),
            pinBlock: pin == nil ? nil : ranges[pinField], mac: try #require(ranges[macField]))
        let protected: [UInt8]?
        if let pin {
            guard let clear = DemoEstate.clearPIN(pin) else { throw NotInTime(what: "a PIN") }
            protected = keys.protect(message: bytes, holes: holes, pan: PAN(ascii: message.fields[2] ?? []), pin: clear)
        } else {
            protected = keys.protect(message: bytes, holes: holes)
        }
        return try #require(protected)
    }

    /// Reads an answer; its MAC is checked against what was protected last.
    func read(_ bytes: [UInt8]) throws -> Answer {
        let message = try #require(WireMessage(bytes), "an answer the client cannot read: \(bytes)")
        let isSealed = message.fields[64] != nil || message.fields[128] != nil
        let isAuthentic = isSealed && keys.verifyAnswer(message: bytes, mac: bytes.count - 8..<bytes.count)
        return Answer(bytes: bytes, message: message, isAuthentic: isAuthentic)
    }

    // MARK: - Dialogues

    func ask(_ bytes: [UInt8], on line: Line) async throws -> Answer {
        try read(try #require(try await line.ask(bytes), "the connection was closed"))
    }

    /// Proves a sound module and takes the lease.
    func signOn(on line: Line) async throws {
        let hello = try await line.ask(header("0800", [70: "001"]).encoded().bytes)
        let nonce = try #require(hello.flatMap { WireMessage($0)?.fields[58] })
        var proof = header("0800", [70: "001"])
        proof.fields[57] = keys.attest(nonce: nonce, application: DemoEstate.application)
        let answer = try await ask(try protect(proof), on: line)
        try #require(answer.code == "00" && answer.isAuthentic)
        let ticket = try #require(answer.message.fields[57])
        let isAccepted = keys.acceptLease(ticket: ticket)
        try #require(isAccepted)
    }

    func sell(_ sale: Sale, on line: Line) async throws -> Answer {
        try await ask(try protect(purchase(sale), pin: sale.pin), on: line)
    }
}
