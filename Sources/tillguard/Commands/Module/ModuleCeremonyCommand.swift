// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import ModuleProtocol
import ModuleServer
import SecurityModule
import Vocabulary

/// `tillguard module ceremony`: keys by custodians, two to nine of them, each with one component.
struct ModuleCeremonyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceremony", abstract: "Load keys into a terminal's module by custodians.",
        discussion: """
            The host's module makes the terminal's keys under a key of their own and splits that key: no component \
            says anything of it. Half an hour after `begin` all of it is over. In order:

              enrol      once a custodian: supervisors of the terminal's PIN pad
              begin      a supervisor opens the ceremony and names its custodians
              sheet      each custodian gets a sheet, and nobody else's
              enter      each custodian enters with a passcode and types the sheet's digits
              load       a technician loads what the key opens

            The host's module must run in a process of its own, as `tillguard serve` has it: a custodian gets the \
            sheet from there, and the server never sees it.
            """,
        subcommands: [Enrol.self, Begin.self, SheetCommand.self, Enter.self, Load.self])

    struct Enrol: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enrol a supervisor at a terminal's PIN pad.",
            discussion: "The first one before the terminal is activated, every other by one who is enrolled.")
        @OptionGroup var bench: ModuleCommand.Bench
        @Argument(help: "Terminal identification.") var terminal: String
        @Option(help: "The new supervisor's number, 1 to 8.") var number: Int
        @Option(help: "The number of the supervisor who enrols; none for the first.") var by: Int?

        func run() throws {
            let keypad = KeypadTyping(bench: bench, terminal: terminal)
            if let by { try keypad.supervisor(by, "enter") }
            try keypad.supervisor(number, "enrol")
            bench.show(["supervisor": .integer(Int64(number)), "outcome": "enrolled"])
        }
    }

    struct Begin: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have keys made, and open the ceremony at the terminal.",
            discussion: "JSON: ceremony (its number), sheets, checkValue (of the key that the components form), file.")
        @OptionGroup var bench: ModuleCommand.Bench
        @Argument(help: "Terminal identification.") var terminal: String
        @Option(help: "The number of the supervisor who opens it.") var opener: Int
        @Option(help: "Two to eight numbers of supervisors with commas between them.") var custodians: String
        @Option(help: "The file for the terminal's keys, under the key that the custodians bring; must not be there.")
        var file: String

        private func numbers() throws -> [Int] {
            try custodians.split(separator: ",").map { text in
                guard let number = Int(text), (1...8).contains(number) else {
                    throw ValidationError("--custodians: numbers 1 to 8 with commas between them")
                }
                return number
            }
        }

        func validate() throws {
            let numbers = try numbers()
            guard numbers.count >= 2, Set(numbers).count == numbers.count else {
                throw ValidationError("--custodians: two different ones at least")
            }
        }

        func run() throws {
            let numbers = try numbers()
            try KeypadTyping(bench: bench, terminal: terminal).supervisor(opener, "enter")
            let answer = try bench.ask([
                "op": "ceremony", "terminal": .string(terminal),
                "custodians": .array(numbers.map { .integer(Int64($0)) }),
            ])
            guard let bytes = answer["provisioning"]?.string.flatMap({ Hex.bytes($0) }) else {
                throw DeploymentError.refused("no keys came back")
            }
            try NewFile(file).write(bytes)
            bench.show([
                "ceremony": answer["ceremony"] ?? .null, "sheets": answer["sheets"] ?? .null,
                "checkValue": answer["checkValue"] ?? .null, "file": .string(file),
            ])
        }
    }

    /// One custodian's sheet. It has the component in clear, which is what it is for; nothing else of a ceremony has.
    struct SheetCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sheet", abstract: "Print one custodian's sheet, once.",
            discussion: """
                The custodian alone runs this and takes the paper. A sheet is handed out once; a lost one ends the \
                ceremony, and another begins.
                """)
        @Option(help: "The data directory of the running server.") var data = "data"
        @Option(help: "A file for the sheet, mode 0600, which must not be there; the standard output if not given.")
        var out: String?
        @Argument(help: "The ceremony's number.") var ceremony: UInt32
        @Argument(help: "The sheet's number, 1 and on.") var part: Int

        func run() throws {
            // Before the sheet is taken: it comes once.
            let file = try out.map { try NewFile($0) }
            let sheet: ComponentSheet
            do throws(KeyLoadingFailure) {
                sheet = try RemoteCustodian(at: HousedModule.socket(in: data)).takeSheet(part, of: ceremony)
            } catch {
                file?.remove()
                throw DeploymentError.refused(Self.sentence(error))
            }
            var text = SheetText.bytes(sheet, ceremony: ceremony)
            defer { text.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) } }
            if let file { try file.write(text) } else { FileHandle.standardOutput.write(Data(text)) }
        }

        private static func sentence(_ failure: KeyLoadingFailure) -> String {
            switch failure {
            case .refused(.noCeremony): "no such ceremony is open, or its half hour is over"
            case .refused(.noSheet): "there is no such sheet, or it was handed out"
            case .refused(let refusal): "the host's module refuses: \(refusal)"
            case .unavailable(.away):
                "the host's module has no process of its own here: start the server without --module in-process"
            case .unavailable(let error): "the host's module does not answer: \(error)"
            }
        }
    }

    struct Enter: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter with a passcode, and type a sheet's digits at the terminal's keypad.",
            discussion: "JSON: custodian, outcome: taken (and how many are missing) or formed.")
        @OptionGroup var bench: ModuleCommand.Bench
        @Argument(help: "Terminal identification.") var terminal: String
        @Option(help: "The custodian's number.") var custodian: Int

        func run() throws {
            let keypad = KeypadTyping(bench: bench, terminal: terminal)
            try keypad.supervisor(custodian, "enter")
            _ = try bench.ask(["op": "component", "terminal": .string(terminal)])
            try keypad.typeKeys("64 digits, and 6 of the check value", takesHexadecimal: true)
            guard let outcome = try keypad.outcome() else {
                _ = try bench.ask(["op": "key", "terminal": .string(terminal), "key": "cancel"])
                throw DeploymentError.refused("not 70 digits; enter again")
            }
            guard !outcome.hasPrefix("refused") else { throw DeploymentError.refused("the component is \(outcome)") }
            bench.show(["custodian": .integer(Int64(custodian)), "outcome": .string(outcome)])
        }
    }

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load the keys of a ceremony, once all custodians have typed theirs.",
            discussion: "It clears no warning.")
        @OptionGroup var bench: ModuleCommand.Bench
        @Argument(help: "Terminal identification.") var terminal: String
        @Argument(help: "The file that `begin` has written.") var file: String

        func run() throws {
            guard let bytes = FileManager.default.contents(atPath: file) else {
                throw DeploymentError.refused("\(file) cannot be read")
            }
            bench.show(
                try bench.ask([
                    "op": "loadWrapped", "terminal": .string(terminal), "provisioning": .string(Hex.text(bytes)),
                ]))
        }
    }
}
