// SPDX-License-Identifier: Apache-2.0

/// The states of a terminal and its module, from factory to scrap (phases of ISO 13491-1). The raw values are
/// those of records and never change.
public enum Lifecycle: UInt8, CaseIterable, Sendable {
    case manufactured = 1
    /// The vendor has signed its identity.
    case personalised = 2
    case inTransit = 3
    case stocked = 4
    /// Initial financial keys are loaded.
    case commissioned = 5
    /// The only state in which PINs are encrypted and sales authorised.
    case active = 6
    case maintenance = 7
    case halted = 8
    /// Stopped by the server: administration, lease, dormancy or binding.
    case suspended = 9
    /// Latched: all keys are gone.
    case tampered = 10
    case inServiceCentre = 11
    /// Block-listed; its keys are presumed alive, so the host revokes them.
    case lost = 12
    /// Final.
    case decommissioned = 13

    /// The name of the lifecycle table, such as `IN_TRANSIT`.
    public var name: String {
        switch self {
        case .manufactured: "MANUFACTURED"
        case .personalised: "PERSONALISED"
        case .inTransit: "IN_TRANSIT"
        case .stocked: "STOCKED"
        case .commissioned: "COMMISSIONED"
        case .active: "ACTIVE"
        case .maintenance: "MAINTENANCE"
        case .halted: "HALTED"
        case .suspended: "SUSPENDED"
        case .tampered: "TAMPERED"
        case .inServiceCentre: "IN_SERVICE_CENTRE"
        case .lost: "LOST"
        case .decommissioned: "DECOMMISSIONED"
        }
    }

    /// The state's name for people.
    public func title(_ language: Language) -> String { Texts.text("lifecycle.\(name)", language) }

    /// Whether PIN encryption and authorisation may be asked for at all; lease, self-test and open warnings
    /// decide after that.
    public var mayTrade: Bool { self == .active }

    /// Whether an update is accepted (in ACTIVE only within the maintenance window).
    public var mayUpdate: Bool {
        switch self {
        case .commissioned, .active, .maintenance, .halted, .suspended, .inServiceCentre: true
        default: false
        }
    }

    /// The state that an event leads to, or nil where the table has no such transition.
    ///
    /// TAMPERED and LOST are entered from every state but the final one, and again from themselves. SUSPENDED
    /// resumes to ACTIVE; while a halting warning is open, the caller applies `halt` in the same step.
    public static func allows(_ from: Lifecycle, _ event: LifecycleEvent) -> Lifecycle? {
        guard from != .decommissioned else { return nil }
        switch (from, event) {
        case (_, .tamper): return .tampered
        case (_, .reportLost): return .lost
        case (_, .retire): return .decommissioned
        case (.manufactured, .personalise): return .personalised
        case (.personalised, .ship): return .inTransit
        case (.inTransit, .receive): return .stocked
        case (.stocked, .loadInitialKeys): return .commissioned
        case (.commissioned, .activate): return .active
        case (.active, .enterMaintenance): return .maintenance
        case (.maintenance, .leaveMaintenance): return .active
        case (.active, .halt): return .halted
        case (.halted, .clear): return .active
        case (.active, .suspend), (.halted, .suspend): return .suspended
        case (.suspended, .resume): return .active
        case (.tampered, .takeIntoServiceCentre), (.lost, .takeIntoServiceCentre): return .inServiceCentre
        case (.inServiceCentre, .reidentify): return .personalised
        default: return nil
        }
    }
}
