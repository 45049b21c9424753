// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SecurityModule
import TerminalAgent
import Vocabulary

struct ModuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module",
        abstract: "Look at a security module, break the hardware under a terminal's, or serve the host's.",
        subcommands: [
            Status.self, Fault.self, Repair.self, WarningsCommand.self, AuditCommand.self, Place.self, Load.self,
            ModuleCeremonyCommand.self, Serve.self, Host.self, DrillCommand.self,
        ])

    struct Bench: ParsableArguments {
        @Option(help: "The data directory of the running server.")
        var data = "data"
        @Flag(help: "Print the answer as JSON.")
        var json = false

        func ask(_ request: JSON) throws -> JSON {
            let path = data + "/terminals.sock"
            guard let client = ControlClient(path: path) else { throw DeploymentError.noServer(path) }
            guard let answer = client.ask(request) else { throw DeploymentError.noServer(path) }
            if let error = answer["error"]?.string { throw DeploymentError.refused(error) }
            return answer
        }

        func show(_ answer: JSON) { ModuleReport.show(answer, asJSON: json) }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What the module says of itself.")
        @OptionGroup var bench: Bench
        @Argument(help: "Terminal identification, such as TILL0001.")
        var terminal: String

        func run() throws { bench.show(try bench.ask(["op": "status", "terminal": .string(terminal)])) }
    }

    struct Fault: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a fault in the emulated hardware, the files or the application; it is found by itself.",
            discussion: "Faults: "
                + (HardwareFault.allCases.map(\.rawValue) + TerminalFault.allCases.map(\.rawValue)
                + LinkFault.allCases.map(\.rawValue) + ModuleFault.allCases.map(\.rawValue))
                .joined(separator: " "))
        @OptionGroup var bench: Bench
        @Argument(help: "Terminal identification.")
        var terminal: String
        @Argument(help: "The fault.")
        var fault: String

        func run() throws {
            bench.show(try bench.ask(["op": "fault", "terminal": .string(terminal), "fault": .string(fault)]))
        }
    }

    struct Repair: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a fault away, as an authorised technician would. It clears no warning.")
        @OptionGroup var bench: Bench
        @Argument(help: "Terminal identification.")
        var terminal: String
        @Argument(help: "The fault.")
        var fault: String

        func run() throws {
            bench.show(try bench.ask(["op": "repair", "terminal": .string(terminal), "fault": .string(fault)]))
        }
    }

    struct Place: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set up a virtual terminal that the estate knows, with a new module from its maker.")
        @OptionGroup var bench: Bench
        @Argument(help: "Terminal identification.")
        var terminal: String

        func run() throws { bench.show(try bench.ask(["op": "place", "terminal": .string(terminal)])) }
    }

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load keys again into a module that has lost its own, as the estate has issued them.",
            discussion: """
                By TR-34 in two passes: the terminal's module makes an RSA key and signs for it, the host's module \
                certifies that key and sends the terminal's keys under it. The estate must know the module's identity, \
                as it does since the first sign-on; without, custodians load keys (`tillguard module ceremony`). The \
                first time in a day the host's module makes keys of its own for it, which takes seconds. It clears no \
                warning.
                """)
        @OptionGroup var bench: Bench
        @Argument(help: "Terminal identification.")
        var terminal: String

        func run() throws { bench.show(try bench.ask(["op": "load", "terminal": .string(terminal)])) }
    }
}
