// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import PaymentCryptography
import Testing
import Vocabulary

/// DUKPT written down once more, block by block over whole ciphers, to hold the library's against.
private enum Reference {
    static func aes(_ key: [UInt8], _ block: [UInt8]) throws -> [UInt8] {
        let key = SecretKey(count: key.count) { $0.copyBytes(from: key) }
        let output = CipherCalculator.aes(block, key: key, encrypting: true)
        return try #require(output)
    }

    /// X9.24-3 6.2 and 6.3: usage, algorithm and bits of the derived key, then what names it.
    static func derive(
        _ parent: [UInt8], _ usage: UInt16, _ algorithm: UInt8, _ count: Int, _ name: [UInt8]
    ) throws -> [UInt8] {
        var output: [UInt8] = []
        for block in UInt8(1)...2 where output.count < count {
            let bits = UInt16(count * 8)
            output += try aes(
                parent,
                [1, block, UInt8(usage >> 8), UInt8(usage & 0xFF), 0, algorithm, UInt8(bits >> 8), UInt8(bits & 0xFF)]
                    + name)
        }
        return Array(output.prefix(count))
    }

    static func aesTransactionKey(_ initial: [UInt8], _ ksn: [UInt8]) throws -> [UInt8] {
        let algorithm = UInt8(initial.count / 8)
        var (key, reached) = (initial, [UInt8](repeating: 0, count: 4))
        for bit in 0..<32 where ksn[8 + bit / 8] >> UInt8(7 - bit % 8) & 1 == 1 {
            reached[bit / 8] |= 0x80 >> UInt8(bit % 8)
            key = try derive(key, 0x8000, algorithm, initial.count, Array(ksn[4..<8]) + reached)
        }
        return key
    }

    /// Single DES as TDES of two equal halves.
    static func des(_ key: [UInt8], _ block: [UInt8]) throws -> [UInt8] {
        let key = SecretKey(count: 16) { $0.copyBytes(from: key + key) }
        let output = CipherCalculator.tdes(block, key: key, encrypting: true)
        return try #require(output)
    }

    static func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { zip(left, right).map { $0 ^ $1 } }

    /// X9.24-1 A.2 and A.3.
    static func tdesTransactionKey(_ initial: [UInt8], _ ksn: [UInt8]) throws -> [UInt8] {
        let mask: [UInt8] = [0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0]
        var register = Array(ksn[2...])
        register[5] &= 0xE0
        (register[6], register[7]) = (0, 0)
        var (left, right) = (Array(initial[..<8]), Array(initial[8...]))
        for bit in 0..<21 where ksn[7 + (bit + 3) / 8] >> UInt8(7 - (bit + 3) % 8) & 1 == 1 {
            register[5 + (bit + 3) / 8] |= 0x80 >> UInt8((bit + 3) % 8)
            let newRight = xor(try des(left, xor(register, right)), right)
            let masked = xor(right, mask)
            let newLeft = xor(try des(xor(left, mask), xor(register, masked)), masked)
            (left, right) = (newLeft, newRight)
        }
        return left + right
    }
}

@Suite struct `DUKPT's operations` {
    private static let types: [(name: String, algorithm: UInt8, count: Int, strength: Int)] = [
        ("TDES2", 0, 16, 80), ("TDES3", 1, 24, 112), ("AES128", 2, 16, 128), ("AES192", 3, 24, 192),
        ("AES256", 4, 32, 256), ("HMAC128", 5, 16, 128), ("HMAC192", 5, 24, 192), ("HMAC256", 5, 32, 256),
    ]
    private static let usages: [UInt16] = [
        0x0002, 0x1000, 0x2000, 0x2001, 0x2002, 0x3000, 0x3001, 0x3002, 0x8000, 0x8001,
    ]

    private func failures(_ operation: String, _ inputs: [JSON.Member], _ expected: [JSON.Member]) -> [String] {
        VectorRunner.run([
            "id": "x", "op": .string(operation), "inputs": .object(inputs), "expected": .object(expected),
        ]).failures
    }

    private func member(_ name: String, _ bytes: some Collection<UInt8>) -> JSON.Member {
        .init(name, .string(Hex.text(Array(bytes))))
    }

    private func ksn(_ random: inout SeededRandom, _ count: Int, bits: Int, onesMax: Int) -> [UInt8] {
        var counter = UInt32(truncatingIfNeeded: random.next()) >> UInt32(32 - bits)
        while counter.nonzeroBitCount > onesMax { counter &= counter - 1 }
        counter = max(1, counter)
        var ksn = random.bytes(count)
        for bit in 0..<bits {
            let mask = UInt8(1) << UInt8(bit % 8)
            ksn[count - 1 - bit / 8] &= ~mask
            if counter >> UInt32(bit) & 1 == 1 { ksn[count - 1 - bit / 8] |= mask }
        }
        return ksn
    }

