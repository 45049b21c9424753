// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

extension VectorRunner {
    /// Published samples use weak keys, and attributes that later editions dropped.
    private static let samples = KeyBlockPolicy.lenient.acceptingWeakKeys()

    /// Key blocks (ANSI X9.143, ISO 20038).
    static let keyBlockOperations: [VectorOperation] = [
        VectorOperation("unwrap") { check throws(VectorFailure) in
            let protection = try check.key("kbpk")
            let text = try check.text("key_block")
            let block = try check.attempt { () throws(KeyBlockError) in
                try KeyBlock.unwrap(text, under: protection, policy: samples)
            }
            let header = block.header
            check.expect("version", text: header.version.rawValue)
            check.expect("usage", text: header.usage.rawValue)
            check.expect("algorithm", text: header.algorithm.rawValue)
            check.expect("mode_of_use", text: header.modeOfUse.rawValue)
            check.expect("key_version", text: header.keyVersion)
            check.expect("exportability", text: header.exportability.rawValue)
            check.expect(
                "optional_blocks",
                .array(header.optionalBlocks.map { ["id": .string($0.id), "data_ascii": .string($0.text)] }))
            let key = block.takeKey()
            check.expect("key_length_bits", .integer(Int64(key.count * 8)))
            let count = key.count
            let padding = try check.attempt { () throws(KeyBlockError) in
                try KeyBlockCalculator.paddingCount(text, keyCount: count)
            }
            check.expect("padding_length", .integer(Int64(padding)))
            check.expect("key", key: key)
        },
        VectorOperation("unwrap_reject") { check throws(VectorFailure) in
            let protection = try check.key("kbpk")
            let text = try check.text("key_block")
            do throws(KeyBlockError) {
                _ = try KeyBlock.unwrap(text, under: protection, policy: samples)
                check.expect("error", text: "none")
            } catch .notAuthentic {
                check.expect("error", text: "authentication_failed")
            } catch {
                check.expect("error", text: "\(error)")
            }
        },
        VectorOperation("kbpk_variant") { check throws(VectorFailure) in try derive(&check, .a) },
        VectorOperation("kbpk_derive_tdes") { check throws(VectorFailure) in try derive(&check, .b) },
        VectorOperation("kbpk_derive_aes") { check throws(VectorFailure) in
            let mode = try check.text("mode")
            if mode.hasPrefix("CBC") {
                try derive(&check, .d)
            } else if mode.hasPrefix("CTR") {
                try derive(&check, .e)
            } else {
                throw VectorFailure("unknown mode \"\(mode)\"")
            }
        },
    ]

    private static func derive(_ check: inout VectorCheck, _ version: KeyBlockVersion) throws(VectorFailure) {
        let protection = try check.key("kbpk")
        let encryption = try check.attempt { () throws(KeyBlockError) in
            try KeyBlockCalculator.encryptionKey(version: version, protectionKey: protection)
        }
        let authentication = try check.attempt { () throws(KeyBlockError) in
            try KeyBlockCalculator.authenticationKey(version: version, protectionKey: protection)
        }
        check.expect("kbek", key: encryption)
        check.expect("kbak", key: authentication)
    }
}
