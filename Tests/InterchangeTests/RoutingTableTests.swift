// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Interchange

@Suite("A routing table")
struct RoutingTableTests {
    private func pan(_ digits: String) throws -> PAN { try #require(PAN(accountDigits: digits)) }

    @Test("sends a card where its longest prefix says")
    func longest() throws {
        let table = try RoutingTable(
            parsing: """
                # destinations by prefix
                4            visa
                400000-400009 own     # our own cards
                40000012     partner
                62           unionpay
                """)
        #expect(table.destination(of: try pan("40000512345678")) == "own")
        #expect(table.destination(of: try pan("40000012345678")) == "partner")
        #expect(table.destination(of: try pan("40001012345678")) == "visa")
        #expect(table.destination(of: try pan("621234567890123")) == "unionpay")
        #expect(table.destination(of: try pan("51234567890123")) == nil)
    }

    @Test("agrees with a search through all lines", arguments: 0..<20)
    func agrees(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var lines: [(low: String, high: String, destination: String)] = []
        for digits in 1...4 {
            var next = 0
            let end = [10, 100, 1_000, 10_000][digits - 1]
            while next < end, lines.count < 40 {
                let low = next + random.below(end / 4 + 1)
                let high = low + random.below(end / 8 + 1)
                guard high < end else { break }
                func text(_ number: Int) -> String {
                    String(repeating: "0", count: digits - "\(number)".count) + "\(number)"
                }
                lines.append((text(low), text(high), "d\(lines.count)"))
                next = high + 1
            }
        }
        let table = try RoutingTable(
            parsing: lines.map { "\($0.low)-\($0.high) \($0.destination)" }.joined(separator: "\n"))
        for _ in 0..<200 {
            let digits = (0..<15).map { _ in "\(random.below(10))" }.joined()
            let matches = lines.filter {
                $0.low <= digits.prefix($0.low.count) && digits.prefix($0.low.count) <= $0.high
            }
            let expected = matches.max { $0.low.count < $1.low.count }?.destination
            #expect(table.destination(of: try pan(digits)) == expected, "seed \(seed)")
        }
    }

    @Test("tells every flaw with its line")
    func flaws() {
        let text = """
            4 visa
            40-39 own
            4x own
            400
            41-419 own
            123456789012 far
            40-45 first
            45-47 second
            4 again
            """
        do {
            _ = try RoutingTable(parsing: text)
            Issue.record("it was read")
        } catch {
            #expect(error.flaws.map(\.line) == [2, 3, 4, 5, 6, 8, 9])
            #expect(error.flaws.first?.description == "line 2: the first prefix is above the second")
        }
    }
}
