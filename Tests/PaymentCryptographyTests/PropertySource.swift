// SPDX-License-Identifier: Apache-2.0
import Glibc
import PaymentCryptography
import Testing
import Vocabulary

/// What a property's body throws when it does not hold.
struct PropertyBroken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs a property on random inputs. Each round has a seed of its own, which stands in the failure's message;
/// `PROPERTY_SEED=…` with `PROPERTY_ROUNDS=1` runs that round alone, and more rounds look further.
func forAll(
    _ rounds: Int, sourceLocation: SourceLocation = #_sourceLocation, _ body: (inout Draw) throws -> Void
) {
    let base = number("PROPERTY_SEED") ?? 20_260_101
    let rounds = number("PROPERTY_ROUNDS").map { Int(clamping: $0) } ?? rounds
    for round in 0..<UInt64(max(1, rounds)) {
        let seed = base &+ round
        var draw = Draw(seed: seed)
        do {
            try body(&draw)
        } catch {
            Issue.record("seed \(seed): \(error)", sourceLocation: sourceLocation)
            return
        }
    }
}

/// Throws unless the condition holds: what `#expect` does, for values that cannot be copied.
func hold(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    if !condition { throw PropertyBroken(reason()) }
}

/// Whether the step gives nothing, by nil or by an error.
func isRefused<R: ~Copyable>(_ step: () throws -> R?) -> Bool {
    do { return isNil(try step()) } catch { return true }
}

private func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

/// Random inputs of one round.
struct Draw {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }
    mutating func below(_ bound: Int) -> Int { random.below(bound) }
    mutating func count(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.below(range.count) }
    mutating func element<T>(_ values: [T]) -> T { values[random.below(values.count)] }
    mutating func word() -> UInt64 { random.next() }

    mutating func key(_ count: Int) -> SecretKey {
        let bytes = random.bytes(count)
        return SecretKey(count: count) { $0.copyBytes(from: bytes) }
    }

    mutating func tdesKey() -> SecretKey { key(element([16, 24])) }
    mutating func aesKey() -> SecretKey { key(element([16, 24, 32])) }

    mutating func digits(_ range: ClosedRange<Int>) -> String {
        let count = count(range)
        return String((0..<count).map { _ in Character(String(random.below(10))) })
    }

    mutating func pin() throws -> ClearPIN { try require(makePIN(digits(4...12))) }

    mutating func pan() throws -> PANDigits {
        let text = digits(PANDigits.countMin...PANDigits.countMax)
        return try #require(PANDigits(text))
    }

    /// Printable ASCII.
    mutating func text(_ count: Int) -> String {
        String(decoding: (0..<count).map { _ in UInt8(0x20 + random.below(95)) }, as: UTF8.self)
    }

    /// A legal counter; those with few and with the most one bits as often as all others.
    mutating func counter(bits: Int, onesMax: Int) -> UInt32 {
        let ones = element([1, 2, onesMax, 1 + below(onesMax)])
        var counter: UInt32 = 0
        while counter.nonzeroBitCount < ones { counter |= 1 << UInt32(below(bits)) }
        return counter
    }

    mutating func tdesKSN() throws -> TDESKeySerialNumber {
        let counter = counter(bits: TDESKeySerialNumber.counterBits, onesMax: TDESKeySerialNumber.counterOnesMax)
        return try #require(TDESKeySerialNumber(initialKeyID: word() & ~0x1F, counter: counter))
    }

    mutating func aesKSN() -> AESKeySerialNumber {
        let counter = counter(bits: AESKeySerialNumber.counterBits, onesMax: AESKeySerialNumber.counterOnesMax)
        return AESKeySerialNumber(initialKeyID: word(), counter: counter)
    }

    /// The bytes with one bit changed.
    mutating func flipped(_ bytes: [UInt8]) -> [UInt8] {
        var output = bytes
        let bit = below(bytes.count * 8)
        output[bit / 8] ^= 1 << UInt8(bit % 8)
        return output
    }
}
