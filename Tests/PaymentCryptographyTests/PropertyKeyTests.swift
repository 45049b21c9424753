// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import PaymentCryptography

@Suite struct `A key, on random inputs` {
    @Test func `comes back from hexadecimal in either case`() {
        forAll(200) { draw in
            let bytes = draw.bytes(draw.count(1...80))
            let text = draw.below(2) == 0 ? Hex.text(bytes) : Hex.text(bytes).lowercased()
            let key = try require(SecretKey(hex: text))
            try hold(key.withBytes { Array($0) } == bytes, "another key")
        }
    }

    @Test func `comes back from what it was wrapped in, and nothing else does`() {
        forAll(100) { draw in
            let key = draw.key(draw.count(1...200))
            let wrapping = draw.aesKey()
            let wrapped = key.wrapped(under: wrapping)
            try hold(try require(SecretKey(unwrapping: wrapped, under: wrapping)).equals(key), "another key")
            let changed = draw.flipped(wrapped)
            try hold(isRefused { SecretKey(unwrapping: changed, under: wrapping) }, "a changed secret")
            let short = Array(wrapped.prefix(draw.below(wrapped.count)))
            try hold(isRefused { SecretKey(unwrapping: short, under: wrapping) }, "a cut secret")
        }
    }

    @Test func `is formed by its components, whatever their order`() {
        forAll(60) { draw in
            let algorithm = draw.element(ComponentAlgorithm.allCases)
            let key = draw.key(draw.element(algorithm.lengths))
            var parts: [(bytes: [UInt8], checkValue: [UInt8])] = []
            try KeyComponents.split(key, algorithm: algorithm, into: draw.count(2...9)) { _, component, checkValue in
                parts.append((component.withBytes { Array($0) }, checkValue))
            }
            for index in parts.indices.dropFirst() { parts.swapAt(index, draw.below(index + 1)) }
            var components = try KeyComponents(algorithm: algorithm, keyCount: key.count)
            for part in parts {
                let component = SecretKey(count: part.bytes.count) { $0.copyBytes(from: part.bytes) }
                try components.enter(component, checkValue: part.checkValue)
            }
            let checkValue = algorithm.checkValue(key)
            let formed = try components.form(checkValue: checkValue)
            try hold(formed.equals(key), "another key")
        }
    }

    @Test func `is formed by any shares of the threshold`() {
        forAll(40) { draw in
            let algorithm = draw.element(ComponentAlgorithm.allCases)
            let key = draw.key(draw.element(algorithm.lengths))
            let count = draw.count(2...12)
            let threshold = draw.count(2...count)
            var parts: [(number: UInt8, bytes: [UInt8])] = []
            try KeyShares.split(key, algorithm: algorithm, threshold: UInt8(threshold), count: UInt8(count)) {
                share, _ in
                parts.append((share.number, share.value.withBytes { Array($0) }))
            }
            for index in parts.indices.dropFirst() { parts.swapAt(index, draw.below(index + 1)) }
            var shares = try KeyShares(algorithm: algorithm, keyCount: key.count, threshold: UInt8(threshold))
            for part in parts.prefix(threshold) {
                let value = SecretKey(count: part.bytes.count) { $0.copyBytes(from: part.bytes) }
                try shares.enter(
                    try KeyShare(number: part.number, threshold: UInt8(threshold), value: value), checkValue: nil)
            }
            try hold(try shares.form(checkValue: algorithm.checkValue(key)).equals(key), "another key")
        }
    }

    @Test func `comes back from under a variant LMK`() {
        forAll(100) { draw in
            let scheme = draw.element(VariantLMKScheme.allCases)
            let lmk = try VariantLMK(pair: draw.key(16), variant: draw.below(10))
            let key = draw.key(8 * scheme.variants.count).withOddParity()
            let encrypted = try lmk.encrypt(key, scheme: scheme)
            try hold(try lmk.decrypt(encrypted, scheme: scheme).equals(key), "another key")
        }
    }

    @Test func `is wrapped with the label of its use, and opens under no other`() {
        forAll(60) { draw in
            let key = draw.key(32)
            let wrapping = draw.aesKey()
            let sealed = key.sealed(under: wrapping, label: "one use")
            let right = SecretKey(sealed: sealed, under: wrapping, label: "one use")
            try hold(!isNil(right), "refused under its own label")
            try hold(isRefused { SecretKey(sealed: sealed, under: wrapping, label: "another use") }, "taken")
        }
    }
}
