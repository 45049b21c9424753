// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// Key blocks: reading and, of the versions that are written, writing what was read.
extension Bench {
    mutating func keyBlocks() throws {
        for (name, protectionKey, text) in Samples.keyBlocks {
            let protection = try Samples.key(protectionKey)
            try measure("key-block-unwrap-\(name)", calls: 20_000) { _ in
                try UInt64(KeyBlock.unwrap(text, under: protection).takeKey().count)
            }
            guard name == "b" || name == "d" else { continue }
            let block = try KeyBlock.unwrap(text, under: protection)
            let header = block.header
            let key = block.takeKey()
            try measure("key-block-wrap-\(name)", calls: 20_000) { _ in
                try UInt64(KeyBlock.wrap(key, header: header, under: protection).utf8.count)
            }
        }
    }
}
