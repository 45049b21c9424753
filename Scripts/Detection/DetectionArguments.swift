// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The command line.
struct DetectionArguments: Equatable {
    enum Model: String, CaseIterable { case trees, scorecard, both }
    /// When labels become known.
    enum Confirmation: String, CaseIterable { case week, all, asked, statements }

    static let usage = """
        usage: Detection DATA [--start 2018-07-25] --out FILE [--model trees|scorecard|both]
                         [--confirm week|all|asked|statements] [--after 10m] [--seed N]
                         [--features FILE] [--write-model FILE] [--read-model FILE]
        """

    var data = ""
    var output = ""
    var start = "2018-07-25"
    var model = Model.trees
    var confirmation = Confirmation.week
    var after = Interval.minutes(10)
    var seed: UInt64 = 1
    var features: String?
    var modelFile: String?
    /// A model trained elsewhere on the exported features, instead of training one.
    var readModel: String?

    init(_ arguments: [String]) throws(DetectionError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                guard data.isEmpty else { throw DetectionError("one file of transactions\n\(Self.usage)") }
                data = word
                continue
            }
            guard let value = rest.popFirst() else { throw DetectionError("\(word) needs a value\n\(Self.usage)") }
            try set(word, value)
        }
        guard !data.isEmpty, !output.isEmpty else { throw DetectionError(Self.usage) }
    }

    private mutating func set(_ name: String, _ value: String) throws(DetectionError) {
        func choice<T: RawRepresentable & CaseIterable>(_ type: T.Type) throws(DetectionError) -> T
        where T.RawValue == String {
            guard let choice = T(rawValue: value) else {
                throw DetectionError("\(name) is one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return choice
        }
        switch name {
        case "--out": output = value
        case "--start": start = value
        case "--model": model = try choice(Model.self)
        case "--confirm": confirmation = try choice(Confirmation.self)
        case "--after": after = try Self.interval(value)
        case "--seed":
            guard let seed = UInt64(value) else { throw DetectionError("--seed is a number") }
            self.seed = seed
        case "--features": features = value
        case "--write-model": modelFile = value
        case "--read-model": readModel = value
        default: throw DetectionError("unknown option \(name)\n\(Self.usage)")
        }
    }

    /// `10m`, `6h`, `3d`: up to seven days.
    private static func interval(_ text: String) throws(DetectionError) -> Interval {
        let units: [Character: Interval] = ["m": .minutes(1), "h": .hours(1), "d": .days(1)]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...10_080).contains(count),
            unit * count <= .days(7)
        else { throw DetectionError("--after is a time of at most 7 days, as 10m, 6h or 3d") }
        return unit * count
    }
}
