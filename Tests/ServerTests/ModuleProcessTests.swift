// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import Testing
import Vocabulary

@testable import tillguard

@Suite("The server and its module's process")
struct ModuleProcessTests {
    @Test(
        "The module is a process of its own, shut off; killed, it comes back and the sales go on; it ends with the server"
    )
    func killed() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            try await SpareEstate.prepare(directory, 1)
            let (server, port) = try await Child.serve(directory, ["--module", "process"])
            let first = try await Self.status(directory)
            #expect(first["filtered"]?.bool == true && first["newPrivileges"]?.bool == false)
            #expect(first["dumpable"]?.bool == false && first["cores"]?.bool == false)
            let till = try SpareEstate.tills(directory, 1)[0]
            let line = try await Line.open(port)
            try await till.signOn(on: line)
            #expect(try await till.sell(.init(SpareEstate.card(0), 1_00), on: line).code == "00")
            let process = try #require(first["process"]?.integer)
            kill(pid_t(process), SIGKILL)
            _ = try await server.event("module") { $0["state"]?.string == "restarted" }
            #expect(try await till.sell(.init(SpareEstate.card(0), 2_00), on: line).code == "00")
            let second = try #require(try await Self.status(directory)["process"]?.integer)
            #expect(second != process)
            server.killAtOnce()
            try await eventually("the end of the module's process") { kill(pid_t(second), 0) != 0 }
        }
    }

    @Test("Two modules on one directory: the second is refused with one line")
    func second() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let (server, _) = try await Child.serve(directory, ["--module", "process"])
            let (code, child) = try await Child.run([
                "module", "serve", "--data", directory.path, "--socket", directory.file("other.sock"),
            ])
            #expect(code != 0 && code != nil)
            #expect(child.errors.split(separator: "\n").count == 1 && child.errors.contains("another module"))
            server.interrupt()
            #expect(try await server.exit() == 0)
        }
    }

    /// What `module host` says.
    private static func status(_ directory: TemporaryDirectory) async throws -> JSON {
        let (code, child) = try await Child.run(["module", "host", "--data", directory.path, "--json"])
        #expect(code == 0, "\(child.errors)")
        return try JSON(parsing: Array(child.output.utf8))
    }
}
