// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import HostServer
import Interchange
import Issuer
import SecurityTriggers
import Simulator
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

/// The whole server, terminals and all, killed right behind a record of the host or of a terminal that is durable, before
/// anything has left that hangs on it; started again, and again at the next death. What tills, host and the other issuer have in their books in
/// the end must be the same, to the cent.
@Suite("Killed at every durable step")
struct DurableStepTests {
    /// Records, or steps of a terminal, behind which the process dies, one after the other; each belongs to a start of its
    /// own.
    struct Deaths: CustomTestStringConvertible, Sendable {
        var terminal: String
        var list: [String]
        var testDescription: String { "\(terminal) dies behind \(list.joined(separator: ", "))" }

        init(_ terminal: String, _ list: String...) {
            self.terminal = terminal
            self.list = list
        }
    }

    /// What a till does, step by step. A step that a death cuts off is not taken again: whatever it had begun is to be
    /// undone without anybody's help.
    private enum Step: CaseIterable {
        case purchase, foreignPurchase, preAuthorisation, completion, void, refund, balance, second
    }

    @Test(
        "Every book is right in the end",
        arguments: [
            Deaths("TILL0001", "signedOn:1", "authorisation:1", "reversal:1"),
            Deaths("TILL0002", "authorisation:2", "reversal:1", "settlement:1"),
            Deaths("TILL0001", "ended:1", "reversed:1", "attempted:1", "delivered:1"),
            Deaths("TILL0003", "forwarded:1", "ended:1", "attempted:1", "delivered:1"),
            Deaths("TILL0002", "ended:1", "delivered:1", "settlement:1"),
            Deaths("TILL0001", "transaction:1", "transactionReversal:1", "transaction:1", "transactionReversal:1"),
            Deaths("TILL0004", "transaction:2", "transactionReversal:1", "transaction:2"),
            Deaths("TILL0007", "signedOn:1", "authorisation:1", "reversal:1", "settlement:1"),
            Deaths("TILL0007", "forwarded:1", "attempted:1", "transaction:1", "transactionReversal:1"),
            // The terminal's own steps: what it has noted is durable, and neither sent nor shown.
            Deaths("TILL0008", "TILL0008:2", "TILL0008:3", "TILL0008:4", "TILL0008:5", "TILL0008:7"),
        ])
    func everyStep(_ deaths: Deaths) async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let issuer = try await Neighbourhood()
            let options = try issuer.meet(directory)
            var steps = Step.allCases[...]
            var notes: [Step: JSON] = [:]
            for death in deaths.list {
                let child = try Child.starting(directory, options + Child.later(directory) + ["--die-behind", death])
                let till = VirtualTill(deaths.terminal, of: child, directory)
                while child.isRunning, let step = steps.first {
                    guard try await till.isReady(), try await hasLine(child) else { break }
                    steps.removeFirst()
                    notes[step] = try await take(step, till, notes)
                }
                if steps.isEmpty, try await till.isReady() { _ = try await till.settle() }
                // What is stored for the other host leaves in its own time.
                try await eventually("the death behind \(death)") { !child.isRunning }
                #expect(try await child.exit() == nil)
            }
            let (child, _) = try await Child.serve(directory, options + Child.later(directory))
            let till = VirtualTill(deaths.terminal, of: child, directory)
            try #require(try await till.isReady())
            try #require(try await hasLine(child))
            for step in steps { notes[step] = try await take(step, till, notes) }
            // Whatever was cut off has been undone: both sides count the same.
            let end = try await till.settle()
            // A batch may have been settled before the last death, and nothing come after it; the journal shows it.
            let isEmpty = end?["code"]?.string == "the batch is empty"
            #expect(end?["outcome"]?.string == "settled" || isEmpty, "\(end?.text ?? "nothing")")
            try await eventually("what is stored for the other host to arrive") {
                let records = try directory.records()
                let stored = records.count { Self.isStored($0) }
                return records.count { Self.isDelivered($0) } >= stored
            }
            child.interrupt()
            #expect(try await child.exit() == 0, "\(child.errors)")
            try await check(directory, issuer)
            try await issuer.server.close()
        }
    }

    // MARK: - Steps

    /// Waits for the line to the other host: without it nothing is sent that could be cut off.
    private func hasLine(_ server: Child) async throws -> Bool {
        try await eventually("the line") {
            !server.isRunning || server.events.contains { $0["event"]?.string == "line" && $0["up"]?.bool == true }
        }
        return server.isRunning
    }

    private func take(_ step: Step, _ till: VirtualTill, _ notes: [Step: JSON]) async throws -> JSON? {
        let own = String(decoding: DemoEstate.cards[0].pan.ascii, as: UTF8.self)
        func rrn(_ step: Step) -> JSON.Member? {
            notes[step]?["reference"]?.string.flatMap { Int64($0) }.map { .init("rrn", .integer($0)) }
        }
        switch step {
        case .purchase: return try await till.sell("purchase", own, 10_00)
        case .foreignPurchase: return try await till.sell("purchase", Neighbourhood.card(), 12_00)
        case .preAuthorisation: return try await till.sell("preAuthorisation", own, 20_00)
        case .completion:
            guard let rrn = rrn(.preAuthorisation) else { return nil }
            return try await till.sell("completion", own, 15_00, rrn)
        case .void:
            guard let trace = try await till.trace(of: "purchase") else { return nil }
            return try await till.sell("purchaseVoid", own, 0, .init("trace", .integer(trace)))
        case .refund:
            guard let rrn = rrn(.completion) else { return nil }
            return try await till.sell("refund", own, 5_00, rrn)
        case .balance: return try await till.sell("balance", own, 0)
        case .second: return try await till.sell("purchase", own, 11_00)
        }
    }

    // MARK: - Books

    private static func isStored(_ record: HostRecord) -> Bool {
        switch record.body {
        case .upstream(.stoodIn): true
        case .upstream(.ended(let end)): end.outcome.needsReversal
        case .upstream(.reversed(_, _, let isOpen)): !isOpen
        default: false
        }
    }

    private static func isDelivered(_ record: HostRecord) -> Bool {
        if case .upstream(.delivered) = record.body { true } else { false }
    }

    private func check(_ directory: TemporaryDirectory, _ issuer: Neighbourhood) async throws {
        let recovered = try RecoveredHost.open(
            at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
        #expect(recovered.host.brokenInvariants() == [])
        let settlements = try directory.records().compactMap { record in
            if case .settlement(let settlement) = record.body { settlement.outcome } else { nil }
        }
        #expect(!settlements.isEmpty && !settlements.contains(.unbalanced))
        let entries = recovered.host.ledger.entries
        #expect(recovered.host.upstream.open.isEmpty && recovered.host.upstream.deadCount == 0)
        // Own accounts: what stands in the ledger is what they lack, holds included.
        let account = AccountID(1)
        let booked = recovered.host.issuer.accounts[account].map { $0.available + $0.held }
        let spent = entries.filter { $0.account == account && [.purchase, .completion].contains($0.kind) }
            .filter { $0.state == .standing }.reduce(Int64(0)) { $0 + $1.amount.minorUnits - $1.refunded }
        #expect(booked == 5_000_00 - spent)
        // The other issuer's.
        let foreign = entries.filter { $0.account == AccountID(.max) && $0.state == .standing }
            .reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        let (standing, complaints) = try await issuer.server.read { ($0.standingTotal, $0.complaints) }
        #expect(standing == foreign)
        #expect(complaints == [])
    }
}
