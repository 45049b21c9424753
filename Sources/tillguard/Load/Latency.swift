// SPDX-License-Identifier: Apache-2.0
import Histogram
import Vocabulary

/// Latencies in an HDR histogram: microseconds to three digits, up to a minute.
struct Latency {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: .three)

    mutating func record(nanoseconds: UInt64) {
        // What is over a minute is counted as a minute: nothing is left out.
        histogram.record(min(60_000_000, max(1, nanoseconds / 1_000)))
    }

    var count: UInt64 { histogram.totalCount }

    var figures: LatencyFigures {
        LatencyFigures(
            p50: Int64(histogram.valueAtPercentile(50)), p99: Int64(histogram.valueAtPercentile(99)),
            p999: Int64(histogram.valueAtPercentile(99.9)), max: Int64(histogram.maxRecorded))
    }
}

/// Percentiles in microseconds.
struct LatencyFigures: Equatable, Sendable {
    var p50: Int64
    var p99: Int64
    var p999: Int64
    var max: Int64

    var json: JSON {
        ["p50": .integer(p50), "p99": .integer(p99), "p999": .integer(p999), "max": .integer(max)]
    }

    init(p50: Int64, p99: Int64, p999: Int64, max: Int64) {
        (self.p50, self.p99, self.p999, self.max) = (p50, p99, p999, max)
    }

    init?(_ json: JSON?) {
        guard let p50 = json?["p50"]?.integer, let p99 = json?["p99"]?.integer, let p999 = json?["p999"]?.integer,
            let max = json?["max"]?.integer
        else { return nil }
        self.init(p50: p50, p99: p99, p999: p999, max: max)
    }

    var text: String {
        "p50 \(Figures.milliseconds(p50)), p99 \(Figures.milliseconds(p99)), p99.9 \(Figures.milliseconds(p999)), "
            + "max \(Figures.milliseconds(max))"
    }
}

/// Numbers for people.
enum Figures {
    /// Microseconds as `12.34 ms`.
    static func milliseconds(_ microseconds: Int64) -> String { decimal(Double(microseconds) / 1_000, 2) + " ms" }

    /// With so many decimals, without a locale.
    static func decimal(_ value: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value * scale).rounded())
        let digits = String(scaled.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        return decimals == 0 ? sign + padded : "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// `718,601`.
    static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var output = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { output.append(",") }
            output.append(digit)
        }
        return (value < 0 ? "-" : "") + output
    }

    /// `3:07`, or `1:02:03`.
    static func duration(_ seconds: Double) -> String {
        let total = Int(seconds.rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let short = "\(total / 60 % 60):\(two(total % 60))"
        return total >= 3_600 ? "\(total / 3_600):\(two(total / 60 % 60)):\(two(total % 60))" : short
    }
}
