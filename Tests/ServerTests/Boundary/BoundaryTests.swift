// SPDX-License-Identifier: Apache-2.0
import Estate
import Foundation
import Host
import HostServer
import Issuer
import PaymentCryptography
import Storage
import Testing
import Vocabulary

@testable import SecurityModule
@testable import tillguard

/// What must stay inside the modules, searched for outside them while a real server works and after it has ended.
@Suite("The boundary of the modules")
struct BoundaryTests {
    /// One of each way in which a PIN is encrypted: TDES and AES under DUKPT, a session key, and packed digits.
    private static let tills = ["TILL0001", "TILL0002", "TILL0007", "TILL0008"]

    @Test("A marker is found in every form that it has")
    func finds() throws {
        let pans = (0..<3).compactMap { PAN(accountDigits: "40000000000001\($0)") }
        let pin = Marker("pin", pin: [9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1], pans: pans)
        let key = Marker("key", (0..<32).map { $0 &* 7 })
        #expect(pin.forms.count == 3 + 4 * pans.count && key.forms.count == 3)
        // ISO 9564-1 format 0: the control nibble, the length and the first digits stand clear, the rest over the account.
        #expect(pin.forms[3].bytes == [0x0C, 0x91, 0x23, 0x45, 0x67, 0x89, 0x01, 0xFF ^ 0x10])
        for marker in [pin, key] {
            for form in marker.forms {
                let bytes = [UInt8](repeating: 0xA5, count: 100) + form.bytes + [0x5A]
                let found = bytes.withUnsafeBytes { Searcher(markers: [marker]).sightings(in: $0, "here") }
                #expect(found.map(\.form).contains(form.form))
            }
        }
    }

    @Test(
        "No PIN and no key of the host leaves the modules: not into the server's memory, nor any file, nor what it says"
    )
    func nothingLeaks() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let (cards, right, wrong) = try await Self.prepare(directory)
            let root = try #require(FileManager.default.contents(atPath: directory.file("keys/host.key")))
            let keys = try Self.keys(directory, root)
            let secrets = Searcher(
                markers: [
                    Marker("right PIN", pin: right, pans: cards), Marker("wrong PIN", pin: wrong, pans: cards),
                    Marker("host.key", Array(root)),
                ] + keys.host)
            // The virtual terminals have their modules in the server's process: of their keys it is files that have none.
            let stored = Searcher(markers: secrets.markers + keys.terminals)
            // What the search finds if it is there: it passes through the server in clear, and nobody wipes it.
            let known = Searcher(markers: [Marker("PAN", cards[0].ascii)])

            let (server, _) = try await Child.serve(directory, ["--module", "process", "--log-level", "trace"])
            for (number, name) in Self.tills.enumerated() {
                let till = VirtualTill(name, of: server, directory)
                try #require(try await till.isReady())
                let pan = String(decoding: cards[number].ascii, as: UTF8.self)
                let sale = try await till.sell("purchase", pan, 10_00, pin: right)
                #expect(sale?["outcome"]?.string == "approved", "\(name): \(sale?.text ?? "")")
                let refused = try await till.sell("purchase", pan, 10_00, pin: wrong)
                #expect(refused?["code"]?.string == "55", "\(name): \(refused?.text ?? "")")
            }
            let memory = try secrets.sightings(inMemoryOf: server.processID)
            #expect(memory.found == [])
            #expect(memory.bytes > 10 << 20)
            #expect(try !known.sightings(inMemoryOf: server.processID).found.isEmpty)
            // The file of the root key stands for a hardware module; it is read and written by the modules alone.
            func isRoot(_ name: String) -> Bool { name == "keys/host.key" }
            #expect(try stored.sightings(inFilesOf: directory.path, leavingOut: isRoot) == [])
            server.interrupt()
            #expect(try await server.exit() == 0)
            #expect(try stored.sightings(inFilesOf: directory.path, leavingOut: isRoot) == [])
            for said in [server.output, server.errors] {
                #expect(Array(said.utf8).withUnsafeBytes { stored.sightings(in: $0, "output") } == [])
            }
        }
    }

    /// A directory with the demo estate and a card for each of the tills, all with one PIN of twelve digits.
    ///
    /// - Returns: the cards, the PIN, and one that no card has.
    private static func prepare(
        _ directory: TemporaryDirectory
    ) async throws -> (cards: [PAN], right: [UInt8], wrong: [UInt8]) {
        try await ServerHouse.on(directory) { house in
            try await DemoEstate.setUp(house.deployment)
            let pans = (0..<tills.count).compactMap { PAN(accountDigits: "42000000000000\($0)") }
            let right = pin()
            guard let clear = DemoEstate.clearPIN(right) else { throw NotInTime(what: "a PIN") }
            let kind = PINReferenceKind.pvv(keyIndex: 1)
            // A verification value has four digits: another PIN may have the same.
            func isTaken(_ other: [UInt8], _ pan: PAN) -> Bool {
                guard let other = DemoEstate.clearPIN(other) else { return true }
                return house.module.pinReference(pan: pan, pin: other, kind: kind)
                    == house.module.pinReference(pan: pan, pin: clear, kind: kind)
            }
            var wrong = pin()
            while pans.contains(where: { isTaken(wrong, $0) }) { wrong = pin() }
            for (number, pan) in pans.enumerated() {
                let account = AccountID(UInt64(2_000 + number))
                try await house.deployment.server.submit(
                    .addAccount(
                        account, Account(holder: "Marked", available: 1_000_00, currency: DemoEstate.currency)),
                    by: DemoEstate.maker)
                let card = Card(
                    account: account, masked: pan.description, sealedPAN: house.module.sealPAN(pan), expiry: 3012,
                    pin: house.module.pinReference(pan: pan, pin: clear, kind: kind), password: nil)
                try await house.deployment.server.submit(
                    .addCard(house.module.cardKey(pan), card), by: DemoEstate.maker)
            }
            return (pans, right, wrong)
        }
    }

    private static func pin() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<12).map { _ in .random(in: 0...9, using: &random) }
    }

    /// The master keys of the host's module, and the keys that the tills were loaded with.
    private static func keys(
        _ directory: TemporaryDirectory, _ root: Data
    ) throws -> (host: [Marker], terminals: [Marker]) {
        let rootKey = SecretKey(count: root.count) { key in root.withUnsafeBytes { key.copyMemory(from: $0) } }
        let wrapped = try #require(try SealedFile.read(directory.file("keys/host-module")))
        guard let masters = HostMasters(wrapped: wrapped, under: rootKey) else { throw NotInTime(what: "master keys") }
        let host = HostMasters.Role.allCases.map { Marker("\($0)", masters.key($0).withBytes { Array($0) }) }
        var terminals: [Marker] = []
        for till in DemoEstate.tills where tills.contains("\(till.id)") {
            let names = DemoEstate.record(of: till).keys(till.id)
            terminals += [
                Marker("initial key of \(till.id)", masters.initialKey(names).withBytes { Array($0) }),
                Marker("health key of \(till.id)", masters.healthKey(names).withBytes { Array($0) }),
                Marker("lease key of \(till.id)", masters.leaseKey(names).withBytes { Array($0) }),
            ]
        }
        return (host, terminals)
    }
}
