// SPDX-License-Identifier: Apache-2.0

/// What a rule or a check means. The network profile picks the response code and the terminal's action.
///
/// The issuing side names the true intent in its records; on the wire a lost, stolen, frozen or locked card all
/// look the same (`isConcealed`), so that a thief learns nothing.
///
/// ## Topics
/// - On the wire: ``outcome(in:)``, ``withoutStepUp``
/// - For people: ``display(_:_:)``
/// - In records: ``wireNumber``, ``init(wireNumber:)``
public enum Intent: String, CaseIterable, Sendable {
    case approved
    /// Pause; the cardholder calls the issuer and quotes a reference.
    case callIssuer
    case lostCard
    case stolenCard
    case retainCard
    /// The account is frozen by its issuer or holder.
    case frozenAccount
    /// The card alone is frozen.
    case frozenCard
    case suspectedFraud
    case genericDecline
    case wrongPIN
    /// The PIN is locked: answered like a lost or frozen card.
    case pinTriesExceeded
    /// Step-up: an identity document or the transaction password.
    case additionalProofRequired
    /// A sale without PIN that needs one.
    case pinRequired
    /// A fall-back to the magnetic stripe that is refused.
    case chipRequired
    case restrictedGoods
    case notPermittedToCard
    case notPermittedToTerminal
    case insufficientFunds
    case exceedsLimit
    case exceedsFrequency
    case expiredCard
    case unknownCard
    case cardNotActive
    /// Card verification value or cryptogram wrong.
    case cardDataWrong
    case invalidAmount
    case invalidTransaction
    /// In the answer to a reversal this counts as done.
    case noOriginal
    case unknownMerchant
    case unknownTerminal
    case terminalNotActive
    case moduleHalted
    case moduleTampered
    case leaseExpired
    /// The health element is missing, stale or wrong.
    case healthNotProved
    case macFailed
    /// The PIN block cannot be decrypted or has a wrong format.
    case pinBlockUnusable
    case ksnRefused
    /// Session keys or batch are out of step.
    case signOnRequired
    /// The same reference with other data; a true repeat gets the stored answer instead.
    case duplicateConflict
    case formatError
    case notServed
    case securityViolation
    case cutOff
    /// The outcome is unknown, so the terminal reverses.
    case systemError
    /// The outcome is unknown, so the terminal reverses.
    case issuerUnavailable
    case reversalAccepted
    case adviceAccepted
    case signOnAccepted
    case signOnRefused
    case signOffAccepted
    case echoAccepted

    /// The number that stands for the intent in records. It never changes and is never given to another intent.
    public var wireNumber: UInt8 {
        switch self {
        case .approved: 1
        case .callIssuer: 2
        case .lostCard: 3
        case .stolenCard: 4
        case .retainCard: 5
        case .frozenAccount: 6
        case .frozenCard: 7
        case .suspectedFraud: 8
        case .genericDecline: 9
        case .wrongPIN: 10
        case .pinTriesExceeded: 11
        case .additionalProofRequired: 12
        case .pinRequired: 13
        case .chipRequired: 14
        case .restrictedGoods: 15
        case .notPermittedToCard: 16
        case .notPermittedToTerminal: 17
        case .insufficientFunds: 18
        case .exceedsLimit: 19
        case .exceedsFrequency: 20
        case .expiredCard: 21
        case .unknownCard: 22
        case .cardNotActive: 23
        case .cardDataWrong: 24
        case .invalidAmount: 25
        case .invalidTransaction: 26
        case .noOriginal: 27
        case .unknownMerchant: 28
        case .unknownTerminal: 29
        case .terminalNotActive: 30
        case .moduleHalted: 31
        case .moduleTampered: 32
        case .leaseExpired: 33
        case .healthNotProved: 34
        case .macFailed: 35
        case .pinBlockUnusable: 36
        case .ksnRefused: 37
        case .signOnRequired: 38
        case .duplicateConflict: 39
        case .formatError: 40
        case .notServed: 41
        case .securityViolation: 42
        case .cutOff: 43
        case .systemError: 44
        case .issuerUnavailable: 45
        case .reversalAccepted: 46
        case .adviceAccepted: 47
        case .signOnAccepted: 48
        case .signOnRefused: 49
        case .signOffAccepted: 50
        case .echoAccepted: 51
        }
    }

    /// The intent of a wire number; nil for a number that stands for none.
    public init?(wireNumber: UInt8) {
        guard let index = Self.positions[Int(wireNumber)] else { return nil }
        self = Self.allCases[Int(index)]
    }

    /// The place of the intent among `allCases`.
    var position: Int { Int(Self.positions[Int(wireNumber)] ?? 0) }

    private static let positions: [UInt8?] = {
        var positions = [UInt8?](repeating: nil, count: 256)
        for (index, intent) in allCases.enumerated() { positions[Int(intent.wireNumber)] = UInt8(index) }
        return positions
    }()
}
