// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// A host that books what it approves and takes back what is reversed, however often it is told.
struct FakeHost {
    enum Booking: Equatable { case booked, reversed }

    /// What it does with the next sale answer.
    enum Manner { case proper, silent, unauthentic, withoutMAC, otherAmount }

    var bookings: [(stan: STAN, state: Booking)] = []
    var saleCode = "00"
    var reference: String?
    var manner = Manner.proper
    /// Sales whose MAC it cannot verify: it books none of them and answers without a MAC.
    var unreadable = 0
    var helloCode = "00"
    var evidenceCode = "00"
    var refusalWarnings: String?
    var reversalCodes: [String] = []
    /// Takes reversals and answers none.
    var losesReversals = false
    var reportCode = "00"
    /// Its answers to evidence ask for the module's audit log, and what it says to a segment.
    var asksForLog = false
    var logCode = "00"
    /// Instead of the ticket that it makes.
    var ticket: [UInt8]?
    /// What its tickets clear.
    var cleared: [WarningCode] = []
    var identityEpoch: UInt16 = 1
    /// A refused sign-on's answer brings a ticket that licenses nothing.
    var orders = false
    /// Accepts evidence and loses the answer.
    var losesLeases = false
    /// DE 54 of a balance.
    var balances = [AdditionalAmount(.ledger, 5_000, .eur), AdditionalAmount(.available, 4_000, .eur)]
    /// DE 39 and 66 of a settlement.
    var settlementAnswer: (code: String, verdict: UInt64) = ("00", 1)
    var isSettlementSilent = false
    /// DE 59 of an accepted sign-on.
    var batch: UInt32?
    /// Every request as it came.
    var requests: [MessageView] = []

    func state(of stan: STAN) -> Booking? { bookings.last { $0.stan == stan }?.state }

    func madeTicket(grantsLease: Bool) -> [UInt8] {
        LeaseTicket(
            leaseID: 1, identityEpoch: identityEpoch, nonce: [9, 8, 7, 6], validForSeconds: 1, activated: true,
            firmwareMinimum: SoftwareVersion(0, 0, 0), firmwareMaximum: SoftwareVersion(9, 0, 0), cleared: cleared,
            grantsLease: grantsLease
        ).encoded() + [UInt8](repeating: 0x7C, count: LeaseTicket.macLength)
    }

    /// - Returns: nil for a request that gets no answer.
    mutating func answer(_ bytes: [UInt8], _ spec: MessageSpec = .iso8583_1987) -> [UInt8]? {
        guard let request = try? MessageView(bytes, spec: spec) else { return nil }
        requests.append(request)
        var builder = MessageBuilder(answering: request, echoing: FieldSet([2, 3, 4, 7, 11, 12, 13, 41, 42, 49, 70]))
        var isProtected = request.macField != nil
        var code = "00"
        switch request.mti {
        case .networkRequest where request.has(57):
            code = evidenceCode
            if code == "00" || orders { builder.set(.evidence, ticket ?? madeTicket(grantsLease: code == "00")) }
            if code == "00", let batch { builder.set(.terminalData, TerminalData(batch: batch, support: []).text) }
            if code != "00", let refusalWarnings { builder.set(.administrativeData, refusalWarnings) }
            if code == "00", asksForLog { builder.set(.administrativeData, LogQuestion.mark) }
        case .networkRequest where request[.networkCode] == 301: code = "00"
        case .networkRequest where request[.networkCode] == 2: code = "00"
        case .networkRequest:
            code = helloCode
            builder.set(.nonce, [9, 8, 7, 6])
            if code != "00", let refusalWarnings { builder.set(.administrativeData, refusalWarnings) }
        case .financialRequest, .authorisationRequest, .financialAdvice, .financialAdviceRepeat:
            code = saleCode
            if unreadable > 0 {
                unreadable -= 1
                code = "TM"
                isProtected = false
                break
            }
            guard let stan = request[.stan] else { return nil }
            if code == "00", !bookings.contains(where: { $0.stan == stan }) { bookings.append((stan, .booked)) }
            if request[.processingCode] == 310_000, code == "00" {
                builder.set(54, text: balances.map(\.text).joined())
            }
            builder.set(37, text: "000000004711")
            if code == "00" { builder.set(.approvalCode, "A1B2C3") }
            if let reference { builder.set(.reference, reference) }
            switch manner {
            case .proper, .unauthentic: break
            case .silent: return nil
            case .withoutMAC: isProtected = false
            case .otherAmount: builder.set(4, number: 1)
            }
        case .reversalRequest, .reversalRepeat:
            let original = STAN(UInt32(request.text(90)?.dropFirst(4).prefix(6) ?? "") ?? 0)
            for index in bookings.indices where bookings[index].stan == original { bookings[index].state = .reversed }
            if losesReversals { return nil }
            code = reversalCodes.isEmpty ? "00" : reversalCodes.removeFirst()
        case .administrativeAdvice where request[.administrativeData] == LogQuestion.mark: code = logCode
        case .administrativeAdvice, .administrativeAdviceRepeat: code = reportCode
        case .settlementRequest, .settlementRepeat:
            code = settlementAnswer.code
            if code == "00" { builder.set(.settlementCode, settlementAnswer.verdict) }
            if isSettlementSilent { return nil }
        case .batchUpload, .batchUploadRepeat: if isSettlementSilent { return nil }
        default: return nil
        }
        if losesLeases, request.has(57) { return nil }
        builder.set(.responseCode, code)
        if isProtected { builder.reserveMAC() }
        guard var encoded = try? builder.encode() else { return nil }
        if let field = encoded.macField, let covered = encoded.macCoverage {
            encoded.fill(field, with: fakeMAC(encoded.bytes[covered], salt: FakeModule.answerSalt))
        }
        if request.mti == .financialRequest, manner == .unauthentic { encoded.bytes[encoded.bytes.count - 1] ^= 1 }
        return encoded.bytes
    }
}
