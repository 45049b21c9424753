// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What the latch area keeps of a tampering: it outlives every key.
struct TamperLatch: Equatable, Sendable {
    var warning: WarningCode
    var at: Instant
    /// False between the latch and the end of zeroisation: a restart then resumes it.
    var zeroised: Bool
    /// Released once; empty when the module had never attested.
    var deathToken: [UInt8]
    /// The last record of the sealed journal; two where nobody knows whether what was sealed last is stored.
    var closings: [SealedItem] = []

    var releasedToken: [UInt8]? { deathToken.isEmpty ? nil : deathToken }
}

/// Whether the estate has put the module in service.
enum Activation: UInt8, Sendable {
    case never = 0
    case active = 1
    /// By a ticket that says so.
    case suspended = 2
    /// The record was erased: only a ticket that clears A01 by name brings it back.
    case lost = 3
}

struct Lease: Equatable, Sendable {
    var number: UInt32
    var expires: Instant
}

/// Everything of the module that outlives a restart and is no secret.
struct ModuleRecord: Equatable, Sendable {
    var keys: TerminalKeys
    var serial: UInt64
    /// Rises with every stored image.
    var version: UInt64 = 0
    var latch: TamperLatch?
    var activation = Activation.never
    var lease: Lease?
    var firmwareRange: ClosedRange<SoftwareVersion>?
    var healthCounter: UInt32 = 0
    var eventCounter: UInt32 = 0
    var selfTestNumber: UInt32 = 0
    var selfTestPassedAt: Instant?
    /// The newest time the module has been told.
    var clock: Instant
    var openWarnings: [OpenWarning] = []
    /// When H01 was last cleared: a second failure within seven days needs the service centre.
    var algorithmFailureCleared: Instant?
    var financialKeysZeroised = false
    var deathTokenHash: [UInt8] = []
    /// In the order of `KeySlot.checked(_:)`.
    var checkValues: [[UInt8]]
    /// The counter of the stored DUKPT registers: the first one a restart may use. Zero in session profiles.
    var storedCounter: UInt64 = 0
    var pinRate = PINRate()
    var audit = AuditLog()
    var boots = BootRecords()
    /// What the last ticket bound the terminal to (A05); 0: none has.
    var binding: UInt64 = 0
    /// The last signed time disagreed with the clock (H06).
    var isClockOff = false
    /// Key sets that hosts have revoked (K01), oldest first: none of them is loaded again.
    var revokedKeySets: [UInt16] = []
    /// When a K06 of wrong MACs was last cleared: a second one soon after needs an operator.
    var answerFailureCleared: Instant?
    var software = SoftwareState()
    var supervisors = Supervisors()
    /// Whom the journal is sealed for; nil in a module of before there were sealed journals.
    var hostKey: P256PublicKey?
    /// Who vouches for a key-loading facility.
    var signer: P256PublicKey?
    /// The public half of the module's identity key; nil until the module has made it.
    var identityKey: P256PublicKey?

    init(keys: TerminalKeys, serial: UInt64, clock: Instant) {
        (self.keys, self.serial, self.clock) = (keys, serial, clock)
        checkValues = KeySlot.checked(keys.profile).map { _ in [] }
    }

    /// Whose sealed journal it is.
    var journalIdentity: JournalIdentity { JournalIdentity(keys, serial: serial) }

    func isOpen(_ code: WarningCode) -> Bool { openWarnings.contains { $0.code == code } }

    /// Remembers a revoked key set; of more than `revokedMax` the oldest is forgotten.
    mutating func revoke(keySet: UInt16) {
        guard !revokedKeySets.contains(keySet) else { return }
        if revokedKeySets.count == Self.revokedMax { revokedKeySets.removeFirst() }
        revokedKeySets.append(keySet)
    }
    static let revokedMax = 16

    /// The position in the lifecycle that the record amounts to.
    var lifecycle: Lifecycle {
        if latch != nil { return .tampered }
        switch activation {
        case .never: return .commissioned
        case .suspended, .lost: return .suspended
        case .active: return openWarnings.contains { $0.effect.halts == .all } ? .halted : .active
        }
    }

    /// What the health element says. A restricted terminal is not ready either: the host approves nothing of it.
    var state: ModuleState {
        if latch != nil { return .tampered }
        if openWarnings.contains(where: { $0.code != .a01 && $0.effect.halts != .none }) { return .halted }
        return activation == .active && !isOpen(.a01) ? .ready : .unprovisioned
    }
}
