// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ISO8583
import ISO8583Tools
import Vocabulary

struct ISO8583DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Two messages field by field.",
        discussion: """
            A line for each field that is only in the first (-), only in the second (+) or another (~). Secrets are \
            compared and not shown. Exit 1 when something differs.

            Example: tillguard iso8583 diff @request.hex @answer.hex

            JSON: changes (path, zh, en, left, right), same.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var options: MessageOptions
    @Argument(help: "The first message in hexadecimal, @FILE or - for the standard input.")
    var left: MessageArgument
    @Argument(help: "The second message.")
    var right: MessageArgument

    func run() throws {
        let (first, second) = (try options.read(left), try options.read(right))
        let difference: MessageDifference
        do throws(DecodeError) {
            difference = try MessageDifference(
                first.frame, second.frame, leftSpec: first.spec, rightSpec: second.spec)
        } catch { throw ValidationError("\(error)") }
        let lines = output.json ? [difference.json.text] : difference.lines
        LineWriter.output.write(lines.map { $0 + "\n" }.joined())
        if !difference.changes.isEmpty { throw ExitCode(1) }
    }
}
