// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import PaymentCryptography

/// A device, its host and another one, the authorities of both, and a token of each kind: made once, with new keys.
final class FuzzWorld: Sendable {
    enum Kind: CaseIterable {
        case credential, onePassKey, twoPassKey, unbinding, rebinding, authorityUnbinding, authorityRebinding
    }

    /// 2026-01-01 00:00 UTC.
    static let now: Int64 = 1_767_225_600
    static let header = KeyBlockHeader(
        version: .b, usage: .keyEncryption, algorithm: .tdes, modeOfUse: .both, exportability: .exportable)
    private static let number: [UInt8] = Array(0xA0...0xAF)

    let hostAuthority: Certificate
    let authority: Certificate
    let host: Certificate
    private let otherHost: Certificate
    private let device: Certificate
    private let deviceKey: SecretKey
    private let tokens: [[UInt8]]
    let key: SecretKey

    init() {
        do {
            let validity = Self.now - 86_400...Self.now + 86_400
            func newKey() throws -> RSAPrivateKey { try RSAPrivateKey.generate(modulusBits: 2_048) }
            let hosts = try CertificateAuthority.root(name: "Host CA", privateKey: newKey(), validity: validity)
            let devices = try CertificateAuthority.root(name: "Device CA", privateKey: newKey(), validity: validity)
            let hostKey = try newKey().der()
            let otherKey = try newKey().der()
            let deviceKey = try newKey().der()
            func publicKey(_ key: borrowing SecretKey) throws -> RSAPublicKey {
                try RSAPrivateKey(der: key).publicKey
            }
            let host = try hosts.issue(
                name: "Host 1", publicKey: publicKey(hostKey), role: .keyDistributionHost, validity: validity)
            let otherHost = try hosts.issue(
                name: "Host 2", publicKey: publicKey(otherKey), role: .keyDistributionHost, validity: validity)
            let device = try devices.issue(
                name: "Device 1", publicKey: publicKey(deviceKey), role: .keyReceivingDevice, validity: validity)
            let list = try hosts.revocationList(revoking: [], number: 1, validity: validity)
            let sender = try KeyDistributionHost(certificate: host, privateKey: RSAPrivateKey(der: hostKey))
            let key = SecretKey(count: 16) { block in
                for index in 0..<16 { block[index] = UInt8(truncatingIfNeeded: 17 * index + 3) }
            }
            func keyToken(_ freshness: TR34.Freshness) throws -> [UInt8] {
                try sender.keyToken(key, header: Self.header, for: device, freshness: freshness, revocationList: list)
            }
            tokens = [
                try sender.credentialToken(revocationList: list), try keyToken(.signingTime(Self.now)),
                try keyToken(.randomNumber(Self.number)),
                try sender.unbindToken(device: device.id, randomNumber: Self.number, revocationList: list),
                try sender.rebindToken(
                    device: device.id, newHost: otherHost, randomNumber: Self.number, revocationList: list),
                try devices.unbindToken(device: device.id, host: host.id, at: Self.now),
                try devices.rebindToken(
                    device: device.id, host: host.id, newHost: otherHost, revocationList: list, at: Self.now),
            ]
            hostAuthority = hosts.certificate
            authority = devices.certificate
            (self.host, self.otherHost, self.device) = (host, otherHost, device)
            self.deviceKey = deviceKey.copy()
            self.key = key.copy()
        } catch { stop("no world") }
    }

    func token(_ kind: Kind) -> [UInt8] { tokens[Kind.allCases.firstIndex(of: kind) ?? 0] }

    /// Whether it is one of the two hosts, in whatever encoding.
    func knows(_ certificate: Certificate) -> Bool {
        [host, otherHost].contains { $0.id == certificate.id && $0.publicKey == certificate.publicKey }
    }

    /// The device, which has asked with the number that the host's tokens carry.
    func makeDevice(boundTo host: Certificate?) -> KeyReceivingDevice {
        var state = KeyReceivingDevice.State()
        state.host = host
        state.randomNumber = Self.number
        do {
            return try KeyReceivingDevice(
                certificate: device, privateKey: RSAPrivateKey(der: deviceKey), authority: authority,
                hostAuthorities: TrustedAuthorities(anchors: [hostAuthority]), policy: .init(), state: state)
        } catch { stop("no device") }
    }
}
