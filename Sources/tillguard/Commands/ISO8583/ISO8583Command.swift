// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct ISO8583Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iso8583",
        abstract: "Tools for ISO 8583 messages, and known answers.",
        discussion: """
            Messages are hexadecimal in either case, spaces allowed; @FILE reads them from a file and - from the \
            standard input. Framing and specification are found by trying where they are not named.

            Account numbers are shown with six and four digits, tracks up to the separator; PIN blocks and keys never. \
            --json prints one object or array; each command's help names its members.

            Exit codes: 0 done, 1 an error was found or something differs, 64 wrong input.
            """,
        subcommands: [
            ISO8583ExplainCommand.self, ISO8583SniffCommand.self, ISO8583LintCommand.self, ISO8583DiffCommand.self,
            ISO8583VectorsCommand.self,
        ])
}
