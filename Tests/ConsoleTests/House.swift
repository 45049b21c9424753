// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import Logging
import NIOCore
import NIOPosix
import PaymentCryptography
import Storage
import Testing
import Vocabulary

@testable import Console
@testable import tillguard

/// A console that serves a bank over a real socket.
struct House {
    let bank: Bank
    let console: Console
    let users: UserStore
    let desk: FakeDesk
    let backTests: FakeBackTests
    let port: Int

    /// Runs `body` against a served console and takes everything down afterwards.
    static func with(_ body: (House) async throws -> Void) async throws {
        let bank = try Bank()
        try bank.open()
        try await serve(bank, body)
    }

    /// The same bank by a console that has just been started.
    static func serve(_ bank: Bank, _ body: (House) async throws -> Void) async throws {
        let users = try UserStore(in: bank.path)
        let desk = FakeDesk(terminalID("T1"))
        let backTests = FakeBackTests()
        let pan = try #require(PAN("5413330000004321") ?? PAN(accountDigits: "541333000000432"))
        var configuration = ConsoleConfiguration(
            port: 0, origin: "http://127.0.0.1", testCards: [TestCard(pan: pan, expiry: 2_912, label: "Test card")])
        configuration.readLog = AuditLines.read
        let console = try Console(
            configuration: configuration,
            records: bank.reader, commands: bank, feed: bank, desk: desk, backTests: backTests, models: bank,
            lists: FakeLists(bank: bank), links: bank.links, users: users,
            attempts: try AttemptLedger(in: bank.path),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { bank.now })
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (ports, running) = AsyncStream<Int>.makeStream()
        let serving = Task {
            try await console.run(on: group) { port in
                running.yield(port)
                running.finish()
            }
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let result: Result<Void, any Error>
        do {
            try await body(
                House(bank: bank, console: console, users: users, desk: desk, backTests: backTests, port: port))
            result = .success(())
        } catch { result = .failure(error) }
        serving.cancel()
        _ = await serving.result
        try await group.shutdownGracefully()
        try result.get()
    }

    /// A browser in which somebody is logged in already.
    func client(_ name: String, _ role: Role, merchant: MerchantID? = nil) throws -> Client {
        let user = User(name: staff(name), role: role, merchant: merchant)
        let client = Client(port: port)
        client.cookies["tillguard_session"] = console.routes.sessions.begin(user, now: bank.now).cookie
        return client
    }

    var stranger: Client { Client(port: port) }
}
