// SPDX-License-Identifier: Apache-2.0
import Estate
import Foundation
import Host
import HostServer
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Synchronization
import Testing
import Vocabulary

@testable import tillguard

/// Terminals and cards beside those of the demo estate, which the virtual terminals of `serve` leave alone.
enum SpareEstate {
    static let shop = DemoEstate.shops[0]

    static func id(_ number: Int) throws -> TerminalID { try #require(TerminalID("LOAD000\(number)")) }

    static func profile(_ number: Int) -> KeyProfile { number % 2 == 0 ? .tdes : .aes }

    static func card(_ number: Int) throws -> DemoEstate.TestCard {
        DemoEstate.TestCard(
            pan: try #require(PAN(accountDigits: "41000000000000\(number)")), expiry: 3012, pin: [1, 2, 3, 4],
            password: [8, 0, 8, 0, 8, 0], holder: "Load \(number)", status: .active)
    }

    static let available: Int64 = 10_000_000

    static func account(_ number: Int) -> AccountID { AccountID(UInt64(1_000 + number)) }

    /// Makes a data directory with the demo estate and `count` terminals and cards of this one.
    static func prepare(_ directory: TemporaryDirectory, _ count: Int) async throws {
        try await ServerHouse.on(directory) { house in
            let server = house.deployment.server
            try await DemoEstate.setUp(house.deployment)
            for number in 0..<count {
                let terminal = EstateTerminal(
                    merchant: shop.id, profile: profile(number), keySet: DemoEstate.keySet, identityEpoch: 1,
                    serial: UInt64(90 + number), currency: DemoEstate.currency)
                try await server.submit(.addTerminal(id(number), terminal), by: DemoEstate.maker)
                try await server.submit(.activate(id(number)), by: DemoEstate.maker)
                try await server.submit(.activate(id(number)), by: DemoEstate.checker)
                let card = try card(number)
                try await server.submit(
                    .addAccount(
                        account(number),
                        Account(holder: card.holder, available: available, currency: DemoEstate.currency)),
                    by: DemoEstate.maker)
                guard let pin = DemoEstate.clearPIN(card.pin) else { throw NotInTime(what: "a PIN") }
                let entry = Card(
                    account: account(number), masked: card.pan.description, sealedPAN: house.module.sealPAN(card.pan),
                    expiry: card.expiry,
                    pin: house.module.pinReference(pan: card.pan, pin: pin, kind: .pvv(keyIndex: 1)), password: nil)
                try await server.submit(.addCard(house.module.cardKey(card.pan), entry), by: DemoEstate.maker)
            }
        }
    }

    /// Keys for the terminals of a directory whose server is another process.
    static func tills(_ directory: TemporaryDirectory, _ count: Int) throws -> [Till] {
        let module = try HostKeys.open(in: directory.path).module
        return try (0..<count).map { number in
            try Till(id(number), profile(number), merchant: shop.id, serial: UInt64(90 + number), module: module)
        }
    }
}

extension Child {
    /// Starts `serve` on free ports.
    static func starting(
        _ directory: TemporaryDirectory, _ arguments: [String] = [], limits: String = ""
    ) throws -> Child {
        // One process a server, where nothing is said of the module's: what is proved here is the journal.
        try Child(
            [
                "serve", "--data", directory.path, "--port", "0", "--console-port", "0", "--json", "--quiet",
                "--module", "in-process",
            ] + arguments, limits: limits)
    }

    /// What a further start of a directory's server takes so that a terminal that was cut off before is in no crash loop
    /// (S02, P02): each is a quarter of an hour after the one before.
    static func later(_ directory: TemporaryDirectory) -> [String] {
        let starts = starts.withLock { starts in
            defer { starts[directory.path, default: 0] += 1 }
            return starts[directory.path, default: 0]
        }
        return ["--clock-ahead", "\(900 * starts)"]
    }

    private static let starts = Mutex<[String: Int]>([:])

    /// Starts `serve` on free ports and waits until it listens.
    static func serve(
        _ directory: TemporaryDirectory, _ arguments: [String] = [], limits: String = ""
    ) async throws -> (child: Child, port: Int) {
        let child = try starting(directory, arguments, limits: limits)
        let started = try await child.event("started")
        return (child, Int(try #require(started["terminals"]?.integer)))
    }
}
