// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Which rows are trained on, which are scored, and which of those are tested.
struct DetectionWeek {
    static let trainingDays = 7
    static let delayDays = 7
    static let testDays = 7
    /// 30 days of a card's windows, and 7 until labels are known.
    static let historyWanted = 37

    /// Rows of the training days, and of the test days.
    let training: [Int]
    let scored: [Int]
    /// Of `scored`, those of cards that are not known to be compromised: a card that had a fraud in the training days, or up
    /// to and with the day that lies the delay and one more before the test day, is left out.
    let tested: [Int]
    /// The first training day, counted from 1970.
    let first: Int
    let historyDays: Int

    /// - Throws: where the recording does not reach over all days, or the training days have no fraud.
    init(start: String, of recording: Recording) throws(DetectionError) {
        guard start.utf8.count == 10, let instant = Instant(iso8601: start + " 00:00:00") else {
            throw DetectionError("the start is no date as 2018-07-25")
        }
        let first = Int(instant.seconds / Recording.daySeconds)
        let firstTest = first + Self.trainingDays + Self.delayDays
        let days = firstTest + Self.testDays - first
        guard recording.day(0) <= first, recording.day(recording.count - 1) >= first + days - 1 else {
            throw DetectionError(
                "too little history: \(days) days from \(start) are needed, the file has "
                    + recording.days.joined(separator: " to "))
        }
        self.first = first
        historyDays = first - recording.day(0)
        let rows = recording.ids.indices
        training = rows.filter { (first..<first + Self.trainingDays).contains(recording.day($0)) }
        scored = rows.filter { (firstTest..<firstTest + Self.testDays).contains(recording.day($0)) }
        guard training.contains(where: { recording.isFraud[$0] }) else {
            throw DetectionError("no fraud in the \(Self.trainingDays) training days from \(start): nothing to learn")
        }
        guard !scored.isEmpty else { throw DetectionError("no transaction in the test days") }
        var firstFraud = [Int](repeating: .max, count: recording.cardNames.count)
        for row in rows where recording.isFraud[row] && recording.day(row) >= first {
            let card = Int(recording.cards[row])
            firstFraud[card] = min(firstFraud[card], recording.day(row))
        }
        tested = scored.filter { row in
            let known = max(first + Self.trainingDays - 1, recording.day(row) - Self.delayDays - 1)
            return firstFraud[Int(recording.cards[row])] > known
        }
    }
}
