// SPDX-License-Identifier: Apache-2.0
import ModuleServer
import PaymentCryptography
import SecurityModule
import Testing
import Vocabulary

@testable import TerminalAgent
@testable import tillguard

@Suite("Keys for terminals in service")
struct KeyLoadingTests {
    @Test(
        "By command, from a module in a process of its own: new keys by TR-34, under which the till sells; no sheet without a ceremony"
    )
    func byCommand() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let (server, _) = try await Child.serve(directory, ["--module", "process"])
            let till = VirtualTill("TILL0002", of: server, directory)
            try #require(try await till.isReady())
            let (code, load) = try await Child.run(["module", "load", "TILL0002", "--data", directory.path, "--json"])
            #expect(code == 0, "\(load.errors)")
            let pan = String(decoding: DemoEstate.cards[0].pan.ascii, as: UTF8.self)
            #expect(try await till.sell("purchase", pan, 1_00)?["outcome"]?.string == "approved")
            let (refused, sheet) = try await Child.run([
                "module", "ceremony", "sheet", "1", "1", "--data", directory.path,
            ])
            #expect(refused == 1 && sheet.errors.contains("no such ceremony"), "\(sheet.errors)")
            server.interrupt()
            #expect(try await server.exit() == 0, "\(server.errors)")
        }
    }

    /// A bench's terminal, asked as its socket is.
    private struct Hand {
        let bench: TerminalAgent.Bench
        let terminal: String

        func ask(_ members: JSON.Member...) async -> JSON {
            let request = JSON.object([.init("terminal", .string(terminal))] + members)
            return await ControlRequest.perform(Array(request.text.utf8), bench)
        }

        func error(_ members: JSON.Member...) async -> String? {
            let request = JSON.object([.init("terminal", .string(terminal))] + members)
            return await ControlRequest.perform(Array(request.text.utf8), bench)["error"]?.string
        }

        /// Types and confirms.
        /// - Returns: what became of it.
        func type(_ keys: String) async -> String? {
            for key in keys { _ = await ask(.init("op", "key"), .init("key", .string(String(key)))) }
            _ = await ask(.init("op", "key"), .init("key", "enter"))
            return await ask(.init("op", "keypad"))["outcome"]?.string
        }

        func supervisor(_ number: Int64, _ act: String) async -> String? {
            _ = await ask(.init("op", "supervisor"), .init("number", .integer(number)), .init("act", .string(act)))
            return await type("2468\(number)")
        }

        func load(_ provisioning: String) async -> String? {
            await error(.init("op", "loadWrapped"), .init("provisioning", .string(provisioning)))
        }
    }

    @Test(
        "Custodians bring keys at a terminal's keypad, each a sheet's digits and none a second time; TR-34 asks for an identity"
    )
    func custodians() async throws {
        try await ServerHouse.with { house in
            // Nobody listens on that port: the terminal has never signed on.
            try await BankHouse.with(house, tills: [1], port: 1) { bank in
                let hand = Hand(bench: Bench(bank.bank), terminal: DemoEstate.tills[1].id.description)
                #expect(await hand.error(.init("op", "load"))?.contains("identity") == true)
                #expect(await hand.supervisor(1, "enrol") == "enrolled")
                #expect(await hand.supervisor(1, "enter") == "entered")
                for number in 2...3 as ClosedRange<Int64> {
                    #expect(await hand.supervisor(number, "enrol") == "enrolled")
                }
                let custodians = JSON.Member("custodians", .array([.integer(2), .integer(3)]))
                let opened = await hand.ask(.init("op", "ceremony"), custodians)
                let number = try #require(opened["ceremony"]?.integer.flatMap { UInt32(exactly: $0) }, "\(opened.text)")
                let keys = try #require(opened["provisioning"]?.string)
                #expect(await hand.load(keys)?.contains("unreadable") == true)
                let service = try #require(house.deployment.keyLoading as? KeyLoadingService)
                for part in 1...2 {
                    #expect(await hand.supervisor(Int64(part + 1), "enter") == "entered")
                    #expect(await hand.error(.init("op", "component")) == nil)
                    let outcome = await hand.type(try Self.digits(service, part, number))
                    #expect(outcome == (part == 1 ? "taken(missing: 1)" : "formed"))
                }
                #expect(await hand.load(keys) == nil)
                #expect(await hand.load(keys)?.contains("unreadable") == true)
                #expect(await hand.error(.init("op", "component"))?.contains("refuses") == true)
            }
        }
    }

    /// What stands on a sheet, as it is typed.
    private static func digits(_ service: KeyLoadingService, _ part: Int, _ number: UInt32) throws -> String {
        let sheet = try service.takeSheet(part, of: number)
        return (sheet.component.withBytes { Hex.text(Array($0)) } + Hex.text(sheet.checkValue)).lowercased()
    }
}
