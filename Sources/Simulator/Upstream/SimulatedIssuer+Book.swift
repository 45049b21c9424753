// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Vocabulary

/// One transaction as another host has booked it.
struct IssuerEntry {
    enum State { case standing, voided, completed, reversed }

    var kind: TransactionKind
    var amount: Int64
    var state = State.standing
    var refunded: Int64 = 0
    /// DE 37 of what it refers to.
    var original: UInt64?

    /// What it takes from its account while it stands.
    var debit: Int64 {
        switch kind.side {
        case .debit: amount
        case .credit: -amount
        case .none: 0
        }
    }
}

extension SimulatedIssuer {
    /// Books what nothing speaks against.
    /// - Returns: DE 39.
    func book(_ view: MessageView, _ kind: TransactionKind, _ name: UInt64, _ amount: Int64) -> String {
        var entry = IssuerEntry(kind: kind, amount: amount)
        if kind.hasOriginal {
            guard let original = view.text(90).flatMap({ traces[String($0.prefix(20))] }), let known = entries[original]
            else {
                complaints.append("\(kind) \(name) refers to nothing")
                return "25"
            }
            let isFree = known.state == .standing && (kind == .refund || known.refunded == 0)
            guard kind.refers(to: known.kind), isFree, kind != .refund || known.refunded + amount <= known.amount else {
                return "12"
            }
            entry.original = original
            change(original, kind, amount)
        }
        note(view, name)
        entries[name] = entry
        balance -= entry.debit
        return "00"
    }

    /// Messages that refer to it name it by type, trace number and time.
    private func note(_ view: MessageView, _ name: UInt64) {
        let type = MTI(rawValue: view.mti.rawValue & ~1)?.description ?? ""
        let trace = type + (view.text(11) ?? "") + (view.text(7) ?? "")
        if let other = traces[trace], other != name { complaints.append("one trace of two messages: \(trace)") }
        traces[trace] = name
        let key = [type, view.text(41) ?? "", view.text(13) ?? "", view.text(12) ?? "", view.text(3) ?? ""]
            .joined(separator: "/")
        if let other = names[key], other != name { complaints.append("one transaction under two references: \(key)") }
        names[key] = name
    }

    private func change(_ original: UInt64, _ kind: TransactionKind, _ amount: Int64) {
        switch kind {
        case .purchaseVoid, .preAuthorisationVoid, .completionVoid: entries[original]?.state = .voided
        case .completion: entries[original]?.state = .completed
        case .refund: entries[original]?.refunded += amount
        case .purchase, .preAuthorisation, .balance: break
        }
        if kind == .completionVoid, let held = entries[original]?.original { entries[held]?.state = .standing }
    }

    /// Takes back what a transaction did.
    /// - Returns: false when nothing stood.
    func undo(_ name: UInt64) -> Bool {
        guard let entry = entries[name], entry.state == .standing, entry.refunded == 0 else { return false }
        entries[name]?.state = .reversed
        balance += entry.debit
        guard let original = entry.original else { return true }
        entries[original]?.state = .standing
        if entry.kind == .completionVoid, let held = entries[original]?.original { entries[held]?.state = .completed }
        return true
    }

    /// What stands, debits less credits; and what is held.
    public var standingTotal: Int64 { entries.values.reduce(0) { $0 + ($1.state == .reversed ? 0 : $1.debit) } }
    public var held: Int64 {
        entries.values.reduce(0) {
            $0 + ($1.kind == .preAuthorisation && $1.state == .standing ? $1.amount : 0)
        }
    }
}
