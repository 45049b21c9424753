// SPDX-License-Identifier: Apache-2.0
import Estate
import Foundation
import Host
import HostServer
import Issuer
import Journal
import Logging
import ModuleProtocol
import NIOCore
import NIOPosix
import SecurityModule
import Storage
import Terminal
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A directory of a test's own, removed with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        // Short: a Unix socket's path has little room.
        path = "/tmp/tillguard-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: file(name)), options: .atomic)
        return file(name)
    }

    func snapshots() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("snapshot-") }.sorted()
    }

    /// Every record of the journal in it, whoever is writing there.
    func records() throws -> [HostRecord] {
        var records: [HostRecord] = []
        try JournalReader(path: path).readRecords { _, bytes in records.append(try HostRecord(decoding: bytes)) }
        return records
    }
}

/// The real server on a data directory and a port of its own, with the demo estate in it.
struct ServerHouse: Sendable {
    let directory: TemporaryDirectory
    let deployment: Deployment

    var port: Int { deployment.server.port }
    var module: SoftHostModule { deployment.module }

    static func with<Value: Sendable>(
        tls: Bool = false, limits: GateLimits = .standard, body: (ServerHouse) async throws -> Value
    ) async throws -> Value {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            return try await on(directory, tls: tls, limits: limits) { house in
                try await DemoEstate.setUp(house.deployment)
                return try await body(house)
            }
        }
    }

    /// The server on a directory as it is.
    static func on<Value: Sendable>(
        _ directory: TemporaryDirectory, tls: Bool = false, limits: GateLimits = .standard,
        body: (ServerHouse) async throws -> Value
    ) async throws -> Value {
        var options = Deployment.Options(data: directory.path)
        options.tls = tls
        options.projects = false
        options.limits = limits
        let house = ServerHouse(directory: directory, deployment: try await Deployment.start(options, logger: silent))
        let result: Result<Value, any Error>
        do { result = .success(try await body(house)) } catch { result = .failure(error) }
        try await house.deployment.shutdown()
        return try result.get()
    }

    /// - Parameter terminal: whose certificate the client has, with TLS.
    func line(as terminal: TerminalID = DemoEstate.tills[0].id) async throws -> Line {
        try await Line.open(port, tls: deployment.certificates?.client(terminal))
    }

    /// A till of the demo estate, signed on.
    func till(_ index: Int = 0) async throws -> (Till, Line) {
        let till = try Till(DemoEstate.tills[index], module: module)
        let line = try await line(as: DemoEstate.tills[index].id)
        try await till.signOn(on: line)
        return (till, line)
    }

    func records() throws -> [HostRecord] { try directory.records() }

    func journalCount() throws -> Int { try records().count }

    /// Records of sales, in order.
    func sales() throws -> [Authorisation] {
        try records().compactMap { if case .authorisation(let sale) = $0.body { sale } else { nil } }
    }

    func available(_ card: Int) async throws -> Int64 {
        let account = AccountID(UInt64(card + 1))
        return try #require(try await deployment.server.read { $0.issuer.accounts[account]?.available })
    }

    func terminal(_ id: TerminalID) async throws -> EstateTerminal {
        try #require(try await deployment.server.read { $0.estate.terminals[id] })
    }
}

/// Whole virtual terminals, module and all, in this process.
struct BankHouse: Sendable {
    let bank: TerminalBank

    /// Puts some tills of the demo estate on a bank; they are less patient than at a real counter.
    static func with<Value: Sendable>(
        _ house: ServerHouse, tills: [Int], port: Int? = nil, body: (BankHouse) async throws -> Value
    ) async throws -> Value {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var address = house.deployment.address
        address.port = port ?? house.port
        let bank = try await TerminalBank(
            directory: house.directory.file("terminals"),
            host: address,
            loop: group.next(), logger: silent, now: WallClock.now,
            facility: DemoEstate.facility(house.deployment))
        for till in tills.map({ DemoEstate.tills[$0] }) {
            var configuration = DemoEstate.configuration(of: till)
            configuration.answerTimeout = .seconds(2)
            configuration.heartbeatInterval = .milliseconds(100)
            configuration.retryFirst = .milliseconds(100)
            configuration.retryMax = .milliseconds(400)
            let module = house.module
            let keys = DemoEstate.record(of: till).keys(till.id)
            try await bank.add(configuration) { unit in
                module.provision(
                    keys, serial: till.serial + (unit == .own ? 0 : 1_000), firmware: DemoEstate.firmware)
            }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body(BankHouse(bank: bank))) } catch { result = .failure(error) }
        await bank.shutdown()
        try await group.shutdownGracefully()
        return try result.get()
    }

    func isReady(_ till: Int) async throws {
        let id = DemoEstate.tills[till].id
        try await eventually("\(id) able to trade") { await bank.screen(id)?.phase == .ready }
    }

    /// A whole sale, with the cardholder's fingers.
    func sell(_ till: Int, card: Int, _ minorUnits: Int64, pin: Bool = true) async throws -> SaleOutcome? {
        let card = DemoEstate.cards[card]
        let sale = TillSale(
            pan: card.pan, expiry: card.expiry, amount: Money(minorUnits: minorUnits, DemoEstate.currency), goods: [],
            wantsPIN: pin)
        let keys: [KeypadKey] = pin ? card.pin.map { .digit($0) } + [.enter] : []
        return try await bank.trade(DemoEstate.tills[till].id, sale, pin: keys)
    }
}
