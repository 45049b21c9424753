// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

/// A sale as a test asks for it. Whatever is set overrides what a sound terminal would write.
struct SaleSpec {
    var card: TestCard
    var amount: Int64 = 12_50
    /// Typed on the keypad; nil: no PIN block.
    var pin: String?
    var goods: String?
    /// Of a purchase; any other kind has its own, and takes the repeat from here.
    var mti = MTI.financialRequest
    var kind = TransactionKind.purchase
    /// DE 37 and DE 38 of what refers to another transaction.
    var rrn: String?
    var approval: String?
    /// DE 90.
    var original: (kind: TransactionKind, stan: UInt32, at: Instant)?
    var stan: UInt32?
    var at: Instant?
    var transmission: UInt64?
    var merchant: String?
    var mcc: UInt64?
    var currency: UInt64?
    var expiry: UInt64?
    /// DE 44 and DE 60 of a follow-up.
    var challenge: String?
    var proof: String?
    var pan: [UInt8]?
    var pinBlock: [UInt8]?

    init(
        _ card: TestCard, _ amount: Int64 = 12_50, pin: String? = nil, goods: String? = nil, challenge: String? = nil,
        proof: String? = nil
    ) {
        self.card = card
        self.amount = amount
        self.pin = pin
        self.goods = goods
        self.challenge = challenge
        self.proof = proof
    }
}

/// A till whose POS application does whatever a test wants, over a load terminal's keys.
final class Till {
    let id: TerminalID
    let merchant: MerchantID
    let currency: Currency
    private(set) unowned var bench: Bench
    var module: LoadTerminal
    var stan: UInt32 = 1
    /// False: the line loses the answers to sign-ons.
    var takesAnswers = true
    /// DE 59; nil: the till says nothing of itself.
    var support: StepUpSupport? = .all
    var batch: UInt32 = 1
    /// The dialect of its messages.
    var spec = MessageSpec.iso8583_1987
    /// Goes into the evidence: both the death and the link token.
    var token = [UInt8](repeating: 0x5A, count: 16)

    init(
        _ bench: Bench, _ id: TerminalID, _ merchant: MerchantID, _ currency: Currency,
        _ provisioning: borrowing ModuleProvisioning
    ) throws {
        self.bench = bench
        self.id = id
        self.merchant = merchant
        self.currency = currency
        guard let module = LoadTerminal(provisioning: provisioning) else { throw Missing() }
        self.module = module
    }

    // MARK: - Messages

    static func transmission(_ at: Instant) -> UInt64 {
        let time = CalendarTime(at)
        return UInt64(time.month * 100 + time.day) * 1_000_000
            + UInt64(time.hour * 10_000 + time.minute * 100 + time.second)
    }

    func builder(
        _ mti: MTI, stan given: UInt32? = nil, at: Instant? = nil, transmission: UInt64? = nil, protected: Bool = true
    ) -> MessageBuilder {
        var builder = MessageBuilder(mti, spec: spec)
        let local = Self.transmission(at ?? bench.now)
        builder.set(7, number: transmission ?? local)
        builder.set(11, number: UInt64(given ?? stan))
        builder.set(12, number: local % 1_000_000)
        builder.set(13, number: local / 1_000_000)
        builder.set(41, text: id.description)
        builder.set(42, text: merchant.description)
        if given == nil { stan += 1 }
        guard protected else { return builder }
        let isSession = module.keys.profile.isSession
        if !isSession { builder.reserve(62, count: module.keys.profile.ksnLength) }
        builder.reserve(63, count: HealthElement.length)
        // What a terminal must be able to say before it has session keys goes without a MAC.
        if !isSession || (mti != .networkRequest && mti != .administrativeAdvice) { builder.reserveMAC() }
        return builder
    }

