// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@testable import Detection

@Suite("Recordings and arguments")
struct RecordingTests {
    private func rows(_ text: String) throws(DetectionError) -> [RecordingRow] {
        try RecordingText(Array(text.utf8), "file.csv").rows()
    }

    private func message(_ text: String) -> String {
        do {
            _ = try rows(text)
            return ""
        } catch { return error.description }
    }

    private static let header = "tx_id,datetime,customer_id,terminal_id,amount,fraud,scenario\n"

    @Test("columns are found by name, in any order, with others among them and either end of line")
    func columns() throws {
        let row = RecordingRow(
            id: "7", time: 1_532_476_831, card: "12", terminal: "T9", amount: 1_234, isFraud: true, scenario: "2")
        #expect(try rows(Self.header + "7,2018-07-25 00:00:31,12,T9,12.34,1,2\n") == [row])
        let other =
            "fraud,extra,amount,terminal_id,customer_id,datetime,scenario,tx_id\r\n"
            + "1,x,12.34,T9,12,2018-07-25T00:00:31Z,2,7\r\n"
        #expect(try rows(other) == [row])
    }

    @Test("what is wrong is said with its line")
    func errors() {
        #expect(message("") == "file.csv has no transaction")
        #expect(message("a,b\n") == "file.csv has no column tx_id")
        #expect(message(Self.header) == "file.csv has no transaction")
        #expect(message(Self.header + "7,2018-07-25 00:00:31,12,T9,12.34,1\n").hasPrefix("file.csv, line 2: 6 fields"))
        #expect(message(Self.header + "7,2018-13-25 00:00:31,12,T9,12.34,1,2\n").contains("line 2: datetime"))
        #expect(message(Self.header + "7,2018-07-25 00:00:31,12,T9,nan,1,2\n").contains("line 2: amount"))
        #expect(message(Self.header + "7,2018-07-25 00:00:31,12,T9,1e99,1,2\n").contains("line 2: amount"))
        #expect(message(Self.header + "7,2018-07-25 00:00:31,12,T9,1,yes,2\n").contains("line 2: fraud"))
        #expect(message(Self.header + ",2018-07-25 00:00:31,12,T9,1,0,2\n").contains("line 2: tx_id"))
    }

    @Test("rows are sorted by time, those of one second by their id as a number")
    func order() throws {
        let text =
            Self.header + "10,2018-07-25 00:00:31,1,1,1,0,\n9,2018-07-25 00:00:31,1,1,1,0,\n"
            + "11,2018-07-25 00:00:30,1,1,1,0,\n"
        #expect(Recording(try rows(text)).ids == ["11", "9", "10"])
    }

    @Test("cards rank by number, and before names that are none")
    func ranks() {
        let rows = ["x", "10", "9"].map {
            RecordingRow(id: $0, time: 0, card: $0, terminal: "1", amount: 1, isFraud: false, scenario: "")
        }
        let recording = Recording(rows)
        #expect(
            recording.cardNames.indices.sorted { recording.cardRanks[$0] < recording.cardRanks[$1] }
                .map { recording.cardNames[$0] } == ["9", "10", "x"])
    }

    @Test("arguments are read, and wrong ones are said")
    func arguments() throws {
        let read = try DetectionArguments(
            [
                "a.csv", "--out", "b.csv", "--start", "2018-07-18", "--model", "both", "--confirm", "asked", "--after",
                "6h",
            ])
        #expect((read.data, read.output, read.start) == ("a.csv", "b.csv", "2018-07-18"))
        #expect((read.model, read.confirmation, read.after) == (.both, .asked, .hours(6)))
        func message(_ arguments: [String]) -> String {
            do {
                _ = try DetectionArguments(arguments)
                return ""
            } catch { return error.description }
        }
        #expect(message(["a.csv"]).hasPrefix("usage"))
        #expect(message(["a.csv", "--out"]).hasPrefix("--out needs a value"))
        #expect(message(["a.csv", "--speed", "1"]).hasPrefix("unknown option --speed"))
        #expect(message(["a.csv", "--model", "magic"]) == "--model is one of trees, scorecard, both")
        for wrong in ["", "10", "-1m", "8d", "m", "10081m"] {
            #expect(message(["a.csv", "--after", wrong]).hasPrefix("--after is a time"))
        }
    }
}
