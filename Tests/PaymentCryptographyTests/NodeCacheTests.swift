// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

/// Several devices at once, each counting on, jumping, or repeating itself.
private struct Traffic {
    var random: SeededRandom
    var counters: [UInt32]
    let (bits, onesMax): (Int, Int)

    init(seed: UInt64, devices: Int, bits: Int, onesMax: Int) {
        random = SeededRandom(seed: seed)
        counters = [UInt32](repeating: 0, count: devices)
        (self.bits, self.onesMax) = (bits, onesMax)
    }

    mutating func next() -> (device: Int, counter: UInt32) {
        let device = random.below(counters.count)
        let before = counters[device]
        switch random.below(10) {
        case 0 where before != 0: break
        case 1:
            var counter = UInt32(truncatingIfNeeded: random.next()) >> UInt32(32 - bits)
            while counter.nonzeroBitCount > onesMax { counter &= counter - 1 }
            counters[device] = max(1, counter)
        default:
            let next = DUKPTCounter.next(after: UInt64(before), onesMax: onesMax)
            counters[device] = next >> UInt64(bits) == 0 ? UInt32(next) : 1
        }
        return (device, counters[device])
    }
}

@Suite struct `A node cache` {
    @Test(arguments: [1, 3, 4, 20], [false, true])
    func `of TDES gives the keys of the direct derivation`(capacity: Int, isFromBase: Bool) throws {
        let bdk = SecretKey.random(count: 16)
        var traffic = Traffic(seed: UInt64(capacity), devices: 12, bits: 21, onesMax: 10)
        var scratch = TDESDUKPT.Scratch()
        var nodes = TDESDUKPT.NodeCache(capacity: capacity)
        for _ in 0..<2_000 {
            let (device, counter) = traffic.next()
            let ksn = try #require(TDESKeySerialNumber(initialKeyID: UInt64(device) << 5, counter: counter))
            let initial = try TDESDUKPT.initialKey(bdk: bdk, ksn: ksn)
            if isFromBase {
                try scratch.derive(bdk: bdk, ksn: ksn, nodes: &nodes)
            } else {
                try scratch.derive(initialKey: initial, ksn: ksn, nodes: &nodes)
            }
            let direct = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            let keys = try scratch.transactionKeys()
            #expect(holds(keys.ksn == ksn && keys.requestMAC([1]) == direct.requestMAC([1])), "\(ksn)")
            #expect(holds(nodes.count <= nodes.capacity && nodes.capacity <= capacity))
        }
    }

    @Test(arguments: AESKeyLength.allCases, [false, true])
    func `of AES gives the keys of the direct derivation`(length: AESKeyLength, isFromBase: Bool) throws {
        let bdk = SecretKey.random(count: length.rawValue)
        var traffic = Traffic(seed: UInt64(length.rawValue), devices: 12, bits: 32, onesMax: 16)
        var scratch = AESDUKPT.Scratch()
        var nodes = AESDUKPT.NodeCache(capacity: 8)
        for _ in 0..<2_000 {
            let (device, counter) = traffic.next()
            let ksn = AESKeySerialNumber(initialKeyID: UInt64(device), counter: counter)
            let initial = try AESDUKPT.initialKey(bdk: bdk, ksn: ksn)
            if isFromBase {
                try scratch.derive(bdk: bdk, ksn: ksn, nodes: &nodes)
            } else {
                try scratch.derive(initialKey: initial, ksn: ksn, nodes: &nodes)
            }
            let direct = try AESDUKPT.transaction(initialKey: initial, ksn: ksn).macKey(.response, type: .aes128)
            let key = try scratch.transaction().macKey(.response, type: .aes128)
            #expect(try holds(key.code([1]) == direct.code([1])), "\(ksn)")
            #expect(holds(nodes.count <= 8))
        }
    }

