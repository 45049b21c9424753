// SPDX-License-Identifier: Apache-2.0
import Foundation
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@testable import ModuleBackends

/// A TPM in whose answers somebody has a hand.
private final class MeddlingTransport: TPMTransport {
    let isExclusive = true
    private let inner: (any TPMTransport)?
    /// The answer to give in place of a sound one; nil leaves it.
    var meddle: ([UInt8]) -> [UInt8]? = { _ in nil }

    init(_ inner: (any TPMTransport)?) { self.inner = inner }

    func exchange(
        _ command: UnsafeRawBufferPointer, into answer: UnsafeMutableRawBufferPointer
    ) throws(HardwareError) -> Int {
        let count = try inner?.exchange(command, into: answer) ?? 0
        guard let other = meddle(Array(answer[..<count])) else { return count }
        answer.copyBytes(from: other.prefix(answer.count))
        return other.count
    }
}

@Suite("Answers that no sound TPM gives")
struct TPMAnswerTests {
    private static let success: [UInt8] = [0x80, 0x01, 0, 0, 0, 10, 0, 0, 0, 0]

    @Test(
        "a header that is cut, too long, of another tag or length is refused",
        arguments: [
            [], [0x80], Array(success.dropLast()), success + [0], [0x80, 0x02] + success.dropFirst(2),
            [0x00, 0xC4] + success.dropFirst(2), [0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
            [0x80, 0x01, 0, 0, 0, 11, 0, 0, 0, 0], [UInt8](repeating: 0xFF, count: 4_096),
            [UInt8](repeating: 0, count: 5_000),
        ] as [[UInt8]])
    func header(answer: [UInt8]) throws {
        let transport = MeddlingTransport(nil)
        transport.meddle = { _ in answer }
        #expect(throws: HardwareError.malformedAnswer) { _ = try TPMDevice(transport) }
    }

    @Test("a TPM that always asks for another try is given up, and one that fails its self-test is not used")
    func codes() throws {
        let transport = MeddlingTransport(nil)
        transport.meddle = { _ in [0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x01, 0x01] }
        #expect(throws: HardwareError.failed(code: 0x101)) { _ = try TPMDevice(transport) }
        for (code, error) in [
            (0x9A2 as UInt32, HardwareError.notAuthorised), (0x99D, .stateChanged), (0x1DF, .corrupt),
            (0x921, .locked), (0x143, .unsupported),
        ] {
            #expect(TPM.Code(code).error == error)
        }
        #expect(TPM.Code(0x922).isTransient && !TPM.Code(0x923).isTransient)
    }

    @Test(
        "no answer that is cut, lengthened or changed in a byte makes a call crash or give what the TPM did not say",
        .enabled(if: BackEnd.has(.tpm), "swtpm is not installed"))
    func changedAnswers() throws {
        let tpm = try SoftwareTPM()
        let scratch = try Scratch()
        let transport = MeddlingTransport(try TPMFile.socket(tpm.socket))
        let path = scratch.file("hardware")
        var hardware = try TPMHardware(transport, directory: path)
        try hardware.provision(pin: pin("482913"))
        let key = SecretKey.random(count: 32)
        try hardware.seal(key)
        let point = try hardware.identityPublicKey()
        let digest = SHA256.hash([1])
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            // One answer of the call is changed, at a place that is drawn.
            var left = random.below(6)
            transport.meddle = { answer in
                left -= 1
                guard left == -1 else { return nil }
                return Self.changed(answer, &random)
            }
            var error: HardwareError?
            do throws(HardwareError) {
                if round.isMultiple(of: 2) {
                    #expect(try hardware.unseal().count >= 16)
                } else {
                    #expect(try hardware.sign(digest: digest).count == 64)
                }
            } catch let thrown { error = thrown }
            transport.meddle = { _ in nil }
            // A changed handle leaves its object behind: what a resource manager would see to.
            if error != nil { hardware = try Self.reopened(transport, path) }
        }
        #expect(try hardware.unseal().equals(key) == true)
        #expect(Verification.isSignature(try hardware.sign(digest: digest), of: digest, by: point))
    }

    private static func reopened(_ transport: any TPMTransport, _ path: String) throws -> TPMHardware {
        var hardware = try TPMHardware(transport, directory: path)
        try hardware.authorise(pin: pin("482913"))
        return hardware
    }

    private static func changed(_ answer: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var answer = answer
        switch random.below(4) {
        case 0: answer.removeLast(1 + random.below(answer.count))
        case 1: answer += random.bytes(1 + random.below(5_000))
        case 2:
            // The header says the right length, the rest is cut.
            answer.removeLast(random.below(max(1, answer.count - 10)))
            if answer.count >= 6 {
                answer.replaceSubrange(
                    2..<6, with: (0..<4).map { UInt8(truncatingIfNeeded: answer.count >> (24 - 8 * $0)) })
            }
        default: answer[random.below(answer.count)] ^= UInt8(1 << random.below(8))
        }
        return answer
    }
}

