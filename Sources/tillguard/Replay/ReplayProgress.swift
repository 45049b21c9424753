// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import Synchronization

/// How far a replay has come, and the line on the standard error that shows it.
final class ReplayProgress: Sendable {
    private let done = Atomic<Int>(0)
    /// Rows that need no sending: decided by an earlier run, or without an amount.
    private let passed = Atomic<Int>(0)
    private let total = Atomic<Int>(0)
    private let stopRequested = Atomic<Bool>(false)
    /// Called after every answer with the number of answers so far.
    private let onAnswer: (@Sendable (Int) -> Void)?

    init(onAnswer: (@Sendable (Int) -> Void)? = nil) { self.onAnswer = onAnswer }

    var answered: Int { done.load(ordering: .relaxed) }
    var isStopRequested: Bool { stopRequested.load(ordering: .relaxed) }

    func setTotal(_ rows: Int) { total.store(rows, ordering: .relaxed) }
    func pass(_ count: Int) { passed.add(count, ordering: .relaxed) }

    func add(_ count: Int) {
        let (_, now) = done.add(count, ordering: .relaxed)
        onAnswer?(now)
    }

    /// Asks the replay to stop when what it has sent is answered.
    func stop() { stopRequested.store(true, ordering: .relaxed) }

    /// Shows the progress until cancelled: a bar on a terminal, else a line every five seconds.
    func show() async {
        let isTerminal = isatty(STDERR_FILENO) == 1
        let start = NIODeadline.now()
        var isOver = false
        for await _ in AsyncTimer(every: isTerminal ? .milliseconds(200) : .seconds(5)) {
            guard !Task.isCancelled, !isOver else { continue }
            let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
            let (answered, passed) = (answered, passed.load(ordering: .relaxed))
            let total = total.load(ordering: .relaxed)
            // The last line stands while the journal is read.
            isOver = total > 0 && answered + passed >= total
            let line = Self.line(answered: answered, passed: passed, total: total, seconds: seconds)
            Self.write(isTerminal ? "\r\(line)\u{1B}[K" : line + "\n")
        }
        if isTerminal { Self.write("\r\u{1B}[K") }
    }

    private static let barWidth = 24

    static func line(answered: Int, passed: Int, total: Int, seconds: Double) -> String {
        let done = answered + passed
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 0
        let filled = Int(share * Double(barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled)
        let rate = seconds > 0 ? Double(answered) / seconds : 0
        let left = rate > 0 && total > done ? Figures.duration(Double(total - done) / rate) : "-"
        return "replay [\(bar)] \(Figures.grouped(done))/\(Figures.grouped(total))  "
            + "\(Figures.decimal(share * 100, 1)) %  \(Figures.grouped(Int(rate)))/s  ETA \(left)"
    }

    static func write(_ text: String) { LineWriter.error.write(text) }
}