    @Test func `follows a device over thousands of counters, and each costs one step`() throws {
        let shape = DerivationPaths.Shape(keysMax: 10, keyBytesMax: 16)
        var paths = DerivationPaths(shape: shape, capacity: 1)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
        defer { room.deallocate() }
        let initial = [UInt8](repeating: 7, count: 16)
        var counter: UInt64 = 0x1F0
        var steps = 0
        for call in 0..<20_000 {
            counter = DUKPTCounter.next(after: counter, onesMax: 10)
            let before = steps
            let path = initial.withUnsafeBytes { paths.path(1, initialKey: $0) }
            paths.descend(path, to: UInt32(counter), current: room) { _ in steps += 1 }
            #expect(call == 0 || steps - before == 1, "counter \(counter)")
        }
        // The same KSN once more costs nothing, and one of the most ones its last step.
        let before = steps
        paths.descend(0, to: UInt32(counter), current: room) { _ in steps += 1 }
        #expect(steps - before == (counter.nonzeroBitCount == 10 ? 1 : 0))
    }

    @Test func `wipes the path that makes room, and the end of one that became shorter`() throws {
        let shape = DerivationPaths.Shape(keysMax: 10, keyBytesMax: 16)
        var paths = DerivationPaths(shape: shape, capacity: 8)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
        defer { room.deallocate() }
        for device in UInt8(1)...200 {
            let initial = [UInt8](repeating: device, count: 16)
            let path = initial.withUnsafeBytes { paths.path(UInt64(device), initialKey: $0) }
            // A key says whose it is and how deep.
            paths.descend(path, to: 0x1FF, current: room) { room[0] = UInt8($0.nonzeroBitCount) }
            paths.descend(path, to: 0x130, current: room) { room[0] = UInt8($0.nonzeroBitCount) }
            for depth in 0..<shape.keysMax {
                let key = Array(paths.key(path, depth))
                let expected = depth <= 3 ? [depth == 0 ? device : UInt8(depth)] + initial.dropFirst() : nil
                #expect(key == expected ?? [UInt8](repeating: 0, count: 16), "device \(device), depth \(depth)")
            }
            #expect(holds(paths.count <= 8))
        }
        #expect(holds(paths.count == 8))
        paths.removeAll()
        #expect(holds(paths.count == 0))
        // The memory stays with its places: what makes them its own finds nothing of those before.
        let initial = [UInt8](repeating: 0xEE, count: 16)
        for device in UInt64(1)...20 {
            let path = initial.withUnsafeBytes { paths.path(device << 32, initialKey: $0) }
            #expect(holds(Array(paths.key(path, 0)) == initial))
            for depth in 1..<shape.keysMax { #expect(holds(paths.key(path, depth).allSatisfy { $0 == 0 })) }
        }
    }

    @Test func `keeps apart what has the same name but not the same key`() throws {
        let ksn = AESKeySerialNumber(initialKeyID: 5, counter: 0x0F0F)
        var scratch = AESDUKPT.Scratch()
        var nodes = AESDUKPT.NodeCache(capacity: 4)
        for count in [16, 24, 32, 16, 32] {
            let bdk = SecretKey.random(count: count)
            let initial = SecretKey.random(count: count)
            for _ in 0..<2 {
                try scratch.derive(bdk: bdk, ksn: ksn, nodes: &nodes)
                let base = try scratch.transaction().macKey(.response, type: .aes128).code([1])
                try scratch.derive(initialKey: initial, ksn: ksn, nodes: &nodes)
                let own = try scratch.transaction().macKey(.response, type: .aes128).code([1])
                let transaction = try AESDUKPT.transaction(bdk: bdk, ksn: ksn)
                #expect(try holds(base == transaction.macKey(.response, type: .aes128).code([1])))
                let other = try AESDUKPT.transaction(initialKey: initial, ksn: ksn)
                #expect(try holds(own == other.macKey(.response, type: .aes128).code([1])))
            }
        }
        #expect(holds(nodes.count <= 4))
        // Another base key empties it.
        try scratch.derive(bdk: .random(count: 16), ksn: ksn, nodes: &nodes)
        #expect(holds(nodes.count == 1))
    }

    @Test func `takes nothing in for a KSN or a key that is refused`() throws {
        let bdk = SecretKey.random(count: 16)
        var tdes = TDESDUKPT.Scratch()
        var aes = AESDUKPT.Scratch()
        var nodes = TDESDUKPT.NodeCache(capacity: 2)
        var others = AESDUKPT.NodeCache(capacity: 2)
        let illegal = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 0x7FF))
        let sound = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 1))
        #expect(throws: DUKPTError.illegalCounter(0x7FF)) { try tdes.derive(bdk: bdk, ksn: illegal, nodes: &nodes) }
        #expect(throws: DUKPTError.wrongKeyLength(24)) {
            try tdes.derive(initialKey: .random(count: 24), ksn: sound, nodes: &nodes)
        }
        #expect(throws: DUKPTError.illegalCounter(.max)) {
            try aes.derive(bdk: bdk, ksn: AESKeySerialNumber(initialKeyID: 1, counter: .max), nodes: &others)
        }
        #expect(throws: DUKPTError.wrongKeyLength(8)) {
            try aes.derive(
                initialKey: .random(count: 8), ksn: AESKeySerialNumber(initialKeyID: 1, counter: 1), nodes: &others)
        }
        #expect(holds(nodes.count == 0 && others.count == 0))
        #expect(throws: DUKPTError.illegalCounter(0)) { _ = try aes.transaction().ksn }
        #expect(throws: DUKPTError.illegalCounter(0)) { _ = try tdes.transactionKeys().ksn }
    }

    @Test func `answers with the transaction's MACs, in the scratch as in the keys`() throws {
        let bdk = SecretKey.random(count: 16)
        let message = Array("a message of some length".utf8)
        var tdes = TDESDUKPT.Scratch()
        var aes = AESDUKPT.Scratch()
        let ksn = try #require(TDESKeySerialNumber(initialKeyID: 0x20, counter: 9))
        let other = AESKeySerialNumber(initialKeyID: 1, counter: 9)
        #expect(answer(&tdes, message, 8) == nil)
        #expect(answer(&aes, message, 8) == nil)
        try tdes.derive(bdk: bdk, ksn: ksn)
        try aes.derive(bdk: bdk, ksn: other)
        let keys = try TDESDUKPT.transactionKeys(bdk: bdk, ksn: ksn)
        let others = try AESDUKPT.transactionKeys(bdk: bdk, ksn: other)
        #expect(answer(&tdes, message, 8) == keys.responseMAC(message))
        #expect(answer(&aes, message, 8) == others.responseMAC(message))
        #expect(answer(&aes, message, 16) == others.fullResponseMAC(message))
        #expect(answer(&tdes, message, 16) == nil)
        #expect(answer(&aes, message, 9) == nil)
        #expect(verify(&tdes, keys.requestMAC(message), message))
        #expect(!verify(&tdes, keys.responseMAC(message), message))
        #expect(!verify(&tdes, keys.requestMAC(message).dropLast(), message))
    }

    private func answer(_ scratch: inout TDESDUKPT.Scratch, _ message: [UInt8], _ count: Int) -> [UInt8]? {
        var mac = [UInt8](repeating: 0, count: count)
        let isWritten = mac.withUnsafeMutableBytes { mac in
            message.withUnsafeBytes { scratch.writeResponseMAC(of: $0, into: mac) }
        }
        return isWritten ? mac : nil
    }

    private func answer(_ scratch: inout AESDUKPT.Scratch, _ message: [UInt8], _ count: Int) -> [UInt8]? {
        var mac = [UInt8](repeating: 0, count: count)
        let isWritten = mac.withUnsafeMutableBytes { mac in
            message.withUnsafeBytes { scratch.writeResponseMAC(of: $0, into: mac) }
        }
        return isWritten ? mac : nil
    }

    private func verify(_ scratch: inout TDESDUKPT.Scratch, _ mac: [UInt8], _ message: [UInt8]) -> Bool {
        mac.withUnsafeBytes { mac in message.withUnsafeBytes { scratch.verifyRequestMAC(mac, message: $0) } }
    }
}
