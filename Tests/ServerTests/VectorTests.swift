// SPDX-License-Identifier: Apache-2.0
import Estate
import Foundation
import Host
import ISO8583
import Testing
import Vocabulary

@testable import tillguard

@Suite("Published messages on the wire")
struct VectorTests {
    private static func bodies(_ name: String) throws -> [(id: String, bytes: [UInt8])] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/iso8583/\(name).json")
        let vectors = try JSON(parsing: [UInt8](Data(contentsOf: file)))["vectors"]?.array ?? []
        let bodies: [(id: String, bytes: [UInt8])] = try vectors.map { vector in
            (try #require(vector["id"]?.string), try #require(hex(vector["hex"]?.string ?? "")))
        }
        // A frame cannot be empty.
        return bodies.filter { !$0.bytes.isEmpty }
    }

    private static func hex(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Published messages are of other layouts: the host closes, or says no without a MAC. It never says yes, and it
    /// never leaves a client waiting.
    @Test(
        "Every published message, sound or broken, gets a refusal or a closed connection",
        arguments: ["messages-international", "messages-unionpay", "malformed"])
    func publishedMessages(file: String) async throws {
        let bodies = try Self.bodies(file)
        #expect(bodies.count >= 10)
        try await ServerHouse.with { house in
            try await Neighbour.trading(beside: house) {
                for (id, bytes) in bodies {
                    let line = try await house.line()
                    guard let answer = try await line.ask(bytes) else { continue }
                    // In the dialect of the request: behind TPDU and header (11 bytes), or with packed digits.
                    if let first = answer.first, first == 0x60 || first < 0x10 {
                        let isUnionPay = first == 0x60
                        let view = try MessageView(
                            Array(answer.dropFirst(isUnionPay ? 11 : 0)),
                            spec: .ofTerminal(answer, inEnvelope: isUnionPay))
                        #expect(view.text(39) != "00" && !view.has(64), "\(id)")
                        try await line.close()
                        continue
                    }
                    let message = try #require(WireMessage(answer), "\(id)")
                    #expect(message[39] != "00" && message.fields[64] == nil && message.fields[128] == nil, "\(id)")
                    try await line.close()
                }
            }
            let strangers = try house.sales().filter { $0.usage.terminal != DemoEstate.tills[5].id }
            #expect(strangers.isEmpty)
        }
    }

    @Test("A hello written in hexadecimal gets a nonce in an answer that can be read by eye")
    func literalHello() async throws {
        // 0800, bitmap of 7, 11, 12, 13, 41, 42 and 70, then the fields as text.
        let hello =
            "30383030" + "823800000 0C00000".filter { $0 != " " } + "0400000000000000" + "31313232313833303435"
            + "303030303432" + "313833303435" + "31313232" + "54494C4C30303031" + "313030303030303030303030303031"
            + "303031"
        try await ServerHouse.with { house in
            let line = try await house.line()
            let answer = try #require(try await line.ask(Self.hex(hello) ?? []))
            #expect(Array(answer[..<4]) == Array("0810".utf8))
            let message = try #require(WireMessage(answer))
            #expect(message[11] == "000042" && message[39] == "00" && message[41] == "TILL0001" && message[70] == "001")
            #expect((message.fields[58]?.count ?? 0) >= 8)
        }
    }

    @Test("A purchase written in hexadecimal with a made-up MAC is refused without one")
    func literalPurchase() async throws {
        // 0200 with 2, 3, 4, 7, 11, 12, 13, 14, 22, 25, 41, 42, 49, 62, 63 and 64.
        let purchase =
            "30323030" + "723C048000C08007" + "3136" + "34373631373339303031303130303130" + "303030303030"
            + "303030303030303031323530" + "31313232313833303435" + "303030303433" + "313833303435" + "31313232"
            + "33303132" + "303531" + "3030" + "54494C4C30303031" + "313030303030303030303030303031" + "393738"
            + "303130" + "FFFF9876543210E00001" + "303336" + String(repeating: "00", count: 36) + "0123456789ABCDEF"
        try await ServerHouse.with { house in
            let line = try await house.line()
            let answer = try #require(try await line.ask(Self.hex(purchase) ?? []))
            let message = try #require(WireMessage(answer))
            #expect(message.mti == "0210" && message[11] == "000043" && message[4] == "000000001250")
            #expect(message[39] == "TM" && message.fields[64] == nil)
        }
    }
}
