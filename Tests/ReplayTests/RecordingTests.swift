// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import tillguard

@Suite("Recordings")
struct RecordingTests {
    static let header = "tx_id,datetime,customer_id,terminal_id,amount,fraud,scenario"

    private func read(_ text: String) throws -> [RecordedPurchase] {
        let scratch = try Scratch()
        return try Recording(path: scratch.file("r.csv", text)).next(100)
    }

    @Test("a row is read as it stands")
    func rowIsRead() throws {
        let rows = try read(Self.header + "\n585177,2018-06-01 00:01:11,852,5161,163.64,1,2\n")
        #expect(
            rows == [
                RecordedPurchase(
                    line: 2, at: CalendarTime(year: 2018, month: 6, day: 1, minute: 1, second: 11).instant,
                    customer: "852", terminal: "5161", amount: 163_64, isFraud: true, scenario: 2)
            ])
    }

    @Test(
        "columns may stand in any order, with others between them, with labels or without",
        arguments: [
            "amount,extra,terminal_id,customer_id,datetime\n5.5,x,T,C,2018-06-01T00:00:00Z\n",
            "TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT\n2018-06-01 00:00:00,C,T,5.50",
            "\u{FEFF}datetime,customer_id,terminal_id,amount\r\n2018-06-01 00:00:00,C,T,5.500\r\n\r\n",
        ])
    func orderIsFree(_ text: String) throws {
        let rows = try read(text)
        #expect(rows.count == 1)
        #expect(rows.first?.customer == "C" && rows.first?.terminal == "T" && rows.first?.amount == 550)
        #expect(rows.first?.isFraud == false)
    }

    @Test(
        "a header that does not do is refused",
        arguments: [
            ("", "the file is empty"),
            ("a,b,c\n", "the header names no column datetime"),
            ("datetime,customer_id,terminal_id\n", "the header names no column amount"),
            ("datetime,customer_id,terminal_id,amount,tx_amount\n", "the column amount is there twice"),
            (String(repeating: "x,", count: 64) + "y\n", "more than 64 columns"),
        ])
    func badHeader(_ text: String, _ why: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file("r.csv", text)
        #expect(throws: ReplayError.badHeader(path, why: why)) { try Recording(path: path) }
    }

    @Test(
        "a row that does not do is refused with its line",
        arguments: [
            ("1,2018-06-01 00:00:00,c,t,1.00,0", "6 columns where the header has 7"),
            ("1,2018-06-31 00:00:00,c,t,1.00,0,0", "2018-06-31 00:00:00 is no time such as 2018-06-01 00:00:31"),
            ("1,yesterday,c,t,1.00,0,0", "yesterday is no time such as 2018-06-01 00:00:31"),
            ("1,2018-06-01 00:00:00,c,t,1.005,0,0", "1.005 is no amount such as 57.16"),
            ("1,2018-06-01 00:00:00,c,t,-1.00,0,0", "-1.00 is no amount such as 57.16"),
            ("1,2018-06-01 00:00:00,c,t,,0,0", " is no amount such as 57.16"),
            ("1,2018-06-01 00:00:00,,t,1.00,0,0", "no customer"),
            ("1,2018-06-01 00:00:00,c,,1.00,0,0", "no terminal"),
            ("1,2018-06-01 00:00:00,c,t,1.00,2,0", "2 is no fraud label, 0 or 1"),
            ("1,2018-06-01 00:00:00,c,t,1.00,0,64", "64 is no scenario, 0 to 63"),
            ("1,2018-06-01 00:00:00,\"c\",t,1.00,0,0", "quoted columns are not read"),
        ])
    func badRow(_ row: String, _ why: String) throws {
        let scratch = try Scratch()
        let good = "1,2018-06-01 00:00:00,c,t,1.00,0,0"
        let path = try scratch.file("r.csv", [Self.header, good, row].joined(separator: "\n") + "\n")
        let recording = try Recording(path: path)
        #expect(throws: ReplayError.badRow(path, line: 3, why: why)) { try recording.next(10) }
    }

    @Test("a line of 4,096 bytes is read, one of 4,097 is refused", arguments: [4_096, 4_097])
    func lineLength(_ length: Int) throws {
        let scratch = try Scratch()
        let row = "1,2018-06-01 00:00:00,,t,1.00,0,0"
        let name = String(repeating: "c", count: length - row.utf8.count)
        let path = try scratch.file(
            "r.csv", Self.header + "\n" + row.replacingOccurrences(of: ",,", with: ",\(name),") + "\n")
        let recording = try Recording(path: path)
        guard length > Recording.lineBytesMax else {
            #expect(try recording.next(10).first?.customer == name)
            return
        }
        #expect(throws: ReplayError.badRow(path, line: 2, why: "the line is longer than 4096 bytes")) {
            try recording.next(10)
        }
    }

    @Test(
        "an amount is minor units, exactly",
        arguments: [
            ("163.64", 163_64), ("7", 7_00), ("7.5", 7_50), ("0.00", 0), ("57.160000", 57_16),
            ("9999999999.99", 999_999_999_999), ("10000000000.00", nil), ("1.", nil), (".5", nil), ("1.2.3", nil),
            ("1e3", nil), ("", nil), ("1.001", nil), ("99999999999999", nil),
        ] as [(String, Int64?)])
    func amounts(_ text: String, _ units: Int64?) {
        #expect(Recording.amount(ArraySlice(text.utf8)) == units)
    }

    @Test("a file that is not there, or a directory, is named")
    func missingFile() throws {
        let scratch = try Scratch()
        #expect(throws: ReplayError.noFile("/nowhere/r.csv")) { try Recording(path: "/nowhere/r.csv") }
        #expect(throws: ReplayError.unreadable(scratch.path, why: "is a directory")) {
            try Recording(path: scratch.path)
        }
    }

    @Test("a packed file reads as the plain one; a cut one is refused")
    func gzip() throws {
        let scratch = try Scratch()
        let text = Generated.csv()
        let plain = try scratch.file("plain.csv", text)
        let packed = try scratch.file("packed.csv", text)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", packed]
        try process.run()
        process.waitUntilExit()
        let rows = try Recording(path: plain).next(1_000)
        #expect(rows.count == Generated.rows)
        #expect(try Recording(path: packed + ".gz").next(1_000) == rows)
        #expect(try RecordedFile.lines(in: packed + ".gz") == Generated.rows + 1)

        let bytes = try Data(contentsOf: URL(fileURLWithPath: packed + ".gz"))
        let cut = scratch.directory("cut.csv.gz")
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: cut))
        #expect {
            let recording = try Recording(path: cut)
            while try !recording.next(1_000).isEmpty {}
        } throws: { error in
            guard case .unreadable(cut, _) = error as? ReplayError else { return false }
            return true
        }
    }

    @Test(
        "pieces of any size give the same rows", arguments: [1, 2, 7, 256, 1_000])
    func pieces(_ size: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.file("r.csv", Generated.csv())
        let recording = try Recording(path: path)
        var rows: [RecordedPurchase] = []
        while true {
            let piece = try recording.next(size)
            if piece.isEmpty { break }
            rows += piece
        }
        #expect(rows.map(\.line) == Array(2...Generated.rows + 1))
    }
}
