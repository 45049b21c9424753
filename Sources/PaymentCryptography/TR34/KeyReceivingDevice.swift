// SPDX-License-Identifier: Apache-2.0

/// The device's side of TR-34: unbound, or bound to one host. A token that is refused changes nothing.
public struct KeyReceivingDevice: ~Copyable, Sendable {
    /// What the device insists on.
    public struct Policy: Equatable, Sendable {
        /// Which keys the device's RSA key may carry.
        public var strength = KeyTransportRule.strict
        /// Whether a host is believed only with a current revocation list of its issuer, in the token or seen before.
        /// Without this a list is used when there is one.
        public var requiresRevocationList = true
        /// Whether keys may come with a signing time instead of the device's random number.
        public var allowsOnePass = true
        /// How old a one-pass token may be, in seconds.
        public var keyTokenAgeMax: Int64 = 300
        /// How old an authority's token may be, in seconds.
        public var authorityTokenAgeMax: Int64 = 30 * 86_400
        /// How far a signing time may be ahead of the device's, in seconds.
        public var clockSkewMax: Int64 = 60
        /// Whether an authority's unbind token may lack a signing time, as TR-34's sample does. It can be replayed then.
        public var allowsUndatedAuthorityTokens = false
        /// Whether the OAEP of TR-34's own samples is read, whose two masks are of different hashes.
        public var acceptsMixedMasks = false

        /// The strict one.
        public init() {}
    }

    /// What a device remembers; the caller keeps it before it acts on an answer.
    public struct State: Equatable, Sendable {
        /// The host that the device is bound to.
        public var host: Certificate?
        /// The random number the device asked with and has not had an answer to.
        public var randomNumber: [UInt8]?
        /// The newest revocation list of each issuer of a host.
        public var revocationLists: [RevocationList] = []
        /// The signing time of the last one-pass token taken, in seconds since 1970.
        public var lastKeyTime: Int64?
        /// The signing time of the last token of the authority taken, in seconds since 1970.
        public var lastAuthorityTime: Int64?

        /// A new device's: unbound.
        public init() {}
    }

    /// The device's own credential, which stays through every binding.
    public let certificate: Certificate
    /// The higher authority, whose tokens unbind and rebind without the host: the issuer of the device's credential.
    public let authority: Certificate
    /// Who may certify hosts.
    public let hostAuthorities: TrustedAuthorities
    /// What the device insists on.
    public var policy: Policy
    /// What the device remembers.
    public internal(set) var state: State
    let privateKey: RSAPrivateKey

    /// The most issuers whose lists are remembered.
    public static let revocationListCountMax = 8

    /// A device from its credential, the private key of it, and what it remembers.
    public init(
        certificate: Certificate, privateKey: consuming RSAPrivateKey, authority: Certificate,
        hostAuthorities: TrustedAuthorities, policy: Policy = Policy(), state: State = State()
    ) throws(TR34Error) {
        guard authority.permits(.authority) else { throw .certificate(.wrongUsage) }
        guard certificate.matches(privateKey) else { throw .wrongPrivateKey }
        self.certificate = certificate
        self.privateKey = privateKey
        self.authority = authority
        self.hostAuthorities = hostAuthorities
        self.policy = policy
        self.state = state
    }

    /// CT_KRD (TR-34 B.7).
    public func credentialToken() -> [UInt8] { TR34.Credential.token(certificate: certificate) }

    /// RT_KRD with a new random number of 16 bytes, which takes the place of the one before (TR-34 B.12).
    public mutating func makeRandomNumberToken() -> [UInt8] {
        let number = RandomBytes.bytes(16)
        state.randomNumber = number
        return SignedAttributes.attribute(ObjectIdentifier.randomNonce, ASN1.octets(number))
    }

    /// Binds an unbound device to the host of a credential token (CT_KDH; TR-34 B.6).
    ///
    /// - Parameter seconds: the time, in seconds since 1970.
    public mutating func bind(credentialToken token: [UInt8], at seconds: Int64) throws(TR34Error) {
        guard state.host == nil else { throw .alreadyBound }
        let credential = try TR34.Credential(reading: token)
        let list = try validate(
            credential.certificate, list: credential.revocationList, authorities: credential.authorities, at: seconds)
        remember(list)
        state.host = credential.certificate
    }

    /// Takes the key of a key token (KT_KDH; TR-34 B.8, B.9).
    ///
    /// A two-pass token answers the last random number, which is used up; a one-pass token is signed within the age
    /// that the policy allows, and later than any before it.
    public mutating func receive(keyToken bytes: [UInt8], at seconds: Int64) throws(TR34Error) -> TR34.ReceivedKey {
        guard let host = state.host else { throw .notBound }
        let token = try TR34.KeyToken(reading: bytes)
        try token.verify(host: host)
        let list = try validate(host, list: try token.revocationList(of: host), at: seconds)
        if let number = token.randomNumber {
            try check(randomNumber: number)
        } else {
            guard policy.allowsOnePass, let time = token.signingTime else { throw .noFreshness }
            try check(time, ageMax: policy.keyTokenAgeMax, after: state.lastKeyTime, at: seconds)
        }
        let received = try token.open(
            device: certificate, privateKey: privateKey, host: host, strength: policy.strength,
            acceptingMixedMasks: policy.acceptsMixedMasks)
        remember(list)
        if token.randomNumber != nil { state.randomNumber = nil } else { state.lastKeyTime = token.signingTime }
        return received
    }

    // MARK: Checks

    /// Accepts a host's certificate at a time; answers with the list that is to be remembered.
    func validate(
        _ host: Certificate, list: RevocationList?, authorities: [Certificate] = [], at seconds: Int64
    ) throws(TR34Error) -> RevocationList? {
        let known = state.revocationLists.first { $0.isOf(host) }
        if let list, let known, list.thisUpdate < known.thisUpdate {
            throw .certificate(.revocationListSuperseded)
        }
        let current = list ?? (policy.requiresRevocationList ? known : nil)
        if policy.requiresRevocationList, current == nil { throw .certificate(.revocationListMissing) }
        // Once revoked, always revoked, however old the list that said so.
        if let known, known.revokes(host) { throw .certificate(.revoked) }
        do {
            try hostAuthorities.adding(intermediates: authorities)
                .validate(host, as: .keyDistributionHost, at: seconds, revocationList: current)
        } catch { throw .certificate(error) }
        return list
    }

    func check(randomNumber: [UInt8]) throws(TR34Error) {
        guard let asked = state.randomNumber, constantTimeEquals(asked, randomNumber) else {
            throw .wrongRandomNumber
        }
    }

    func check(_ time: Int64, ageMax: Int64, after last: Int64?, at seconds: Int64) throws(TR34Error) {
        guard UnixTime.range.contains(seconds), time - seconds <= policy.clockSkewMax, seconds - time <= ageMax else {
            throw .stale
        }
        if let last, time <= last { throw .stale }
    }

    mutating func remember(_ list: RevocationList?) {
        guard let list else { return }
        state.revocationLists.removeAll { DistinguishedName.areEqual($0.issuer, list.issuer) }
        state.revocationLists.append(list)
        if state.revocationLists.count > Self.revocationListCountMax { state.revocationLists.removeFirst() }
    }
}
