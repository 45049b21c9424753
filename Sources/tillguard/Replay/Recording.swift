// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// One recorded purchase.
struct RecordedPurchase: Equatable, Sendable {
    /// The line of the file, from 1.
    var line: Int
    var at: Instant
    var customer: String
    var terminal: String
    /// In minor units; 0 is no purchase and is not sent.
    var amount: Int64
    var isFraud = false
    var scenario: UInt8 = 0
}

/// Recorded purchases of a CSV file, in its order: `tx_id,datetime,customer_id,terminal_id,amount,fraud,scenario`.
///
/// The header says in which order the columns stand; those of no use here are passed over, and a file without labels
/// has no `fraud`. Times are UTC, amounts have up to two decimals.
final class Recording: @unchecked Sendable {
    // Unchecked: reading blocks, so it is done on a pool's threads; its one reader awaits each piece before the next.
    /// A line longer than this is none of a table of purchases.
    static let lineBytesMax = 4_096
    static let columnsMax = 64

    private let file: RecordedFile
    private var columns: Columns
    private var buffer: [UInt8] = []
    private var position = 0
    private var line = 0

    private struct Columns {
        var time = 0
        var customer = 0
        var terminal = 0
        var amount = 0
        var fraud: Int?
        var scenario: Int?
        var count = 0
    }

    /// Reads the header.
    /// - Throws: `ReplayError`.
    init(path: String) throws(ReplayError) {
        let file = try RecordedFile(path: path)
        self.file = file
        columns = Columns()
        guard var header = try nextLine() else { throw .badHeader(path, why: "the file is empty") }
        if header.starts(with: [0xEF, 0xBB, 0xBF]) { header.removeFirst(3) }
        columns = try Self.columns(String(decoding: header, as: UTF8.self), path)
    }

    /// The next purchases, at most `count`; none at the end of the file.
    /// - Throws: `ReplayError`.
    func next(_ count: Int) throws(ReplayError) -> [RecordedPurchase] {
        var purchases: [RecordedPurchase] = []
        purchases.reserveCapacity(count)
        while purchases.count < count, let line = try nextLine() {
            if line.isEmpty { continue }
            purchases.append(try purchase(line))
        }
        return purchases
    }

    // MARK: - Columns

    private static func columns(_ header: String, _ path: String) throws(ReplayError) -> Columns {
        let names = header.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingSpaces.lowercased()
        }
        guard names.count <= columnsMax else { throw .badHeader(path, why: "more than \(columnsMax) columns") }
        func find(_ accepted: [String]) throws(ReplayError) -> Int? {
            let found = names.indices.filter { accepted.contains(names[$0]) }
            guard found.count <= 1 else { throw .badHeader(path, why: "the column \(accepted[0]) is there twice") }
            return found.first
        }
        func require(_ accepted: [String]) throws(ReplayError) -> Int {
            guard let index = try find(accepted) else {
                throw .badHeader(path, why: "the header names no column \(accepted[0])")
            }
            return index
        }
        // The second names are those of the Fraud Detection Handbook's own files.
        return Columns(
            time: try require(["datetime", "tx_datetime"]), customer: try require(["customer_id"]),
            terminal: try require(["terminal_id"]), amount: try require(["amount", "tx_amount"]),
            fraud: try find(["fraud", "tx_fraud"]), scenario: try find(["scenario", "tx_fraud_scenario"]),
            count: names.count)
    }

    private func purchase(_ bytes: [UInt8]) throws(ReplayError) -> RecordedPurchase {
        let fields = bytes.split(separator: 0x2C, omittingEmptySubsequences: false)
        guard fields.count == columns.count else {
            throw bad("\(fields.count) columns where the header has \(columns.count)")
        }
        func text(_ column: Int) -> String { String(decoding: fields[column], as: UTF8.self) }
        guard !bytes.contains(0x22) else { throw bad("quoted columns are not read") }
        guard let at = Instant(iso8601: text(columns.time)) else {
            throw bad("\(text(columns.time)) is no time such as 2018-06-01 00:00:31")
        }
        guard let amount = Self.amount(fields[columns.amount]) else {
            throw bad("\(text(columns.amount)) is no amount such as 57.16")
        }
        let customer = text(columns.customer)
        let terminal = text(columns.terminal)
        guard !customer.isEmpty else { throw bad("no customer") }
        guard !terminal.isEmpty else { throw bad("no terminal") }
        var purchase = RecordedPurchase(line: line, at: at, customer: customer, terminal: terminal, amount: amount)
        if let column = columns.fraud {
            guard let flag = Int(text(column)), flag == 0 || flag == 1 else {
                throw bad("\(text(column)) is no fraud label, 0 or 1")
            }
            purchase.isFraud = flag == 1
        }
        if let column = columns.scenario {
            guard let scenario = UInt8(text(column)), scenario < 64 else {
                throw bad("\(text(column)) is no scenario, 0 to 63")
            }
            purchase.scenario = scenario
        }
        return purchase
    }

    private func bad(_ why: String) -> ReplayError { .badRow(file.path, line: line, why: why) }

    /// Minor units; further decimals may only be zeros. DE 4 has twelve digits.
    static func amount(_ text: ArraySlice<UInt8>) -> Int64? {
        var units: Int64 = 0
        var decimals: Int?
        var digits = 0
        for byte in text {
            if byte == 0x2E {
                guard decimals == nil, digits > 0 else { return nil }
                decimals = 0
                continue
            }
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            if let so = decimals {
                decimals = so + 1
                if so >= 2 {
                    guard byte == 0x30 else { return nil }
                    continue
                }
            }
            units = units * 10 + Int64(byte - 0x30)
            digits += 1
            guard digits <= 12 else { return nil }
        }
        guard digits > 0, decimals != 0 else { return nil }
        switch decimals ?? 0 {
        case 0: units *= 100
        case 1: units *= 10
        default: break
        }
        return units <= 999_999_999_999 ? units : nil
    }

    // MARK: - Lines

    private var tooLong: ReplayError { bad("the line is longer than \(Self.lineBytesMax) bytes") }

    /// The next line without its end; nil at the end of the file.
    private func nextLine() throws(ReplayError) -> [UInt8]? {
        var start = position
        while true {
            if let end = buffer[start...].firstIndex(of: 0x0A) {
                line += 1
                let bytes = buffer[position..<end]
                guard bytes.count <= Self.lineBytesMax else { throw tooLong }
                position = end + 1
                return Array(bytes.last == 0x0D ? bytes.dropLast() : bytes)
            }
            guard buffer.count - position <= Self.lineBytesMax else {
                line += 1
                throw tooLong
            }
            guard let more = try file.next() else {
                guard position < buffer.count else { return nil }
                line += 1
                defer { position = buffer.count }
                let rest = buffer[position...]
                return Array(rest.last == 0x0D ? rest.dropLast() : rest)
            }
            buffer.removeFirst(position)
            start = buffer.count
            position = 0
            buffer += more
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
