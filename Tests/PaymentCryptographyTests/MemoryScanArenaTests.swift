// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography
import Testing

extension `The memory of the process` {
    private final class ArenaBox: @unchecked Sendable {
        var arena: KeyArena
        var handle: KeyHandle?
        init(capacity: Int) { arena = KeyArena(capacity: capacity) }
    }

    @Test func `is looked at in all its parts`() {
        let page = mmap(nil, 4_096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        defer { munmap(page, 4_096) }
        let address = UInt(bitPattern: page)
        #expect(Mapping.writable().contains { $0.range.contains(address) })
    }

    @Test func `shows a key that an arena holds, and no more once it is removed`() {
        let memory = MemoryScan()
        let secret = memory.plant("key", count: 32)
        let box = ArenaBox(capacity: 4)
        let held = memory.residue {
            do { box.handle = try box.arena.insert(memory.key(secret)) } catch { Issue.record("\(error)") }
        }
        #expect(held.count { !$0.isOnStack } == 4, "\(held)")
        let removed = memory.residue { if let handle = box.handle { box.arena.remove(handle) } }
        #expect(removed.allSatisfy { $0.isOnStack }, "\(removed)")
    }

    @Test func `holds nothing of a key whose slot another has taken`() {
        let memory = MemoryScan()
        let (evicted, next) = (memory.plant("evicted", count: 32), memory.plant("next", count: 16))
        let box = ArenaBox(capacity: 1)
        let hits = memory.residue {
            do {
                let handle = try box.arena.insert(memory.key(evicted))
                box.arena.remove(handle)
                box.handle = try box.arena.insert(memory.key(next))
            } catch { Issue.record("\(error)") }
        }
        let left = hits.filter { !$0.isOnStack }
        #expect(left.count == 2 && left.allSatisfy { $0.secret.hasPrefix("next") }, "\(left)")
    }

    @Test func `holds nothing of an arena that is gone, or of the work with its keys`() {
        let memory = MemoryScan()
        let secrets = (0..<4).map { memory.plant("key \($0)", count: 16) }
        memory.expectNothing {
            var arena = KeyArena(capacity: 4)
            for secret in secrets {
                do {
                    let handle = try arena.insert(
                        memory.key(secret),
                        attributes: KeyAttributes(usage: .cmac, algorithm: .aes, modeOfUse: .generate))
                    let code = arena.withKey(handle) { AESCMAC(key: $0).code([1, 2, 3]).count }
                    #expect(code == 16)
                } catch { Issue.record("\(error)") }
            }
        }
    }
}
