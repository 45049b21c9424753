// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import ModuleServer
import ModuleWire

extension ModuleCommand {
    /// The host's module in a process of its own.
    struct Serve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve the host's security module on a Unix socket, in a process that is shut off from others.",
            discussion: "tillguard serve starts it by itself.")
        @Option(help: "The data directory whose keys it opens; made if it is not there.")
        var data = "data"
        @Option(help: "Path of the socket; module.sock in the data directory if not given.")
        var socket: String?
        @Flag(help: "End with the standard input, as a server wants that looks after it.")
        var supervised = false

        func run() throws {
            try ModuleHouse.run(at: socket ?? HousedModule.socket(in: data), isSupervised: supervised) {
                try HostKeys.service(in: data)
            }
        }
    }

    /// What the host's module says of its process.
    struct Host: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How the process of the host's module is shut off, and what has come to its door.")
        @Option(help: "The data directory of the running server.")
        var data = "data"
        @Flag(help: "Print the answer as JSON.")
        var json = false

        func run() throws {
            let path = HousedModule.socket(in: data)
            guard let status = try? ModuleMonitor(at: path).status() else { throw DeploymentError.noServer(path) }
            ModuleReport.show(ModuleReport.answer(status), asJSON: json)
        }
    }
}
