// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

extension Recording {
    /// Reads a file of comma-separated values, plain or gzip, with a header; columns are found by name, in any order.
    ///
    /// Needed are `tx_id`, `datetime` (`2018-07-25 00:00:31`), `customer_id`, `terminal_id`, `amount` and `fraud`;
    /// `scenario` is reported where there is one.
    init(file path: String) throws(DetectionError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DetectionError("\(path) cannot be read")
        }
        let bytes = data.starts(with: [0x1F, 0x8B]) ? try Self.unpacked(path) : Array(data)
        self.init(try RecordingText(bytes, path).rows())
    }

    private static func unpacked(_ path: String) throws(DetectionError) -> [UInt8] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", "--", path]
        process.standardOutput = output
        do { try process.run() } catch { throw DetectionError("gzip cannot be started") }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw DetectionError("\(path) is damaged: gzip cannot unpack it") }
        return Array(data)
    }
}

/// The text of a recording, line by line.
struct RecordingText {
    private let bytes: [UInt8]
    private let path: String

    init(_ bytes: [UInt8], _ path: String) { (self.bytes, self.path) = (bytes, path) }

    private struct Columns {
        var id, time, card, terminal, amount, fraud: Int
        var scenario: Int?
        var count: Int
    }

    func rows() throws(DetectionError) -> [RecordingRow] {
        var rows: [RecordingRow] = []
        var columns: Columns?
        var fields: [Range<Int>] = []
        var number = 0
        var start = 0
        var days: [String: Int64] = [:]
        while start < bytes.count {
            number += 1
            let next = split(from: start, into: &fields)
            if fields.count > 1 || !fields[0].isEmpty {
                if let columns {
                    rows.append(try row(fields, columns, number, &days))
                } else {
                    columns = try header(fields)
                }
            }
            start = next
        }
        guard !rows.isEmpty else { throw DetectionError("\(path) has no transaction") }
        return rows
    }

    /// The fields of the line that begins there; returns where the next one begins.
    private func split(from start: Int, into fields: inout [Range<Int>]) -> Int {
        fields.removeAll(keepingCapacity: true)
        var (from, place) = (start, start)
        while place < bytes.count, bytes[place] != 0x0A {
            if bytes[place] == 0x2C {
                fields.append(from..<place)
                from = place + 1
            }
            place += 1
        }
        let end = place > from && bytes[place - 1] == 0x0D ? place - 1 : place
        fields.append(from..<end)
        return place + 1
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func header(_ fields: [Range<Int>]) throws(DetectionError) -> Columns {
        let names = fields.map(text)
        func column(_ name: String) throws(DetectionError) -> Int {
            guard let index = names.firstIndex(of: name) else { throw DetectionError("\(path) has no column \(name)") }
            return index
        }
        return Columns(
            id: try column("tx_id"), time: try column("datetime"), card: try column("customer_id"),
            terminal: try column("terminal_id"), amount: try column("amount"), fraud: try column("fraud"),
            scenario: names.firstIndex(of: "scenario"), count: names.count)
    }

    private func row(
        _ fields: [Range<Int>], _ columns: Columns, _ number: Int, _ days: inout [String: Int64]
    ) throws(DetectionError) -> RecordingRow {
        func failure(_ what: String) -> DetectionError { DetectionError("\(path), line \(number): \(what)") }
        guard fields.count == columns.count else { throw failure("\(fields.count) fields, \(columns.count) wanted") }
        guard let time = time(fields[columns.time], &days) else { throw failure("datetime is no YYYY-MM-DD HH:MM:SS") }
        guard let amount = Double(text(fields[columns.amount])), abs(amount) < 1e13
        else { throw failure("amount is no number") }
        guard let fraud = Int(text(fields[columns.fraud])) else { throw failure("fraud is neither 0 nor 1") }
        guard !fields[columns.id].isEmpty else { throw failure("tx_id is empty") }
        return RecordingRow(
            id: text(fields[columns.id]), time: time, card: text(fields[columns.card]),
            terminal: text(fields[columns.terminal]), amount: Int64((amount * 100).rounded()), isFraud: fraud != 0,
            scenario: columns.scenario.map { text(fields[$0]) } ?? "")
    }

    /// Seconds since 1970, between then and 2105; the day is read once.
    private func time(_ range: Range<Int>, _ days: inout [String: Int64]) -> Int64? {
        guard range.count >= 19 else { return nil }
        let date = text(range.lowerBound..<range.lowerBound + 10)
        guard let day = days[date] ?? Instant(iso8601: date + " 00:00:00")?.seconds else { return nil }
        days[date] = day
        guard let clock = Instant(iso8601: "1970-01-01 " + text(range.lowerBound + 11..<range.upperBound))?.seconds
        else { return nil }
        let time = day + clock
        return (0...Int64(UInt32.max)).contains(time) ? time : nil
    }
}
