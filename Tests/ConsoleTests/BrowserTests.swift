// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Dispatch
import Foundation
import Host
import Issuer
import Storage
import Testing
import Vocabulary

@testable import Console

/// The pages in a real browser, with its scripts and under the pages' own security policy.
@Suite(.enabled(if: Chromium.path != nil, "no chromium is installed"), .serialized)
struct BrowserTests {
    @Test("The cardholder's page stands in a browser")
    func cardholder() async throws {
        try await House.with { house in
            let id = try house.bank.openCase()
            let page = try await Chromium.page("http://127.0.0.1:\(house.port)\(house.bank.links.path(id))")
            #expect(page.contains("410.00 EUR"))
            #expect(page.contains("It was not me"))
            #expect(house.bank.issuer().cases[id]?.state == .open)
        }
    }

    @Test("The overview shows its terminals after log-in, and its script is live under the page's policy")
    func overview() async throws {
        try await House.with { house in
            try house.bank.raise(.h02, at: "T1")
            let client = try house.client("oper1", .operator)
            let cookie = "tillguard_session=\(client.cookies["tillguard_session"] ?? "")"
            // A sale after the page was served: what shows it can only be the script.
            let relay = try Relay(to: house.port, cookie: cookie) { _ = try? house.bank.sale(777, at: "T2") }
            let page = try await Chromium.page("http://127.0.0.1:\(relay.port)/")
            relay.close()
            #expect(page.contains("href=\"/terminals/T1\""))
            #expect(page.contains("Random generator failed"))
            #expect(page.contains("class=\"live on\""))
            #expect(page.contains("7.77 EUR"))
        }
    }
}

/// Headless Chromium, as Debian installs it.
enum Chromium {
    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// The document once it and its images have loaded.
    static func page(_ address: String) async throws -> String {
        let program = try #require(path)
        return try await Client.onThread {
            let profile = NSTemporaryDirectory() + "tillguard-browser-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: profile) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en",
                "--user-data-dir=\(profile)", "--timeout=20000", "--dump-dom", address,
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// Puts a cookie into every request on its way: a browser started from the command line takes none. It holds back the
/// page's image until live rows have come, so that the page is not loaded before.
final class Relay: Sendable {
    let port: Int
    private let listener: Int32
    private let rowsCame = DispatchSemaphore(value: 0)

    /// - Parameter onStream: called once the page has asked for its live rows.
    init(to target: Int, cookie: String, onStream: @escaping @Sendable () -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, length)
                _ = listen(listener, 16)
                _ = getsockname(listener, address, &length)
            }
        }
        self.listener = listener
        port = Int(in_port_t(bigEndian: address.sin_port))
        try #require(port > 0)
        let rowsCame = rowsCame
        Thread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread { Self.serve(client, target, cookie, rowsCame, onStream) }.start()
            }
        }.start()
    }

    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    /// One request a connection: its head with the cookie in, then everything back.
    private static func serve(
        _ client: Int32, _ target: Int, _ cookie: String, _ rowsCame: DispatchSemaphore, _ onStream: () -> Void
    ) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            Foundation.close(client)
            Foundation.close(server)
        }
        var address = loopback(target)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, length) == 0 }
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(client, &buffer, buffer.count, 0)
        guard isConnected, count > 0 else { return }
        let head = String(decoding: buffer[..<count], as: UTF8.self)
            .replacingOccurrences(of: "\r\n\r\n", with: "\r\nCookie: \(cookie)\r\n\r\n")
            .replacingOccurrences(of: "Connection: keep-alive", with: "Connection: close")
        if head.hasPrefix("GET /assets/icon.svg") { _ = rowsCame.wait(timeout: .now() + 15) }
        guard write(head, to: server) else { return }
        let isStream = head.hasPrefix("GET /events")
        if isStream { onStream() }
        while true {
            let count = recv(server, &buffer, buffer.count, 0)
            guard count > 0, write(buffer[..<count], to: client) else { return }
            // Once for each image that waits: the page's own and the window's icon.
            if isStream, String(decoding: buffer[..<count], as: UTF8.self).contains("event: decisions") {
                rowsCame.signal()
                rowsCame.signal()
            }
        }
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        write(Array(text.utf8)[...], to: descriptor)
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
