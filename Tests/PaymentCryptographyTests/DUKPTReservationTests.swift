// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

/// A counter is durable before its key is used.
@Suite struct `A DUKPT reservation` {
    private static let tdes = TDESKeySerialNumber(initialKeyID: 0xFFFF_9876_5432_10E0)
    private static let aes = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456)

    @Test func `lets as many keys out as it says, and none before it is confirmed`() throws {
        let storage = SecretKey.random(count: 32)
        var tdes = try TDESDUKPTDevice(initialKey: .random(count: 16), ksn: try #require(Self.tdes))
        var aes = try AESDUKPTDevice(initialKey: .random(count: 32), ksn: Self.aes)
        for count in [1, 2, 17] {
            let first = tdes.reserve(count, under: storage)
            let second = aes.reserve(count, under: storage)
            #expect(error { _ = try tdes.nextTransaction() } == .notReserved)
            #expect(error { _ = try aes.beginTransaction() } == .notReserved)
            try tdes.confirm(stored: first)
            try aes.confirm(stored: second)
            for _ in 0..<count {
                _ = try tdes.nextTransaction().ksn
                _ = try aes.nextTransaction().ksn
            }
            #expect(holds(!tdes.isReserved && !aes.isReserved))
            #expect(error { _ = try tdes.nextTransaction() } == .notReserved)
            #expect(error { _ = try aes.nextTransaction() } == .notReserved)
        }
    }

    @Test func `names where a restored device goes on, which has nothing reserved`() throws {
        let storage = SecretKey.random(count: 32)
        var device = try TDESDUKPTDevice(initialKey: .random(count: 16), ksn: try #require(Self.tdes))
        let reservation = device.reserve(100, under: storage)
        let (record, counter) = (reservation.record, reservation.counter)
        try device.confirm(stored: reservation)
        var restored = try require(TDESDUKPTDevice(record: record, under: storage))
        #expect(holds(UInt64(restored.counter) == counter && !restored.isReserved))
        #expect(error { _ = try restored.nextTransaction() } == .notReserved)
        for _ in 0..<100 { _ = try device.nextTransaction().ksn }
        #expect(try holds(restored.use().ksn == device.use().ksn))
    }

    @Test func `never goes behind one that was confirmed`() throws {
        let storage = SecretKey.random(count: 32)
        var device = try AESDUKPTDevice(initialKey: .random(count: 16), ksn: Self.aes)
        let wide = device.reserve(500, under: storage)
        let end = wide.counter
        try device.confirm(stored: wide)
        for count in [0, 1, 499, 500] { #expect(holds(device.reserve(count, under: storage).counter == end)) }
        let small = device.reserve(3, under: storage)
        try device.confirm(stored: small)
        for _ in 0..<500 { _ = try device.nextTransaction().ksn }
        #expect(error { _ = try device.nextTransaction() } == .notReserved)
        #expect(holds(device.reserve(1, under: storage).counter > end))
    }

    @Test func `of another initial key reserves nothing`() throws {
        let storage = SecretKey.random(count: 32)
        var device = try AESDUKPTDevice(initialKey: .random(count: 16), ksn: Self.aes)
        let other = try AESDUKPTDevice(initialKey: .random(count: 16), ksn: AESKeySerialNumber(initialKeyID: 7))
        #expect(error { try device.confirm(stored: other.reserve(5, under: storage)) } == .foreignKSN)
        #expect(error { _ = try device.nextTransaction() } == .notReserved)
    }

    @Test func `gives what is left when that is less than was asked for`() throws {
        let storage = SecretKey.random(count: 32)
        var device = try TDESDUKPTDevice(initialKey: .random(count: 16), ksn: try #require(Self.tdes))
        try device.advance(to: 0x1FF000)
        let reservation = device.reserve(DUKPTReservation.countMax, under: storage)
        #expect(holds(reservation.counter == 1 << 21))
        let record = reservation.record
        try device.confirm(stored: reservation)
        var last: UInt32 = 0
        while !device.isExhausted { last = try device.nextTransaction().ksn.counter }
        #expect(last == 0x1FF800)
        #expect(error { _ = try device.nextTransaction() } == .exhausted)
        #expect(try holds(require(TDESDUKPTDevice(record: record, under: storage)).isExhausted))
    }

    @Test func `makes the registers that using its counters makes`() throws {
        let ksn = try #require(Self.tdes)
        let shape = FutureKeyRegisters.Shape(bits: 21, onesMax: 10, keyBytes: 16)
        let derive: FutureKeyRegisters.Derive = { parent, counter, output in
            var scratch = TDESDUKPTScratch()
            scratch.load(parent)
            scratch.step(register: ksn.register(counter: counter))
            scratch.withKey { output.copyMemory(from: $0) }
        }
        let initial = SecretKey.random(count: 16)
        for start in [UInt32(1), 0x3F0, 0x7FE, 0x1F_E000] {
            var registers = initial.withBytes { FutureKeyRegisters(shape: shape, initialKey: $0, derive: derive) }
            try registers.advance(to: start, derive: derive)
            registers.reserve(upTo: .max)
            for count in [1, 2, 30] {
                let ahead = registers.ahead(by: 0, derive: derive)
                #expect(holds(ahead.isExhausted), "what is reserved counts as used")
                var copy = initial.withBytes { FutureKeyRegisters(shape: shape, initialKey: $0, derive: derive) }
                try copy.advance(to: UInt32(registers.next), derive: derive)
                let skipped = copy.ahead(by: count, derive: derive)
                for _ in 0..<count { _ = try registers.take(derive: derive).count }
                #expect(holds(skipped.next == registers.next && skipped.valid == registers.valid), "from \(start)")
                #expect(holds(skipped.keys.equals(registers.keys)), "from \(start)")
            }
        }
    }

    /// A disk and a device over it, cut at any point: before the record is stored, between storing and use, in use.
    @Test(arguments: UInt64(1)...6)
    func `never lets a counter be used twice, wherever the power is cut`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let initial = SecretKey.random(count: 16)
        let storage = SecretKey.random(count: 32)
        let ksn = try #require(Self.tdes)
        var device = try TDESDUKPTDevice(initialKey: initial, ksn: ksn)
        var disk = device.record(under: storage)
        var used: Set<UInt32> = []
        var codes: Set<[UInt8]> = []
        while used.count < 2_000 {
            let reservation = device.reserve(1 + random.below(40), under: storage)
            let isCut = random.below(4)
            if isCut != 0 {
                disk = reservation.record
                if isCut != 1 {
                    try device.confirm(stored: reservation)
                    while device.isReserved, isCut == 3 || random.below(20) > 0 {
                        let keys = try device.nextTransaction()
                        let host = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: keys.ksn)
                        let code = keys.requestMAC([1, 2, 3])
                        #expect(holds(code == host.requestMAC([1, 2, 3])), "seed \(seed)")
                        #expect(holds(used.insert(keys.ksn.counter).inserted), "seed \(seed), \(keys.ksn.counter)")
                        #expect(holds(codes.insert(code).inserted), "seed \(seed): a MAC comes again")
                    }
                }
            }
            if isCut != 3 { device = try require(TDESDUKPTDevice(record: disk, under: storage)) }
        }
    }

    @Test(arguments: UInt64(1)...3)
    func `of AES never lets a counter be used twice, wherever the power is cut`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let initial = SecretKey.random(count: 24)
        let storage = SecretKey.random(count: 16)
        var device = try AESDUKPTDevice(initialKey: initial, ksn: Self.aes)
        var disk = device.record(under: storage)
        var used: Set<UInt32> = []
        while used.count < 2_000 {
            let reservation = device.reserve(1 + random.below(40), under: storage)
            if random.chance(perMille: 800) {
                disk = reservation.record
                try device.confirm(stored: reservation)
                while device.isReserved, random.below(30) > 0 {
                    let transaction = try device.beginTransaction()
                    let host = try AESDUKPT.transaction(initialKey: initial, ksn: transaction.ksn)
                    let code = try transaction.macKey(.request, type: .hmac192).code([1])
                    #expect(try holds(host.macKey(.request, type: .hmac192).verify(code, message: [1])))
                    #expect(holds(used.insert(transaction.ksn.counter).inserted), "seed \(seed)")
                }
            }
            device = try require(AESDUKPTDevice(record: disk, under: storage))
        }
    }

    private func error(_ step: () throws -> Void) -> DUKPTError? {
        do {
            try step()
            return nil
        } catch { return error as? DUKPTError }
    }
}
