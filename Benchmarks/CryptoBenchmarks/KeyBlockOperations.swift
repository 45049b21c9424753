// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// Key blocks: reading and, of the versions that are written, writing what was read.
extension Bench {
    mutating func keyBlocks() throws {
        for (name, protectionKey, text) in Samples.keyBlocks {
            let protection = try Samples.key(protectionKey)
            // As the peers do it: the protection key's own keys are derived anew for each block.
            let room = Room(Array(text.utf8))
            defer { room.deallocate() }
            var scratch = KeyBlockScratch()
            try measure("key-block-unwrap-\(name)", calls: 20_000, isHot: name == "b" || name == "d") { _ in
                _ = try KeyBlock.unwrap(room.input, under: protection, into: &scratch)
                return scratch.withKey { UInt64($0.count) }
            }
            guard name == "b" || name == "d" else { continue }
            let block = try KeyBlock.unwrap(text, under: protection)
            let header = block.header
            let key = block.takeKey()
            try measure("key-block-wrap-\(name)", calls: 20_000, isHot: true) { _ in
                try UInt64(
                    KeyBlock.wrap(key, header: header, under: protection, into: room.output, scratch: &scratch))
            }
        }
    }
}
