// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

/// A device in the place of the standard's "Sample KRD 1", bound to "Sample KDH 1".
@Suite struct `TR-34 samples of the standard` {
    private let vectors = Vector.load("tr34")

    private func vector(_ source: String) throws -> Vector {
        try #require(vectors.first { $0.json["source"]?.string?.contains(source) == true })
    }

    private func certificate(_ source: String, _ name: String) throws -> Certificate {
        try Certificate(der: vector(source).inputBytes(name))
    }

    private func token(_ source: String) throws -> [UInt8] { try vector(source).inputBytes("token") }

    private func makeDevice() throws -> KeyReceivingDevice {
        let twoPass = try vector("B.9.1")
        var state = KeyReceivingDevice.State()
        state.host = try certificate("B.9.1", "host_certificate")
        var policy = KeyReceivingDevice.Policy()
        policy.requiresRevocationList = false
        policy.acceptsMixedMasks = true
        return try KeyReceivingDevice(
            certificate: certificate("B.9.1", "device_certificate"),
            privateKey: RSAPrivateKey(der: twoPass.key("device_private_key")),
            authority: certificate("B.10", "signer_certificate"),
            hostAuthorities: TrustedAuthorities(anchors: [certificate("B.10", "host_authority_certificate")]),
            policy: policy, state: state)
    }

    @Test func `The authority's rebind token moves the device to the second host`() throws {
        var device = try makeDevice()
        let signed = try #require(TR34.BindingToken(reading: token("B.10")).signingTime)
        #expect(thrown { try device.rebind(token: token("B.10"), at: signed - 61) } == .stale)
        try device.rebind(token: token("B.10"), at: signed)
        #expect(device.state.host?.subjectText == "CN=TR34 Sample KDH 2,O=TR34 Samples,C=US")
        #expect(device.state.lastAuthorityTime == signed)
        #expect(thrown { try device.rebind(token: token("B.10"), at: signed) } == .wrongHost)
    }

    @Test func `The authority's unbind token has no time, and counts where that is allowed`() throws {
        var device = try makeDevice()
        #expect(thrown { try device.unbind(token: token("B.13"), at: 1_300_000_000) } == .noFreshness)
        device.policy.allowsUndatedAuthorityTokens = true
        try device.unbind(token: token("B.13"), at: 1_300_000_000)
        #expect(device.state.host == nil)
    }

    @Test func `The first host's certificate has extensions twice, so no chain leads to it`() throws {
        var device = try makeDevice()
        let seconds: Int64 = 1_300_000_000
        device.state.randomNumber = try TR34.randomNumber(readingToken: token("B.12"))
        #expect(thrown { _ = try device.receive(keyToken: token("B.9.1"), at: seconds) } == .certificate(.untrusted))
        #expect(thrown { try device.unbind(token: token("B.14"), at: seconds) } == .certificate(.untrusted))
        #expect(thrown { try device.rebind(token: token("B.11"), at: seconds) } == .certificate(.untrusted))
        device.state.host = nil
        #expect(thrown { try device.bind(credentialToken: token("B.6"), at: seconds) } == .certificate(.untrusted))
        let host = try certificate("B.9.1", "host_certificate")
        #expect(try TR34.Credential(reading: token("B.6")).certificate == host)
        #expect(!host.permits(.keyDistributionHost))
    }

    @Test func `No changed byte of the standard's key token opens`() throws {
        let (host, device) = (
            try certificate("B.9.1", "host_certificate"), try certificate("B.9.1", "device_certificate")
        )
        let privateKey = try RSAPrivateKey(der: vector("B.9.1").key("device_private_key"))
        let token = try token("B.9.1")
        // What the host signs: the enveloped data, and the signed attributes with the signature behind them.
        let list = try #require(token.firstRange(of: [0xA1, 0x82, 0x01, 0xD8]))
        let attributes = try #require(token.firstRange(of: [0xA0, 0x81, 0x8E]))
        for index in Array(41..<list.lowerBound) + Array(attributes.lowerBound..<token.count) {
            var changed = token
            changed[index] ^= 1 << (index % 8)
            let refused = thrown {
                _ = try TR34.KeyToken(reading: changed).open(
                    device: device, privateKey: privateKey, host: host, acceptingMixedMasks: true)
            }
            #expect(refused != nil, "byte \(index)")
        }
    }
}
