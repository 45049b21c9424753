// SPDX-License-Identifier: Apache-2.0
import Glibc
import SecurityTriggers
import Vocabulary

/// The traffic that every engine is measured with: card, terminal, amount and PIN by chance, times at an even pace.
///
/// An event is a function of its number alone, so that the peers' programs are given the same ones in a file.
struct Traffic {
    static let start = Instant(seconds: 1_700_000_000)
    static let terminals: UInt64 = 10_000

    let cards: UInt64
    /// Events of a whole day.
    let perDay: Int64

    init(cards: Int, perDay: Int) { (self.cards, self.perDay) = (UInt64(cards), Int64(perDay)) }

    /// One event, as the file for the peers has it: five little-endian words of 32 bits.
    struct Event {
        /// Since the start of the traffic.
        var milliseconds: UInt32
        var card: UInt32
        var terminal: UInt32
        /// Minor units, 1.00 to 600.99.
        var amount: UInt32
        var isWrongPIN: UInt32
    }

    @inline(__always)
    func event(_ index: Int) -> Event {
        var random = SeededRandom(seed: UInt64(bitPattern: Int64(index)) &* 0xD6E8_FEB8_6659_FD93)
        let (first, second) = (random.next(), random.next())
        return Event(
            milliseconds: UInt32(truncatingIfNeeded: Int64(index) * 86_400_000 / perDay),
            card: UInt32(truncatingIfNeeded: ((first >> 32) * cards) >> 32),
            terminal: UInt32(truncatingIfNeeded: ((first & 0xFFFF_FFFF) * Self.terminals) >> 32),
            amount: 100 + UInt32(truncatingIfNeeded: (second >> 32) % 60_000),
            isWrongPIN: second & 0xFFFF < 1_311 ? 1 : 0)
    }

    /// The facts that the host would hand over.
    @inline(__always)
    func facts(_ index: Int) -> TransactionFacts {
        let event = event(index)
        return TransactionFacts(
            card: Self.key(of: event.card), account: AccountID(UInt64(event.card)),
            at: Self.start + .milliseconds(Int64(event.milliseconds)),
            amount: Money(minorUnits: Int64(event.amount), .eur), terminal: Self.terminal(event.terminal),
            merchant: MerchantID(number: UInt64(event.terminal / 4)), mcc: MCC(5_411),
            pin: event.isWrongPIN == 1 ? .wrong : .right)
    }

    /// Card keys are keyed hashes: every bit of them is by chance.
    @inline(__always)
    static func key(of card: UInt32) -> CardKey {
        var random = SeededRandom(seed: UInt64(card))
        return CardKey(high: random.next(), low: random.next())
    }

    /// `T0000000` to `T0009999`.
    @inline(__always)
    static func terminal(_ number: UInt32) -> TerminalID {
        var (packed, rest) = (UInt64(0x5430_3030_3030_3030), UInt64(number))
        for shift in [UInt64(0), 8, 16, 24] {
            packed += (rest % 10) << shift
            rest /= 10
        }
        return TerminalID(packed: packed)
    }

    /// Writes the first events to a file.
    func export(_ count: Int, to path: String) -> Bool {
        guard let file = fopen(path, "wb") else { return false }
        defer { fclose(file) }
        for index in 0..<count {
            var event = event(index)
            guard fwrite(&event, 20, 1, file) == 1 else { return false }
        }
        return true
    }
}
