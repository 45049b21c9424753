// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Parser {
    mutating func velocity(at position: SourcePosition) throws(RuleFileError) -> VelocityDeclaration {
        let name = try newName("velocity")
        try expect(.assign)
        let word = try choice(VelocityDeclaration.Function.allCases.map(\.rawValue))
        // Safe: `choice` returned one of the raw values.
        let function = VelocityDeclaration.Function(rawValue: word) ?? .count
        try expect(.openParenthesis)
        let argumentPosition = current.position
        let arguments = Words.arguments(of: function)
        let argument = try choice(arguments)
        nodes = 0
        var filters: [Expression] = []
        if take("where") { filters.append(try condition()) }
        try expect(.closeParenthesis)
        try expect("by")
        let keys = VelocityDeclaration.Key.allCases.map(\.rawValue)
        // Safe: as above.
        let key = VelocityDeclaration.Key(rawValue: try choice(keys)) ?? .card
        try expect("over")
        let (window, delay) = try span(of: key)
        let excludesCurrent = take("before")
        if take("where") { filters.append(try condition()) }
        var reset: Expression?
        if take("reset") {
            try expect("on")
            reset = try condition()
        }
        return VelocityDeclaration(
            name: name, function: function, argument: argument, argumentPosition: argumentPosition, filters: filters,
            reset: reset, key: key, window: window, delay: delay, excludesCurrent: excludesCurrent, position: position)
    }

    /// `7d delayed 7d`: the window and how long before now it ends, no further back than what is kept.
    private mutating func span(
        of key: VelocityDeclaration.Key
    ) throws(RuleFileError) -> (window: Interval, delay: Interval) {
        let position = current.position
        let window = try duration("a duration such as 15m or 24h")
        let delay = take("delayed") ? try duration("a duration such as 7d") : .zero
        guard window + delay <= key.reach else {
            throw RuleFileError(
                .range, at: position,
                expected: "a window of at most \(key.reach.microseconds / 86_400_000_000)d, its delay included",
                found: "a longer one")
        }
        return (window, delay)
    }
}
