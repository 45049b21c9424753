// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

/// Hosts, devices and authorities for the tests of TR-34, made once: RSA keys take their time.
final class TR34World: Sendable {
    static let shared = TR34World()

    /// 2026-01-01 00:00 UTC.
    static let now: Int64 = 1_767_225_600
    static let year: Int64 = 365 * 86_400
    static let validity = (now - year)...(now + year)
    static let listValidity = (now - 86_400)...(now + 86_400)

    let hostAuthority: CertificateAuthority
    let deviceAuthority: CertificateAuthority
    let host: Certificate
    let otherHost: Certificate
    let device: Certificate
    let otherDevice: Certificate
    /// Under RSA-3072.
    let strongHost: Certificate
    let strongDevice: Certificate
    let list: RevocationList
    private let hostKey: SecretKey
    private let otherHostKey: SecretKey
    private let deviceKey: SecretKey
    private let otherDeviceKey: SecretKey
    private let strongKey: SecretKey

    private init() {
        func key(_ bits: Int) -> RSAPrivateKey { try! RSAPrivateKey.generate(modulusBits: bits) }
        let validity = Self.validity
        hostAuthority = try! CertificateAuthority.root(name: "Host CA", privateKey: key(2_048), validity: validity)
        deviceAuthority = try! CertificateAuthority.root(name: "Device CA", privateKey: key(2_048), validity: validity)
        let hostKey = key(2_048)
        let otherHostKey = key(2_048)
        let deviceKey = key(2_048)
        let otherDeviceKey = key(2_048)
        let strongKey = key(3_072)
        host = try! hostAuthority.issue(
            name: "Host 1", publicKey: hostKey.publicKey, role: .keyDistributionHost, validity: validity)
        otherHost = try! hostAuthority.issue(
            name: "Host 2", publicKey: otherHostKey.publicKey, role: .keyDistributionHost, validity: validity)
        device = try! deviceAuthority.issue(
            name: "Device 1", publicKey: deviceKey.publicKey, role: .keyReceivingDevice, validity: validity)
        otherDevice = try! deviceAuthority.issue(
            name: "Device 2", publicKey: otherDeviceKey.publicKey, role: .keyReceivingDevice, validity: validity)
        strongHost = try! hostAuthority.issue(
            name: "Host 3", publicKey: strongKey.publicKey, role: .keyDistributionHost, validity: validity)
        strongDevice = try! deviceAuthority.issue(
            name: "Device 3", publicKey: strongKey.publicKey, role: .keyReceivingDevice, validity: validity)
        list = try! hostAuthority.revocationList(revoking: [], number: 1, validity: Self.listValidity)
        self.hostKey = hostKey.der()
        self.otherHostKey = otherHostKey.der()
        self.deviceKey = deviceKey.der()
        self.otherDeviceKey = otherDeviceKey.der()
        self.strongKey = strongKey.der()
    }

    func makeHost() throws -> KeyDistributionHost {
        try KeyDistributionHost(certificate: host, privateKey: RSAPrivateKey(der: hostKey))
    }

    func makeOtherHost() throws -> KeyDistributionHost {
        try KeyDistributionHost(certificate: otherHost, privateKey: RSAPrivateKey(der: otherHostKey))
    }

    func makeStrongHost() throws -> KeyDistributionHost {
        try KeyDistributionHost(certificate: strongHost, privateKey: RSAPrivateKey(der: strongKey))
    }

    func hostPrivateKey() throws -> RSAPrivateKey { try RSAPrivateKey(der: hostKey) }
    func devicePrivateKey() throws -> RSAPrivateKey { try RSAPrivateKey(der: deviceKey) }
    func strongPrivateKey() throws -> RSAPrivateKey { try RSAPrivateKey(der: strongKey) }
    func hostPEM() throws -> SecretKey { try RSAPrivateKey(der: hostKey).pem() }

    var hostAuthorities: TrustedAuthorities { TrustedAuthorities(anchors: [hostAuthority.certificate]) }

    func makeDevice(
        policy: KeyReceivingDevice.Policy = KeyReceivingDevice.Policy()
    ) throws -> KeyReceivingDevice {
        try KeyReceivingDevice(
            certificate: device, privateKey: RSAPrivateKey(der: deviceKey), authority: deviceAuthority.certificate,
            hostAuthorities: hostAuthorities, policy: policy)
    }

    func makeOtherDevice() throws -> KeyReceivingDevice {
        try KeyReceivingDevice(
            certificate: otherDevice, privateKey: RSAPrivateKey(der: otherDeviceKey),
            authority: deviceAuthority.certificate, hostAuthorities: hostAuthorities)
    }

    /// A device that is bound to the first host.
    func makeBoundDevice(
        policy: KeyReceivingDevice.Policy = KeyReceivingDevice.Policy()
    ) throws -> KeyReceivingDevice {
        var device = try makeDevice(policy: policy)
        try device.bind(credentialToken: makeHost().credentialToken(revocationList: list), at: Self.now)
        return device
    }

    /// A list of the hosts' authority, made so many seconds from now, which revokes the certificates.
    func list(revoking certificates: [Certificate], at seconds: Int64 = 0) throws -> RevocationList {
        try hostAuthority.revocationList(
            revoking: certificates.map(\.id.serialNumber), number: 2,
            validity: (Self.now + seconds)...(Self.now + seconds + 86_400))
    }

    static let header = KeyBlockHeader(
        version: .b, usage: .keyEncryption, algorithm: .tdes, modeOfUse: .both, exportability: .exportable)
    static let aesHeader = KeyBlockHeader(
        version: .d, usage: .keyBlockProtection, algorithm: .aes, modeOfUse: .both, keyVersion: "12",
        exportability: .sensitive, optionalBlocks: [.init(id: "LB", text: "terminal master key")])

    static func makeKey() -> SecretKey {
        SecretKey(count: 16) { $0.copyBytes(from: [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF] + (0xA0...0xA7)) }
    }
}

/// What a step throws of a type, nil when it does not throw or throws another.
func thrown<E: Error>(_ type: E.Type = TR34Error.self, _ step: () throws -> Void) -> E? {
    do {
        try step()
        return nil
    } catch { return error as? E }
}
