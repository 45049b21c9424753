// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Foundation
import Host
import Issuer
import Logging
import Storage
import Vocabulary

@testable import tillguard

/// A directory of a test's own, removed with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tillguard-replay-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    func directory(_ name: String) -> String { path + "/" + name }
}

let quiet: Logger = {
    var logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    return logger
}()

/// Three hundred and three rows: sixty honest customers at forty terminals over three days, so that leases run out and
/// are renewed; one row without an amount; and one card that a thief uses for large amounts at five terminals within
/// half an hour, on two days.
enum Generated {
    static let rows = 303
    static let honest = 292
    /// From the third terminal on, the shipped rules refer: three on each day.
    static let caught = 6

    static func csv(header: String = "tx_id,datetime,customer_id,terminal_id,amount,fraud,scenario") -> String {
        var random = SeededRandom(seed: 7)
        var rows: [(time: Instant, text: String)] = []
        let start = CalendarTime(year: 2018, month: 12, day: 30).instant
        for number in 0..<honest {
            let time = start + .seconds(Int64(number) * 880)
            let customer = random.below(60)
            let terminal = random.below(40)
            let amount = Money(minorUnits: Int64(100 + random.below(20_000)), .eur).figure
            rows.append((time, "\(number),\(stamp(time)),c\(customer),t\(terminal),\(amount),0,0"))
        }
        for day in 0..<2 {
            for step in 0..<5 {
                let time = start + .days(Int64(day)) + .hours(13) + .minutes(Int64(step) * 6)
                rows.append((time, "9\(day)\(step),\(stamp(time)),thief,t\(30 + step),40\(step).50,1,3"))
            }
        }
        rows.append((start + .hours(20), "999,\(stamp(start + .hours(20))),c1,t1,0.00,0,0"))
        rows.sort { ($0.time, $0.text) < ($1.time, $1.text) }
        return ([header] + rows.map(\.text)).joined(separator: "\n") + "\n"
    }

    private static func stamp(_ time: Instant) -> String {
        String(time.iso8601.dropLast()).replacingOccurrences(of: "T", with: " ")
    }
}

/// One decided purchase as the journal tells it.
struct Written: Equatable, Comparable, CustomStringConvertible {
    var terminal: TerminalID
    var stan: UInt32
    var at: Instant
    var amount: Int64
    var intent: Intent

    static func < (left: Written, right: Written) -> Bool {
        (left.terminal, left.stan, left.at) < (right.terminal, right.stan, right.at)
    }

    var description: String { "\(terminal) \(stan) \(at.iso8601) \(amount) \(intent.rawValue)" }

    /// The purchases of a data directory, by terminal and number.
    static func all(in directory: String) throws -> [Written] {
        var all: [Written] = []
        let reader = try JournalReader(path: directory)
        try reader.verify()
        try reader.readRecords { _, bytes in
            let record = try HostRecord(decoding: bytes)
            guard case .authorisation(let sale) = record.body else { return }
            all.append(
                Written(
                    terminal: sale.usage.terminal, stan: sale.names.key.stan.number, at: record.at,
                    amount: sale.amount.minorUnits, intent: sale.answer.intent))
        }
        return all.sorted()
    }
}
