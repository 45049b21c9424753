// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Which destination a card's requests go to, by the first digits of its number (BIN, ISO/IEC 7812). The longest prefix
/// wins.
public struct RoutingTable: Equatable, Sendable {
    /// One line of the table: every card number from `low` to `high`, both prefixes of as many digits.
    public struct Route: Equatable, Sendable {
        public let low: UInt64
        public let high: UInt64
        /// Digits of the prefixes, 1 to 11.
        public let digits: Int
        public let destination: String
    }

    /// What is wrong with a table; the line counts from one.
    public struct Flaw: Error, Equatable, Sendable, CustomStringConvertible {
        public let line: Int
        public let reason: String
        public var description: String { "line \(line): \(reason)" }
    }

    /// Longest prefixes first, then by `low`.
    public let routes: [Route]

    /// Reads a table: on each line a prefix or two with a hyphen between them, spaces, and a destination; what follows `#`
    /// is a comment.
    ///
    /// - Throws: every flaw of the text, not only the first.
    public init(parsing text: String) throws(RoutingTableError) {
        var routes: [(line: Int, route: Route)] = []
        var flaws: [Flaw] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard !words.isEmpty else { continue }
            do throws(Flaw) { routes.append((index + 1, try Self.route(words, line: index + 1))) } catch {
                flaws.append(error)
            }
        }
        routes.sort { ($1.route.digits, $0.route.low) < ($0.route.digits, $1.route.low) }
        for (first, second) in zip(routes, routes.dropFirst())
        where first.route.digits == second.route.digits && second.route.low <= first.route.high {
            flaws.append(
                Flaw(line: max(first.line, second.line), reason: "overlaps line \(min(first.line, second.line))"))
        }
        guard flaws.isEmpty else { throw RoutingTableError(flaws: flaws.sorted { $0.line < $1.line }) }
        self.routes = routes.map(\.route)
    }

    private static func route(_ words: [Substring], line: Int) throws(Flaw) -> Route {
        guard words.count == 2 else { throw Flaw(line: line, reason: "expected a prefix and a destination") }
        let ends = words[0].split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let low = ends.first, let high = ends.last else {
            throw Flaw(line: line, reason: "expected a prefix or two with a hyphen between them")
        }
        guard low.utf8.count == high.utf8.count, (1...11).contains(low.utf8.count), let first = number(low),
            let last = number(high)
        else { throw Flaw(line: line, reason: "expected prefixes of 1 to 11 digits, both as long") }
        guard first <= last else { throw Flaw(line: line, reason: "the first prefix is above the second") }
        guard words[1].utf8.count <= 32 else {
            throw Flaw(line: line, reason: "a destination has at most 32 characters")
        }
        return Route(low: first, high: last, digits: low.utf8.count, destination: String(words[1]))
    }

    /// Digits only: `UInt64(_:)` would take a sign.
    private static func number(_ digits: Substring) -> UInt64? {
        var value: UInt64 = 0
        for byte in digits.utf8 {
            guard byte &- 0x30 <= 9 else { return nil }
            value = value * 10 + UInt64(byte &- 0x30)
        }
        return value
    }

    /// The destination of a card; nil when no line has it.
    public func destination(of pan: PAN) -> String? {
        let digits = pan.ascii
        for route in routes where digits.count >= route.digits {
            var prefix: UInt64 = 0
            for byte in digits.prefix(route.digits) { prefix = prefix * 10 + UInt64(byte &- 0x30) }
            if route.low <= prefix, prefix <= route.high { return route.destination }
        }
        return nil
    }
}

/// Every flaw of a routing table.
public struct RoutingTableError: Error, Equatable, Sendable {
    public let flaws: [RoutingTable.Flaw]
}
