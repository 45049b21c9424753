// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// Why custodians cannot go on.
public enum CeremonyRefusal: Error, Equatable, Sendable {
    case tampered
    /// Nobody has entered with a passcode.
    case notEntered
    /// Not two to nine different supervisors who are enrolled, or a check value of fewer than three bytes.
    case plan(KeyCeremonyError)
    /// No ceremony is open.
    case none
    /// No custodian of this ceremony, or one whose component is there.
    case notTheirTurn
    /// A PIN or a passcode is being entered.
    case busy
}

/// What became of a component.
public enum ComponentOutcome: Equatable, Sendable {
    /// Nobody has typed one.
    case none
    case taken(missing: Int)
    /// The last one: blocks under the key may be loaded now.
    case formed
    case refused(KeyCeremonyError)
}

/// Two to nine custodians bring the key that a provisioning is under, a component each (PCI PIN 12 and 13, ISO 11568). It is
/// not stored: after a cut of power they begin again.
struct KeyLoadingCeremony: ~Copyable, Sendable {
    /// For all of it, until the blocks are loaded.
    static let timeMax = Interval.minutes(30)

    private var ceremony: KeyCeremony?
    private var key: SecretKey?
    private var deadline = Instant.epoch

    init() {
        ceremony = nil
        key = nil
    }

    var isOpen: Bool { ceremony.borrowed { $0.end == nil } ?? false }

    mutating func open(_ custodians: [UInt8], checkValue: [UInt8], at now: Instant) throws(KeyCeremonyError) {
        deadline = now + Self.timeMax
        let plan = try KeyCeremonyPlan(
            purpose: "protection key of a provisioning", algorithm: .aes,
            keyCount: ModuleProvisioning.protectionBytes, division: .components, checkValue: checkValue,
            custodians: custodians.map(Self.name), deadline: deadline.microseconds)
        let opened = try KeyCeremony(plan, at: now.microseconds)
        key = nil
        ceremony = consume opened
    }

    /// Whether this custodian's component is missing.
    func awaits(_ custodian: UInt8) -> Bool {
        ceremony.borrowed {
            $0.end == nil && $0.plan.custodians.contains(Self.name(custodian))
                && !$0.entered.contains(Self.name(custodian))
        } ?? false
    }

    mutating func enter(_ entry: borrowing ComponentEntry, by custodian: UInt8, at now: Instant) -> ComponentOutcome {
        guard var open = ceremony.take(), let component = entry.component() else { return .none }
        do throws(KeyCeremonyError) {
            try open.enter(
                component: component, checkValue: entry.checkValue, by: Self.name(custodian), at: now.microseconds)
            let missing = open.plan.needed - open.entered.count
            guard missing == 0 else {
                ceremony = consume open
                return .taken(missing: missing)
            }
            key = try open.form(at: now.microseconds)
            return .formed
        } catch {
            if open.end == nil { ceremony = consume open }
            return .refused(error)
        }
    }

    /// The key, once.
    mutating func takeKey(at now: Instant) -> SecretKey? {
        defer { key = nil }
        return now <= deadline ? key.take() : nil
    }

    /// Whether time is up; then nothing is left.
    mutating func closeIfOver(at now: Instant) {
        guard now > deadline else { return }
        ceremony = nil
        key = nil
    }

    private static func name(_ custodian: UInt8) -> String { "supervisor \(custodian)" }
}