@Suite("The TPM's own proofs", .enabled(if: BackEnd.has(.tpm), "swtpm is not installed"))
struct TPMProofTests {
    @Test(
        "a quote is what another program verifies, over its nonce and no other",
        .enabled(if: Tool.path("tpm2_checkquote") != nil, "tpm2-tools is not installed"))
    func quote() throws {
        let tpm = try SoftwareTPM()
        let scratch = try Scratch()
        let hardware = try BackEnd.tpm(scratch, tpm).provisioned()
        let nonce = [UInt8](0..<20)
        let quote = try hardware.quote(nonce: nonce)
        #expect(Verification.isSignature(quote.signature, of: SHA256.hash(quote.attested), by: quote.publicKey))
        try Verification.pem(quote.publicKey).write(
            toFile: scratch.file("key.pem"), atomically: true, encoding: .utf8)
        try Data(quote.attested).write(to: URL(filePath: scratch.file("attested")))
        // A TPMT_SIGNATURE: algorithm, hash, and two numbers with their lengths.
        let (r, s) = (quote.signature[..<32], quote.signature[32...])
        let signature: [UInt8] = [0x00, 0x18, 0x00, 0x0B, 0x00, 0x20] + r + [0x00, 0x20] + s
        try Data(signature).write(to: URL(filePath: scratch.file("signature")))
        func check(_ nonce: [UInt8]) throws {
            let text = nonce.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            try Tool.run(
                "tpm2_checkquote",
                [
                    "--public", scratch.file("key.pem"), "--message", scratch.file("attested"), "--signature",
                    scratch.file("signature"), "--qualification", text, "--hash-algorithm", "sha256",
                ])
        }
        try check(nonce)
        #expect(throws: Tool.Failed.self) { try check([1] + nonce.dropFirst()) }
    }

    @Test("the key stays sealed once a register of the platform has changed, and comes back when it is as it was")
    func registers() throws {
        let tpm = try SoftwareTPM()
        let scratch = try Scratch()
        let subject = BackEnd.tpm(scratch, tpm)
        do {
            let hardware = try subject.provisioned()
            try hardware.seal(SecretKey.random(count: 32))
        }
        do {
            let hardware = try subject.ready()
            try Self.extend(register: 7, hardware.device)
            #expect(throws: HardwareError.stateChanged) { _ = try hardware.unseal().count }
            #expect(throws: HardwareError.stateChanged) { try hardware.sign(digest: [UInt8](repeating: 1, count: 32)) }
        }
        try subject.cut()
        let hardware = try subject.ready()
        #expect(try hardware.unseal().count == 32)
    }

    private static func extend(register: UInt32, _ device: TPMDevice) throws {
        try device.channel.run(.extend, [register], [.open]) {
            $0.number(UInt32(1))
            $0.number(TPM.Algorithm.sha256)
            $0.raw([UInt8](repeating: 1, count: 32))
        }
    }

    @Test("whoever puts another PIN in the place gets nothing that was sealed under the old one's index")
    func ownersPIN() throws {
        let tpm = try SoftwareTPM()
        let scratch = try Scratch()
        let subject = BackEnd.tpm(scratch, tpm)
        var hardware = try subject.provisioned()
        try hardware.seal(SecretKey.random(count: 32))
        try hardware.makePINIndex(AuthorisationValue(pin: pin("000000")))
        #expect(throws: HardwareError.notAuthorised) { _ = try hardware.unseal().count }
        try hardware.authorise(pin: pin("000000"))
        #expect(throws: HardwareError.notAuthorised) { _ = try hardware.unseal().count }
        #expect(throws: HardwareError.notAuthorised) { try hardware.sign(digest: [UInt8](repeating: 1, count: 32)) }
    }

    @Test("a TPM that was cleared has erased what was sealed")
    func cleared() throws {
        let tpm = try SoftwareTPM()
        let scratch = try Scratch()
        let subject = BackEnd.tpm(scratch, tpm)
        var hardware = try subject.provisioned()
        try hardware.seal(SecretKey.random(count: 32))
        for index in [hardware.place.epoch, hardware.place.counter] {
            try hardware.device.undefine(index, owner: .open)
        }
        #expect(try hardware.condition() == .erased)
        #expect(throws: HardwareError.erased) { _ = try hardware.unseal().count }
        #expect(throws: HardwareError.corrupt) { try hardware.counter() }
        try hardware.provision(pin: pin("482913"))
        #expect(try hardware.counter() > 0)
    }

    @Test("a socket that is not there, or a path too long for one, is typed")
    func noSocket() throws {
        let scratch = try Scratch()
        #expect(throws: HardwareError.unavailable) { _ = try TPMFile.socket(scratch.file("none")) }
        #expect(throws: HardwareError.badInput) { _ = try TPMFile.socket(String(repeating: "x", count: 120)) }
        #expect(throws: HardwareError.unavailable) { _ = try TPMFile.device(scratch.file("none")) }
        let tpm = try SoftwareTPM()
        let hardware = try BackEnd.tpm(scratch, tpm).open()
        tpm.kill()
        #expect(throws: HardwareError.unavailable) { try hardware.counter() }
    }
}