    func protect(_ builder: MessageBuilder, pan: PAN? = nil, pin: String? = nil) throws -> [UInt8] {
        let message = try builder.encode()
        let end = message.bytes.count
        let isSession = module.keys.profile.isSession
        let mac = try require(message.macField.flatMap { message.range(of: $0) } ?? (isSession ? end..<end : nil))
        let block = pin == nil ? nil : message.range(of: module.keys.profile.pinBlockField)
        let holes = MessageHoles(
            ksn: try require(isSession ? 0..<0 : message.range(of: 62)), health: try require(message.range(of: 63)),
            pinBlock: block,
            mac: mac)
        guard let pin else { return try require(module.protect(message: message.bytes, holes: holes)) }
        let clear = try bench.clear(pin)
        return try require(module.protect(message: message.bytes, holes: holes, pan: pan, pin: clear))
    }

    func message(_ sale: SaleSpec) throws -> [UInt8] {
        let mti =
            sale.kind == .purchase
            ? sale.mti : try require(MTI(rawValue: sale.kind.messageType | (sale.mti.isRepeat ? 1 : 0)))
        var builder = builder(mti, stan: sale.stan, at: sale.at, transmission: sale.transmission)
        if let digits = sale.pan { builder.set(2, bytes: digits) } else { builder.set(pan: sale.card.pan) }
        builder.set(3, number: sale.kind.processingCode)
        builder.set(4, number: UInt64(sale.amount))
        builder.set(14, number: sale.expiry ?? sale.card.expiry)
        if let mcc = sale.mcc { builder.set(18, number: mcc) }
        builder.set(22, number: 51)
        builder.set(25, number: sale.kind.condition)
        if let rrn = sale.rrn { builder.set(37, text: rrn) }
        if let approval = sale.approval { builder.set(38, text: approval) }
        builder.set(49, number: sale.currency ?? UInt64(currency.numeric))
        if let support { builder.set(59, text: TerminalData(batch: batch, support: support).text) }
        if let original = sale.original {
            builder.set(90, text: originalData(original.kind, original.stan, Self.transmission(original.at)))
        }
        if let merchant = sale.merchant { builder.set(42, text: merchant) }
        if let challenge = sale.challenge { builder.set(44, text: challenge) }
        if let proof = sale.proof { builder.set(60, text: proof) }
        if let goods = sale.goods { builder.set(61, text: goods) }
        let profile = module.keys.profile
        if let block = sale.pinBlock {
            builder.set(profile.pinBlockField, bytes: block)
        } else if sale.pin != nil {
            builder.reserve(profile.pinBlockField, count: profile.pinBlockLength)
        }
        return try protect(builder, pan: sale.card.pan, pin: sale.pin)
    }

    /// A reversal of the sale with this trace number and transmission time.
    func reversal(
        of original: UInt32, at: Instant, amount: Int64, card: TestCard, mti: MTI = .reversalRequest,
        stan: UInt32? = nil, transmission: UInt64? = nil, kind: TransactionKind = .purchase
    ) throws -> [UInt8] {
        var builder = builder(mti, stan: stan, at: at, transmission: Self.transmission(bench.now))
        builder.set(pan: card.pan)
        builder.set(3, number: kind.processingCode)
        if kind.condition != 0 { builder.set(25, number: kind.condition) }
        builder.set(4, number: UInt64(amount))
        builder.set(39, text: "98")
        builder.set(49, number: UInt64(currency.numeric))
        builder.set(90, text: originalData(kind, original, transmission ?? Self.transmission(at)))
        return try protect(builder)
    }

    private func originalData(_ kind: TransactionKind, _ stan: UInt32, _ transmission: UInt64) -> String {
        let mti = MTI(rawValue: kind.messageType)?.description ?? ""
        return mti + pad(UInt64(stan), 6) + pad(transmission, 10) + String(repeating: "0", count: 22)
    }

