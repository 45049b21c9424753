// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Vocabulary

@testable import Catalogue

@Suite("Response codes")
struct ResponseTests {
    static let vectors: JSON? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/iso8583/response-codes.json")
        return (try? Data(contentsOf: file)).flatMap { try? JSON(parsing: [UInt8]($0)) }
    }()

    @Test("the table is the published one, row by row: 66 codes, 50 of them UnionPay's")
    func rowByRow() throws {
        let rows = try #require(Self.vectors?["codes"]?.array)
        #expect(rows.count == 66 && ResponseEntry.all.count == 66)
        #expect(ResponseEntry.all.count(where: \.isUnionPay) == 50)
        for (row, entry) in zip(rows, ResponseEntry.all) {
            #expect(row["code"]?.string == entry.code.description)
            let unionPay = row["unionpay"]
            #expect(unionPay?["meaning"]?.string == entry.meaning)
            #expect((unionPay?["terminalClass"]?.string ?? "") == entry.classes.map(\.rawValue).joined(separator: "/"))
            #expect((unionPay?["display"]?.string ?? "交易失败") == entry.display.zh)
            #expect(row["international"]?.string == entry.international)
            #expect(isEnglish(entry.display.en) && isChinese(entry.display.zh), "\(entry.code)")
        }
    }

    @Test("a code that stands in no table shows 交易失败, and so does one that only other networks use")
    func unknown() throws {
        for code in ["ZZ", "02", "1A", "N7"] {
            let code = try #require(ResponseCode(code))
            #expect(ResponseEntry.unionPayDisplay(code).zh == "交易失败")
            #expect(!(ResponseEntry.entry(code)?.isUnionPay ?? false))
        }
    }

    @Test("77, 99 and A0 alone ask for a new sign-on, and the terminal's reading of them does")
    func signOn() {
        #expect(ResponseEntry.all.filter(\.asksForSignOn).map(\.code.description) == ["77", "99", "A0"])
        for entry in ResponseEntry.all where entry.isUnionPay {
            let reading = TerminalReading(code: entry.code, in: .unionPayPOS)
            #expect((reading.action == .signOn) == entry.asksForSignOn, "\(entry.code)")
        }
    }

    @Test("class A is an approval and no other class is, but for the partial approval, which is reversed")
    func classes() {
        for entry in ResponseEntry.all where entry.isUnionPay && entry.code != ResponseCode("10") {
            let reading = TerminalReading(code: entry.code, in: .unionPayPOS)
            #expect(reading.isApproval == (entry.classes == [.approved]), "\(entry.code)")
        }
    }
}
