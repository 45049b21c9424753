// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography
import Testing

/// Controls first: the search finds what is not wiped, wherever it lies. Then nothing may be found.
@Suite(
    .serialized,
    .enabled(if: MemoryScan.isWanted && MemoryScan.isPossible, "make scan-memory runs it in a process alone"))
struct `The memory of the process` {
    /// Holds what a control must not let go of.
    private final class Box: @unchecked Sendable {
        var key: SecretKey?
    }

    // MARK: Controls

    @Test func `shows a key that is still held`() {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 32)
        let box = Box()
        let hits = memory.residue { box.key = memory.key(secret) }
        #expect(hits.count { !$0.isOnStack } == 4, "\(hits)")
        box.key = nil
        let left = memory.residue {}
        #expect(left.allSatisfy { $0.isOnStack }, "\(left)")
    }

    @Test func `shows a key that was freed and not wiped`() {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 64)
        let hits = memory.residue {
            let copy = malloc(64)!
            copy.copyMemory(from: memory.bytes(secret).baseAddress!, byteCount: 64)
            opaque(copy)
            free(copy)
        }
        // The allocator writes its links over the first words.
        #expect(hits.count >= 4, "\(hits)")
    }

    @Test func `shows an array that held a key`() {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 64)
        let hits = memory.residue { withExtendedLifetime(Array(memory.bytes(secret))) {} }
        #expect(hits.count >= 4, "\(hits)")
    }

    @Test func `shows words that lie on a stack no more in use, in either order`() {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 16)
        let hits = memory.residue { leaveOnStack(memory, secret, below: 100) }
        #expect(hits.contains { $0.secret.contains("reversed") }, "\(hits)")
    }

    // MARK: Keys

    @Test func `holds nothing of a key that was copied, combined, wrapped and compared`() {
        let memory = MemoryScan()
        let (first, second, wrapping) = (
            memory.plant("first", count: 32), memory.plant("second", count: 32), memory.plant("wrapping", count: 32)
        )
        memory.expectNothing {
            let key = memory.key(first)
            let other = memory.key(second)
            let sum = key.combined(with: other)
            if let sum { memory.remember("sum", sum) }
            memory.remember("odd", key.withOddParity())
            _ = key.copy().equals(other)
            let sealed = key.wrapped(under: memory.key(wrapping))
            let opened = SecretKey(unwrapping: sealed, under: memory.key(wrapping))
            #expect(holds(!isNil(opened)))
        }
    }

    @Test func `holds nothing of keys whose check values and MACs were computed`() {
        let memory = MemoryScan()
        let (tdes, aes, hmac) = (
            memory.plant("TDES key", count: 24), memory.plant("AES key", count: 32), memory.plant("HMAC key", count: 32)
        )
        memory.rememberSchedule(of: tdes)
        memory.expectNothing {
            let message = [UInt8](repeating: 0x31, count: 37)
            let double = SecretKey(count: 16) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory.bytes(tdes))[..<16]))
            }
            _ = (KCV.tdes(memory.key(tdes)), KCV.aes(memory.key(aes)))
            _ = RetailMAC.code(key: double, message: message)
            _ = RetailMAC.algorithm1(key: memory.key(tdes), message: message, padding: .method2)
            _ = TDESCMAC.code(key: memory.key(tdes), message: message)
            _ = AESCMAC(key: memory.key(aes)).code(message)
            _ = HMACSHA256.code(key: memory.key(hmac), message: message)
            _ = CipherCalculator.tdes([UInt8](repeating: 7, count: 24), key: memory.key(tdes), encrypting: false)
            _ = CipherCalculator.aes([UInt8](repeating: 7, count: 32), key: memory.key(aes), encrypting: false)
            memory.remember("KDF output", KDF.derive(master: memory.key(aes), label: "a use", count: 32))
            let cipher = AuthenticatedCipher(key: memory.key(aes))
            let nonce = [UInt8](repeating: 1, count: 12)
            #expect(cipher.open(cipher.seal(plaintext: message, nonce: nonce), nonce: nonce) == message)
        }
    }

    @Test func `holds nothing of components and shares`() {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 16)
        memory.expectNothing {
            let checkValue = KCV.aes(memory.key(secret))
            do {
                var components = try KeyComponents(algorithm: .aes, keyCount: 16)
                var failure: KeyComponentError?
                try KeyComponents.split(memory.key(secret), algorithm: .aes, into: 3) { number, component, checkValue in
                    memory.remember("component \(number)", component)
                    do throws(KeyComponentError) {
                        try components.enter(component, checkValue: checkValue)
                    } catch { failure = error }
                }
                #expect(failure == nil)
                #expect(holds(try components.form(checkValue: checkValue).equals(memory.key(secret))))
                var shares = try KeyShares(algorithm: .aes, keyCount: 16, threshold: 2)
                try KeyShares.split(memory.key(secret), algorithm: .aes, threshold: 2, count: 2) { share, _ in
                    memory.remember("share \(share.number)", share.value)
                    do throws(KeyComponentError) {
                        try shares.enter(share, checkValue: nil)
                    } catch { failure = error }
                }
                #expect(failure == nil)
                #expect(holds(try shares.form(checkValue: checkValue).equals(memory.key(secret))))
            } catch { Issue.record("\(error)") }
        }
    }

    // MARK: Key blocks

    @Test(arguments: [KeyBlockVersion.b, .d, .e])
    func `holds nothing of a key block's keys`(version: KeyBlockVersion) {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 16)
        let protection = memory.plant("protection key", count: 16)
        let header = KeyBlockHeader(version: version, usage: .pinEncryption, algorithm: .tdes, modeOfUse: .both)
        memory.expectNothing {
            do {
                let text = try KeyBlock.wrap(memory.key(secret), header: header, under: memory.key(protection))
                let back = try KeyBlock.unwrap(text, under: memory.key(protection))
                #expect(holds(back.takeKey().equals(memory.key(secret))))
                let parts = memory.key(protection)
                memory.remember(
                    "encryption key", try KeyBlockCalculator.encryptionKey(version: version, protectionKey: parts))
                memory.remember(
                    "authentication key",
                    try KeyBlockCalculator.authenticationKey(version: version, protectionKey: parts))
            } catch { Issue.record("\(error)") }
        }
    }

    @Test(arguments: [KeyBlockVersion.b, .d, .e])
    func `holds nothing of a key block that was refused`(version: KeyBlockVersion) {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 16)
        let protection = memory.plant("protection key", count: 16)
        let header = KeyBlockHeader(version: version, usage: .pinEncryption, algorithm: .tdes, modeOfUse: .both)
        memory.expectNothing {
            do {
                var text = Array(
                    try KeyBlock.wrap(memory.key(secret), header: header, under: memory.key(protection)).utf8)
                // A character of the MAC: the key field decrypts, and is thrown away.
                text[text.count - 1] = text[text.count - 1] == 0x30 ? 0x31 : 0x30
                let changed = String(decoding: text, as: UTF8.self)
                #expect(isRefused { try KeyBlock.unwrap(changed, under: memory.key(protection)).takeKey() })
            } catch { Issue.record("\(error)") }
        }
    }
}

/// What the optimiser cannot see through, and so must leave in memory.
@inline(never) @_optimize(none)
private func opaque(_ pointer: UnsafeMutableRawPointer) {}

/// The words of a key in a frame that ends here, so far down that what follows does not reach it.
@inline(never) @_optimize(none)
private func leaveOnStack(_ memory: MemoryScan, _ secret: MemoryScan.Secret, below frames: Int) {
    if frames > 0 { return leaveOnStack(memory, secret, below: frames - 1) }
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { frame in
        let bytes = UnsafeRawBufferPointer(memory.bytes(secret))
        for offset in [0, 8] {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            frame.storeBytes(of: word.byteSwapped, toByteOffset: offset, as: UInt64.self)
        }
        opaque(frame.baseAddress!)
    }
}
