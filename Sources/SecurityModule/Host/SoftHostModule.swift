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
    // Unchecked: the two caches and the zones are the only variables. Their guard is the rule above: the event loop that
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

    func transactionKeys(_ context: TerminalContext, _ ksn: KSN) -> TransactionKeys? {
        contexts.transactionKeys(context, ksn)
    }

    func healthCode(_ context: TerminalContext) -> AESCMAC { contexts.healthCode(context) }

    /// Whether the keys of terminals and of PIN verification are locked into memory; where the system's limit on locked
    /// memory forbids it, they are guarded and wiped all the same.
    public var keysAreLocked: Bool { contexts.arena.isLocked && pinKeys.areLocked }
}
