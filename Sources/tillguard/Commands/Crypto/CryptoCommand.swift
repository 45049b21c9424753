// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct CryptoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crypto",
        abstract: "Calculators of payment cryptography, and known answers.",
        discussion: """
            For test keys. Keys and data are hexadecimal in either case, spaces allowed. What stands on a \
            command line is \
            kept by the shell and seen by every process: wherever a value is taken, @FILE reads it from a file and - \
            from a line of the standard input (asked for without echo on a terminal).

            A calculator prints check values, never a key, but for the two that split keys; a clear PIN only with \
            --show-pin. --json prints one object; each command's help names its members.

            Exit codes: 0 done, 1 refused or not verified, 64 wrong input.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "PINs and cards",
                subcommands: [
                    PINBlockCommand.self, PVVCommand.self, OffsetCommand.self, NaturalPINCommand.self, CVVCommand.self,
                    CAVVCommand.self, DCVVCommand.self, CVC3Command.self, CSCCommand.self,
                ]),
            CommandGroup(
                name: "Transactions",
                subcommands: [
                    DUKPTCommand.self, MACCommand.self, ARQCCommand.self, ARPCCommand.self, SignOnCommand.self,
                ]),
            CommandGroup(
                name: "Keys",
                subcommands: [
                    KCVCommand.self, KeyBlockCommand.self, ComponentsCommand.self, SharesCommand.self,
                    GenerateCommand.self, TR34Command.self,
                ]),
            CommandGroup(
                name: "Primitives and proof",
                subcommands: [CipherCommand.self, HashCommand.self, RandomCommand.self, VectorsCommand.self]),
        ])
}
