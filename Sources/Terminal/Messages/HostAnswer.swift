// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// What a host's answer says. Nothing in it is believed before its MAC has been verified, except what can only stop
/// the terminal.
struct HostAnswer: Equatable, Sendable {
    let bytes: [UInt8]
    /// Nil without a MAC as the last field.
    let mac: Range<Int>?
    /// DE 39; nil for a code that no profile can read.
    let reading: TerminalReading?
    /// DE 4, if echoed.
    let minorUnits: UInt64?
    /// DE 37 as it stands.
    let rrn: String?
    /// DE 38.
    let approvalCode: String?
    /// DE 44.
    let reference: String?
    /// DE 57.
    let ticket: [UInt8]?
    /// DE 62 of a sign-on's answer: the session keys under the TMK.
    let download: [UInt8]?
    /// DE 58.
    let nonce: [UInt8]?
    /// DE 55.
    let chip: [UInt8]?
    /// DE 54, if it is whole.
    let balances: [AdditionalAmount]
    /// DE 66.
    let settlementCode: UInt64?
    /// The batch number of DE 59.
    let batch: UInt32?
    /// DE 60: the warnings the host names; anything else in it is passed over.
    let warnings: [WarningCode]
    /// DE 60 asks for the module's audit log. Nothing proves it, and whoever forges it makes the terminal tell the host more.
    let asksForLog: Bool

    /// - Parameters:
    ///   - view: the answer in the cores' dialect.
    ///   - wire: the answer as it came.
    init(_ view: MessageView, wire: MessageView, _ dialect: NetworkProfile) {
        bytes = wire.bytes
        mac = wire.macField.flatMap { wire.range(of: $0) }
        reading = view[.responseCode].flatMap { ResponseCode($0) }.map { TerminalReading(code: $0, in: dialect) }
        download = view.bytes(62).map { Array($0) }
        chip = view.bytes(55).map { Array($0) }
        minorUnits = view[.amount]
        rrn = view.text(37)
        approvalCode = view[.approvalCode]
        reference = view[.reference]
        ticket = view[.evidence].map { Array($0) }
        nonce = view[.nonce].map { Array($0) }
        balances = view[.additionalAmounts].flatMap { AdditionalAmount.list($0) } ?? []
        settlementCode = view[.settlementCode]
        batch = view[.terminalData].flatMap { TerminalData(text: $0) }?.batch
        let administrative = (view[.administrativeData] ?? "").split(separator: ",")
        warnings = administrative.compactMap { WarningCode(rawValue: String($0)) }
        asksForLog = administrative.contains { $0 == LogQuestion.mark }
    }

    /// DE 37 where it is a number.
    var rrnNumber: RRN? { rrn.flatMap { UInt64($0) }.map { RRN($0) } }
}
