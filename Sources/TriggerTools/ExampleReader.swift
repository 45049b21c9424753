// SPDX-License-Identifier: Apache-2.0
import SecurityTriggers
import Vocabulary

/// Reads a file of examples line by line.
struct ExampleReader {
    static let headerExpected = "expected the line `tillguard-tests 1`"
    private static let own = [
        "after", "expect", "rules", "shadow", "suppressed", "unknown", "case", "fraud", "reversed", "times",
    ]
    private static let namesMax = 64

    private(set) var tests: [String] = []
    private(set) var examples: [RuleExamples.Example] = []
    private(set) var hasHeader = false
    private var defaults: [JSON.Member] = []
    /// The time of the transaction before, in its test.
    private var clock: Instant?

    mutating func take(_ line: Substring, _ number: Int) throws(TransactionLineError) {
        guard let first = line.first, first != "#", first != "\r" else { return }
        guard hasHeader else {
            guard line.trimmed == "tillguard-tests 1" else { throw TransactionLineError.of(Self.headerExpected) }
            hasHeader = true
            return
        }
        if first == "{" {
            guard !tests.isEmpty else { throw TransactionLineError.of("expected `test` and a name before it") }
            try add(try Self.members(line), number)
        } else if line.hasPrefix("test ") {
            let name = line.dropFirst(5).trimmed
            guard !name.isEmpty else { throw TransactionLineError.of("expected a name after `test`") }
            tests.append(name)
            clock = nil
        } else if line.hasPrefix("default ") {
            defaults = try Self.members(line.dropFirst(8))
        } else {
            throw TransactionLineError.of("expected `test`, `default`, a transaction or a comment")
        }
    }

    private static func members(_ text: Substring) throws(TransactionLineError) -> [JSON.Member] {
        let json: JSON
        do { json = try JSON(parsing: Array(text.trimmed.utf8)) } catch { throw TransactionLineError.of("\(error)") }
        guard let members = json.members else { throw TransactionLineError.of("expected an object") }
        return members
    }

    private mutating func add(_ members: [JSON.Member], _ number: Int) throws(TransactionLineError) {
        let own = JSON.object(members.filter { Self.own.contains($0.name) })
        var transaction = members.filter { !Self.own.contains($0.name) }
        transaction += defaults.filter { missing in !transaction.contains { $0.name == missing.name } }
        var line = try TransactionLine(.object(transaction))
        if !members.contains(where: { $0.name == "at" }), let clock { line.facts.at = clock }
        var after = Interval.zero
        if let value = own["after"] {
            guard let text = value.string, let interval = Self.interval(text) else {
                throw TransactionLineError.of("after: expected a duration such as 90s, 15m, 2h or 3d")
            }
            after = interval
        }
        let times = try Self.times(own)
        guard examples.count + times <= RuleExamples.transactionsMax else {
            throw TransactionLineError.of("expected at most \(RuleExamples.transactionsMax) transactions")
        }
        let expected = try Self.expected(own)
        let (isFraud, isReversed) = (try Self.flag(own, "fraud"), try Self.flag(own, "reversed"))
        for turn in 1...times {
            line.facts.at = line.facts.at + after
            examples.append(
                RuleExamples.Example(
                    line: number, test: tests.count - 1, transaction: line,
                    expected: turn == times ? expected : ExpectedOutcome(), isFraud: isFraud, isReversed: isReversed))
        }
        clock = line.facts.at
    }

    private static func times(_ json: JSON) throws(TransactionLineError) -> Int {
        guard let value = json["times"] else { return 1 }
        guard let times = value.integer, 1...1_000 ~= times else {
            throw TransactionLineError.of("times: expected a number of 1 to 1000")
        }
        return Int(times)
    }

    /// At most 400 days.
    private static func interval(_ text: String) -> Interval? {
        guard let unit = text.last, let number = Int64(text.dropLast()), 0...34_560_000 ~= number else { return nil }
        let interval: Interval? =
            switch unit {
            case "s": .seconds(number)
            case "m": .minutes(number)
            case "h": .hours(number)
            case "d": .days(number)
            default: nil
            }
        return interval.flatMap { $0 <= .days(400) ? $0 : nil }
    }

    private static func expected(_ json: JSON) throws(TransactionLineError) -> ExpectedOutcome {
        var expected = ExpectedOutcome()
        if let place = try choice(json, "expect", ExpectedOutcome.decisions) {
            expected.decision = TriggerAction(rawValue: UInt8(place))
        }
        if let place = try choice(json, "case", ExpectedOutcome.levels) {
            expected.openCase = CaseLevel(rawValue: UInt8(place) + 1)
        }
        expected.rules = try names(json, "rules")
        expected.shadow = try names(json, "shadow")
        expected.suppressed = try names(json, "suppressed")
        expected.unknown = try names(json, "unknown")
        return expected
    }

    private static func choice(
        _ json: JSON, _ name: String, _ words: [String]
    ) throws(TransactionLineError) -> Int? {
        guard let value = json[name] else { return nil }
        guard let place = value.string.flatMap({ words.firstIndex(of: $0) }) else {
            throw TransactionLineError.of("\(name): expected one of \(words.joined(separator: ", "))")
        }
        return place
    }

    private static func names(_ json: JSON, _ name: String) throws(TransactionLineError) -> [String]? {
        guard let value = json[name] else { return nil }
        guard let array = value.array, array.count <= namesMax, array.allSatisfy({ $0.string != nil }) else {
            throw TransactionLineError.of("\(name): expected a list of at most \(namesMax) rules")
        }
        return array.compactMap(\.string)
    }

    private static func flag(_ json: JSON, _ name: String) throws(TransactionLineError) -> Bool {
        guard let value = json[name] else { return false }
        guard let flag = value.bool else { throw TransactionLineError.of("\(name): expected true or false") }
        return flag
    }
}

extension TransactionLineError {
    /// A sentence of its own.
    fileprivate static func of(_ sentence: String) -> TransactionLineError {
        TransactionLineError(member: "", expected: sentence)
    }
}

extension Substring {
    /// Without the white space around it.
    fileprivate var trimmed: String {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
