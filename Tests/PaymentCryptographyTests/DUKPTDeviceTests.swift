// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A DUKPT device` {
    private func tdes() throws -> (initial: [UInt8], ksn: TDESKeySerialNumber) {
        (
            try #require(Hex.bytes("6AC292FAA1315B4D858AB3A3D7D5933A")),
            try #require(TDESKeySerialNumber(initialKeyID: 0xFFFF_9876_5432_10E0))
        )
    }

    private func key(_ bytes: [UInt8]) -> SecretKey { SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) } }

    @Test func `of TDES gives the host's keys for thousands of counters`() throws {
        let (initial, ksn) = try tdes()
        var device = try TDESDUKPTDevice(initialKey: key(initial), ksn: ksn)
        var expected = ksn
        for _ in 0..<5_000 {
            expected = try #require(expected.next)
            let keys = try device.use()
            let host = try TDESDUKPT.transactionKeys(initialKey: key(initial), ksn: expected)
            #expect(holds(keys.ksn == expected))
            #expect(holds(keys.requestMAC([1, 2, 3]) == host.requestMAC([1, 2, 3])))
        }
    }

    @Test(arguments: AESKeyLength.allCases)
    func `of AES gives the host's keys for thousands of counters`(length: AESKeyLength) throws {
        let initial = RandomBytes.bytes(length.rawValue)
        let ksn = AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456)
        var device = try AESDUKPTDevice(initialKey: key(initial), ksn: ksn)
        var expected = ksn
        for _ in 0..<3_000 {
            expected = try #require(expected.next)
            let keys = try device.use()
            let host = try AESDUKPT.transactionKeys(initialKey: key(initial), ksn: expected)
            #expect(holds(keys.ksn == expected))
            #expect(holds(keys.fullRequestMAC([1, 2, 3]) == host.fullRequestMAC([1, 2, 3])))
        }
    }

    @Test func `of TDES skips ahead to any legal counter and goes on as the host says`() throws {
        let (initial, ksn) = try tdes()
        var random = SeededRandom(seed: 20)
        for _ in 0..<60 {
            var device = try TDESDUKPTDevice(initialKey: key(initial), ksn: ksn)
            var counter: UInt32 = 0
            while true {
                counter += UInt32(1 + random.below(random.chance(perMille: 500) ? 1 << 20 : 64))
                while counter.nonzeroBitCount > 10 { counter &+= counter & (0 &- counter) }
                guard counter >> 21 == 0 else { break }
                try device.advance(to: counter)
                #expect(holds(device.counter == counter))
                let keys = try device.use()
                let at = try #require(ksn.with(counter: counter))
                #expect(holds(keys.ksn == at))
                let host = try TDESDUKPT.transactionKeys(initialKey: key(initial), ksn: at)
                #expect(holds(keys.requestMAC([9]) == host.requestMAC([9])), "counter \(counter)")
            }
        }
    }

    @Test func `of AES skips ahead to any legal counter and goes on as the host says`() throws {
        let initial = RandomBytes.bytes(16)
        let ksn = AESKeySerialNumber(initialKeyID: 7)
        var random = SeededRandom(seed: 21)
        var device = try AESDUKPTDevice(initialKey: key(initial), ksn: ksn)
        var counter: UInt64 = 0
        while true {
            counter += UInt64(1 + random.below(random.chance(perMille: 300) ? 1 << 27 : 1 << 10))
            while counter.nonzeroBitCount > 16 { counter &+= counter & (0 &- counter) }
            guard counter >> 32 == 0 else { break }
            try device.advance(to: UInt32(counter))
            let keys = try device.use()
            let at = AESKeySerialNumber(initialKeyID: 7, counter: UInt32(counter))
            #expect(holds(keys.ksn == at))
            let host = try AESDUKPT.transactionKeys(initialKey: key(initial), ksn: at)
            #expect(holds(keys.requestMAC([9]) == host.requestMAC([9])), "counter \(counter)")
        }
    }

    @Test func `never goes back and refuses illegal counters`() throws {
        let (initial, ksn) = try tdes()
        var device = try TDESDUKPTDevice(initialKey: key(initial), ksn: ksn)
        try device.advance(to: 100)
        try device.advance(to: 100)
        #expect(advanceError(&device, to: 99) == .counterBehind(99, next: 100))
        #expect(advanceError(&device, to: 0) == .illegalCounter(0))
        #expect(advanceError(&device, to: 0x7FF) == .illegalCounter(0x7FF))
        #expect(advanceError(&device, to: 1 << 21) == .illegalCounter(1 << 21))
        #expect(holds(device.counter == 100))
    }

    private func advanceError(_ device: inout TDESDUKPTDevice, to counter: UInt32) -> DUKPTError? {
        do throws(DUKPTError) {
            try device.advance(to: counter)
            return nil
        } catch {
            return error
        }
    }

    @Test func `says when it is exhausted, and stays so`() throws {
        let (initial, ksn) = try tdes()
        var device = try TDESDUKPTDevice(initialKey: key(initial), ksn: ksn)
        try device.advance(to: 0x1FF800)
        #expect(try holds(device.use().ksn.counter == 0x1FF800))
        #expect(holds(device.isExhausted && device.nextCounter == nil && device.counter == 1 << 21))
        #expect(advanceError(&device, to: 0x1FF800) == .exhausted)
        let wrapping = SecretKey.random(count: 32)
        var restored = try require(TDESDUKPTDevice(record: device.record(under: wrapping), under: wrapping))
        #expect(holds(restored.isExhausted))
        do {
            _ = try restored.nextTransaction()
            Issue.record("a key after exhaustion")
        } catch { #expect(error == .exhausted) }

        var aes = try AESDUKPTDevice(
            initialKey: .random(count: 16), ksn: AESKeySerialNumber(initialKeyID: 1))
        try aes.advance(to: 0xFFFF_0000)
        #expect(try aes.use().ksn.counter == 0xFFFF_0000)
        #expect(aes.isExhausted && aes.counter == 1 << 32)
        do {
            _ = try aes.nextTransaction()
            Issue.record("a key after exhaustion")
        } catch { #expect(error == .exhausted) }
    }

    @Test func `keeps no key that a used counter could be derived from`() throws {
        let (initial, ksn) = try tdes()
        let shape = FutureKeyRegisters.Shape(bits: 21, onesMax: 10, keyBytes: 16)
        let derive: FutureKeyRegisters.Derive = { parent, counter, output in
            var scratch = TDESDUKPTScratch()
            scratch.load(parent)
            scratch.step(register: ksn.register(counter: counter))
            scratch.withKey { output.copyMemory(from: $0) }
        }
        var registers = key(initial).withBytes { initial in
            FutureKeyRegisters(shape: shape, initialKey: initial, derive: derive)
        }
        registers.reserve(upTo: .max)
        var used: [[UInt8]] = []
        for step in 0..<200 {
            if step % 50 == 49 { try registers.advance(to: UInt32(registers.next) + 3, derive: derive) }
            used.append(try registers.take(derive: derive).withBytes { Array($0) })
            let held = registers.keys.withBytes { keys in (0..<21).map { Array(keys[$0 * 16..<$0 * 16 + 16]) } }
            #expect(!used.contains { key in held.contains(key) })
            #expect(!held.contains(initial))
            #expect(FutureKeyRegisters.isConsistent(next: registers.next, valid: registers.valid, shape: shape))
        }
    }

    @Test func `survives being sealed and opened, and only under its key`() throws {
        let (initial, ksn) = try tdes()
        let wrapping = SecretKey.random(count: 32)
        var device = try TDESDUKPTDevice(initialKey: key(initial), ksn: ksn)
        try device.advance(to: 0x12345 & ~0x1)
        let sealed = device.record(under: wrapping)
        var restored = try require(TDESDUKPTDevice(record: sealed, under: wrapping))
        #expect(holds(restored.initialKSN == ksn && restored.counter == device.counter))
        for _ in 0..<100 {
            let one = try device.use()
            let two = try restored.use()
            #expect(one.ksn == two.ksn)
            #expect(one.requestMAC([5]) == two.requestMAC([5]))
        }
        #expect(holds(isNil(TDESDUKPTDevice(record: sealed, under: .random(count: 32)))))
        for index in stride(from: 0, to: sealed.count, by: 7) {
            var changed = sealed
            changed[index] ^= 1
            #expect(holds(isNil(TDESDUKPTDevice(record: changed, under: wrapping))))
        }
        for count in [0, 1, 28, 29, 53, sealed.count - 1] {
            #expect(holds(isNil(TDESDUKPTDevice(record: Array(sealed.prefix(count)), under: wrapping))))
        }
        #expect(holds(isNil(AESDUKPTDevice(record: sealed, under: wrapping))))
        #expect(holds(isNil(SecretKey(unwrapping: sealed, under: wrapping))))
    }

    @Test func `of AES keeps the length of its working keys across the seal`() throws {
        let wrapping = SecretKey.random(count: 32)
        var device = try AESDUKPTDevice(
            initialKey: .random(count: 32), ksn: AESKeySerialNumber(initialKeyID: 9), workingKeys: .aes128)
        try device.advance(to: 77)
        var restored = try require(AESDUKPTDevice(record: device.record(under: wrapping), under: wrapping))
        #expect(holds(restored.workingKeys == .aes128 && restored.initialKSN == device.initialKSN))
        #expect(try holds(device.use().requestMAC([5]) == restored.use().requestMAC([5])))
        #expect(holds(isNil(TDESDUKPTDevice(record: device.record(under: wrapping), under: wrapping))))
    }

    @Test func `is loaded only with a key of its scheme and a KSN without a counter`() throws {
        let (initial, ksn) = try tdes()
        let used = try #require(ksn.with(counter: 1))
        #expect(throws: DUKPTError.illegalCounter(1)) { _ = try TDESDUKPTDevice(initialKey: key(initial), ksn: used) }
        #expect(throws: DUKPTError.wrongKeyLength(8)) {
            _ = try TDESDUKPTDevice(initialKey: .random(count: 8), ksn: ksn)
        }
        #expect(throws: DUKPTError.illegalCounter(5)) {
            _ = try AESDUKPTDevice(
                initialKey: .random(count: 16), ksn: AESKeySerialNumber(initialKeyID: 1, counter: 5))
        }
        #expect(throws: DUKPTError.strongerThanParent(.aes256)) {
            _ = try AESDUKPTDevice(
                initialKey: .random(count: 16), ksn: AESKeySerialNumber(initialKeyID: 1), workingKeys: .aes256)
        }
    }
}