    @Test(arguments: [16, 24, 32])
    func `derive AES DUKPT's keys of every usage and type, and none that is stronger`(count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        for (name, algorithm, size, strength) in Self.types {
            for usage in Self.usages {
                let (bdk, ksn) = (random.bytes(count), ksn(&random, 12, bits: 32, onesMax: 16))
                let initial = try Reference.derive(bdk, 0x8001, UInt8(count / 8), count, Array(ksn[..<8]))
                let transaction = try Reference.aesTransactionKey(initial, ksn)
                // An initial key's derivation data has the whole identifier and no counter.
                let key = try Reference.derive(
                    transaction, usage, algorithm, size, Array(usage == 0x8001 ? ksn[..<8] : ksn[4...]))
                let asked: [JSON.Member] = [
                    member("ksn", ksn), .init("key_type", .string(name)),
                    member("usage_code", [UInt8(usage >> 8), UInt8(usage & 0xFF)]),
                ]
                let expected = [member("ik", initial), member("txn_key", transaction), member("working_key", key)]
                for source in [member("bdk", bdk), member("ik", initial)] {
                    let failures = failures("derive_working_key", [source] + asked, expected)
                    #expect(failures.isEmpty == (strength <= count * 8), "\(name) \(usage): \(failures)")
                }
                #expect(failures("derive_ik", [member("bdk", bdk), member("ksn", ksn)], [expected[0]]).isEmpty)
                #expect(failures("derive_ik", [member("bdk", bdk), member("ikid", ksn[..<8])], [expected[0]]).isEmpty)
                #expect(failures("derive_txn_key", [member("ik", initial), member("ksn", ksn)], [expected[1]]).isEmpty)
            }
            let (initial, ikid) = (random.bytes(count), random.bytes(8))
            let transaction = try Reference.aesTransactionKey(initial, ikid + [0xFF, 0xFF, 0xFF, 0xFF])
            let update = try Reference.derive(
                transaction, 0x0002, algorithm, size, Array(ikid[4...]) + [0xFF, 0xFF, 0xFF, 0xFF])
            let failures = failures(
                "derive_update_key",
                [
                    member("ik", initial), member("ikid", ikid), .init("key_type", .string(name)),
                    member("counter", [0xFF, 0xFF, 0xFF, 0xFF]),
                ],
                [member("update_key", update)])
            #expect(failures.isEmpty == (strength <= count * 8), "\(name): \(failures)")
        }
    }

    @Test func `derive TDES DUKPT's keys of every usage that it has`() throws {
        var random = SeededRandom(seed: 21)
        let variants: [(usage: UInt16, byte: Int)] = [
            (0x1000, 7), (0x2000, 6), (0x2001, 4), (0x2002, 6), (0x3000, 5), (0x3001, 3), (0x3002, 5),
        ]
        for _ in 0..<20 {
            let (initial, ksn) = (random.bytes(16), ksn(&random, 10, bits: 21, onesMax: 10))
            let transaction = try Reference.tdesTransactionKey(initial, ksn)
            for usage in Self.usages {
                let inputs = [
                    member("ik", initial), member("ksn", ksn),
                    member("usage_code", [UInt8(usage >> 8), UInt8(usage & 0xFF)]),
                ]
                guard let byte = variants.first(where: { $0.usage == usage })?.byte else {
                    #expect(!failures("derive_working_key", inputs, [member("txn_key", transaction)]).isEmpty)
                    continue
                }
                var key = transaction
                key[byte] ^= 0xFF
                key[byte + 8] ^= 0xFF
                if usage >> 12 == 3 {
                    let secret = SecretKey(count: 16) { $0.copyBytes(from: key) }
                    let dataKey = CipherCalculator.tdes(key, key: secret, encrypting: true)
                    key = try #require(dataKey)
                }
                let failures = failures(
                    "derive_working_key", inputs, [member("txn_key", transaction), member("working_key", key)])
                #expect(failures.isEmpty, "\(usage): \(failures)")
            }
        }
    }

    @Test func `work a transaction of AES DUKPT with working keys of every type`() throws {
        var random = SeededRandom(seed: 22)
        for (name, algorithm, size, _) in Self.types where !name.hasPrefix("HMAC") {
            let (initial, ksn) = (random.bytes(32), ksn(&random, 12, bits: 32, onesMax: 16))
            let transaction = try Reference.aesTransactionKey(initial, ksn)
            let isAES = name.hasPrefix("AES")
            let (data, vector) = (random.bytes(64), random.bytes(isAES ? 16 : 8))
            func encrypted(_ usage: UInt16) throws -> [UInt8] {
                let key = try Reference.derive(transaction, usage, algorithm, size, Array(ksn[4...]))
                let secret = SecretKey(count: size) { $0.copyBytes(from: key) }
                let output =
                    isAES
                    ? CipherCalculator.aes(data, key: secret, vector: vector, encrypting: true)
                    : CipherCalculator.tdes(data, key: secret, vector: vector, encrypting: true)
                return try #require(output)
            }
            let both = try Reference.derive(transaction, 0x2002, algorithm, size, Array(ksn[4...]))
            let failures = failures(
                "transaction",
                [
                    member("ik", initial), member("ksn", ksn), .init("working_key_type", .string(name)),
                    member("data_padded", data), member("data_iv", vector),
                ],
                [
                    member("txn_key", transaction), member("data_request_cbc", try encrypted(0x3000)),
                    member("data_response_cbc", try encrypted(0x3001)), member("mac_both_key", both),
                    member("mac_both_key_\(name.lowercased())", both),
                ])
            #expect(failures.isEmpty, "\(name): \(failures)")
        }
    }
}
