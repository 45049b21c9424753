// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import tillguard

@Suite("What is written for others")
struct LineWriterTests {
    @Test("a line arrives whole, however long, and after the reader has gone nothing happens any more")
    func writing() async throws {
        var ends: [Int32] = [0, 0]
        // Other tests start processes meanwhile, and one that had inherited the read end would still be a reader.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        let writer = LineWriter(descriptor: ends[1])
        let text = String(repeating: "0123456789", count: 30_000) + "\n"
        let reader = Task.detached { [input = ends[0]] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while bytes.last != 0x0A {
                let count = read(input, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer[..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(writer.write(text))
        #expect(await reader.value == text)
        close(ends[0])
        #expect(!writer.write("gone\n"))
        #expect(!writer.write("still gone\n"))
        close(ends[1])
    }
}