    /// The totals of a batch.
    func settlement(
        _ totals: BatchTotals, batch: UInt32? = nil, mti: MTI = .settlementRequest, stan: UInt32? = nil,
        at: Instant? = nil
    ) throws -> [UInt8] {
        var builder = builder(mti, stan: stan, at: at)
        builder.set(49, number: UInt64(currency.numeric))
        builder.set(59, text: TerminalData(batch: batch ?? self.batch, support: []).text)
        builder.set(74, number: UInt64(totals.creditCount))
        builder.set(76, number: UInt64(totals.debitCount))
        builder.set(86, number: UInt64(totals.creditAmount))
        builder.set(88, number: UInt64(totals.debitAmount))
        return try protect(builder)
    }

    /// A part of a batch upload; without items, its end.
    func upload(
        _ items: [BatchItem], from first: Int = 0, mti: MTI = .batchUpload, stan: UInt32? = nil, at: Instant? = nil
    ) throws -> [UInt8] {
        var builder = builder(mti, stan: stan, at: at)
        if !items.isEmpty { builder.set(48, text: BatchItem.text(items, from: first)) }
        builder.set(59, text: TerminalData(batch: batch, support: []).text)
        builder.set(70, number: items.isEmpty ? 202 : 201)
        return try protect(builder)
    }

    func report(_ codes: String, mti: MTI = .administrativeAdvice, stan: UInt32? = nil) throws -> [UInt8] {
        // A module counts what it raises; a repeat says nothing new.
        let known = codes.split(separator: ",").compactMap { WarningCode(rawValue: "\($0)") }
        if mti == .administrativeAdvice, !known.isEmpty { module.claims.eventCounter += 1 }
        var builder = builder(mti, stan: stan)
        builder.set(60, text: codes)
        if !known.isEmpty { builder.set(57, bytes: module.statement(known.map { RaisedWarning($0) })) }
        return try protect(builder)
    }

    /// A report by one-time token: no MAC, no health.
    func tokenReport(_ token: [UInt8], _ codes: String?) throws -> [UInt8] {
        var builder = builder(.administrativeAdvice, protected: false)
        builder.set(58, bytes: token)
        if let codes { builder.set(60, text: codes) }
        return try builder.encode().bytes
    }

    func hello() throws -> [UInt8] {
        var builder = builder(.networkRequest, protected: false)
        builder.set(70, number: 1)
        return try builder.encode().bytes
    }

    func evidence(_ bytes: [UInt8]) throws -> [UInt8] {
        var builder = builder(.networkRequest)
        builder.set(57, bytes: bytes)
        builder.set(70, number: 1)
        return try protect(builder)
    }

    func echo() throws -> [UInt8] {
        var builder = builder(.networkRequest)
        builder.set(70, number: 301)
        return try protect(builder)
    }

    func nonce() throws -> [UInt8] { Array(try require(bench.send(try hello()).view.bytes(58))) }

    // MARK: - Exchanges

    /// Both halves of a sign-on.
    @discardableResult
    func signOn() throws -> Reply {
        let bytes = module.attest(nonce: try nonce(), application: SoftwareVersion(1, 0, 0), token: token)
        let reply = try bench.send(try evidence(bytes))
        guard reply.code == "00", let ticket = reply.view.bytes(57), takesAnswers else { return reply }
        let isTaken =
            module.keys.profile.isSession
            ? module.acceptKeys(download: Array(try require(reply.view.bytes(62))), ticket: Array(ticket))
            : module.acceptLease(ticket: Array(ticket))
        #expect(isTaken)
        return reply
    }

    func sell(_ sale: SaleSpec, _ location: SourceLocation = #_sourceLocation) throws -> Reply {
        try bench.send(try message(sale), location)
    }

    /// The MAC of the answer to the message protected last.
    func isAuthentic(_ reply: Reply) throws -> Bool {
        let mac = try require(reply.view.macField.flatMap { reply.view.range(of: $0) })
        return module.verifyAnswer(message: reply.view.bytes, mac: mac)
    }

    private func pad(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
