// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The host's own security module in software: it authenticates terminals, verifies PINs, seals answers and tickets,
/// and makes the keys of terminals. Nothing is stored a terminal; all of it is derived from master keys.
///
/// The master keys are made once (`create()`) and leave only wrapped (`wrapped(under:)`).
///
/// `open` and `seal` belong to one owner, who calls them in turn: they share the cache of derived keys. Everything else
/// reads keys that never change, and may be called from anywhere.
public final class SoftHostModule: HostModulePort, @unchecked Sendable {
    // Unchecked: caches, scratch and zones are the only variables. Their guard is the rule above: the event loop that
    // owns the host is the one caller of `open` and `seal`.
    let masters: HostMasters
    let hash: KeyedHash
    let panCipher: AuthenticatedCipher
    /// Sign-on nonces.
    let nonceCode: AESCMAC
    let pinKeys: PINVerificationKeys
    /// The issuer's master key for application cryptograms.
    let chipKey: SecretKey
    /// Registered with the keys, never a field of a request.
    let decimalization = DecimalizationTable.standard
    private var contexts = TerminalContextCache()
    private(set) var scratch = TransactionScratch()
    private var sessions = SessionKeyCache()
    var zones: [ZoneKeys] = []

    /// A module with new master keys of libcrypto's private generator.
    public static func create() -> SoftHostModule { SoftHostModule(masters: .random()) }

    /// - Parameter key: 16, 24 or 32 bytes.
    public func wrapped(under key: borrowing SecretKey) -> [UInt8] { masters.wrapped(under: key) }

    /// - Returns: nil when the bytes are not master keys that this key wrapped.
    public convenience init?(wrapped bytes: [UInt8], under key: borrowing SecretKey) {
        guard let masters = HostMasters(wrapped: bytes, under: key) else { return nil }
        self.init(masters: masters)
    }

    init(masters: consuming HostMasters) {
        hash = KeyedHash(key: masters.key(.cardHash))
        panCipher = AuthenticatedCipher(key: masters.key(.panSeal))
        nonceCode = AESCMAC(key: KDF.derive(master: masters.key(.health), label: "sign-on nonce", count: 16))
        pinKeys = PINVerificationKeys(masters)
        chipKey = KDF.derive(master: masters.key(.visaPIN), label: "EMV IMK AC", count: 16).withOddParity()
        self.masters = masters
    }

    func context(_ keys: TerminalKeys) -> TerminalContext { contexts.context(keys, masters) }

    func sessionKeys(_ keys: TerminalKeys, _ session: UInt32) -> SessionKeys { sessions.keys(keys, session, masters) }

    func healthCode(_ context: TerminalContext) -> HealthCode { contexts.healthCode(context) }

    /// Whether the keys of terminals and of PIN verification are locked into memory; where the system's limit on locked
    /// memory forbids it, they are guarded and wiped all the same.
    public var keysAreLocked: Bool { contexts.arena.isLocked && pinKeys.areLocked }

    // MARK: The keys of one message

    /// Goes to the transaction of a KSN; nil for another terminal's, and a counter that no transaction may use.
    func transaction(_ context: TerminalContext, _ ksn: KSN) -> HostTransaction? {
        guard ksn.initialKeyID == context.initialKeyID,
            contexts.withInitialKey(context, { scratch.derive(initialKey: $0, ksn: ksn) })
        else { return nil }
        return .dukpt
    }

    /// Whether the MAC of a command under DUKPT is that of its message, at the transaction gone to last.
    func isAuthentic(_ command: OpenCommand) -> Bool {
        scratch.verifyRequestMAC(command.message, command.covered, command.mac)
    }

    /// Writes the answer's MAC, eight bytes, over a part of the message.
    func writeMAC(_ message: inout [UInt8], _ covered: Range<Int>, _ mac: Range<Int>, _ transaction: HostTransaction) {
        switch transaction {
        case .dukpt: scratch.writeResponseMAC(&message, covered, mac)
        case .session(let keys):
            let code = message.withUnsafeBytes { keys.code(UnsafeRawBufferPointer(rebasing: $0[covered])) }
            message.replaceSubrange(mac, with: code)
        }
    }

    /// Takes the PIN out of a block of the message; `forgetPIN` is to follow.
    ///
    /// - Returns: false, with no PIN held, for a block that lies outside what the MAC covers or holds no PIN.
    func readPIN(
        _ block: Range<Int>, _ pan: PANDigits, _ command: OpenCommand, _ transaction: HostTransaction
    ) -> Bool {
        guard block.count == command.keys.profile.pinBlockLength, command.covers(block) else { return false }
        switch transaction {
        case .dukpt: return scratch.readPIN(command.message, block, pan)
        case .session(let keys):
            guard let pin = try? keys.decryptPINBlock(Array(command.message[block]), pan: pan) else { return false }
            scratch.hold(pin)
            return true
        }
    }

    /// Wipes the PIN that `readPIN` took.
    func forgetPIN() { scratch.forgetPIN() }
}
