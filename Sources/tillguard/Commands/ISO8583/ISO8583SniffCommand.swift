// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ISO8583Tools
import Vocabulary

struct ISO8583SniffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sniff", abstract: "What framing and specification bytes may have, and why.",
        discussion: """
            Every framing and every specification is tried. The likeliest come first, each with what speaks for it (+) \
            and what contradicts it (-). Exit 1 when no framing fits.

            Example: tillguard iso8583 sniff @message.hex

            JSON: an array, each with framing, spec, score, reasons, contradictions.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var options: MessageOptions
    @Option(help: "How many guesses to print.") var count = 3
    @Argument(help: "The message in hexadecimal, @FILE or - for the standard input.")
    var message: MessageArgument

    func validate() throws {
        guard count > 0 else { throw ValidationError("--count: expected 1 or more") }
    }

    func run() throws {
        let bytes = try message.bytes()
        let specifications = try options.specifications()
        let guesses: [MessageGuess]
        do throws(MessageInputError) {
            guesses = MessageGuess.all(
                bytes, specs: try MessageInput.specs(options.spec, specifications),
                layouts: try MessageInput.layouts(options.framing))
        } catch {
            throw ValidationError("\(error)")
        }
        let shown = guesses.prefix(count)
        if output.json {
            LineWriter.output.write(JSON.array(shown.map(\.json)).text + "\n")
        } else {
            LineWriter.output.write(shown.flatMap(\.lines).map { $0 + "\n" }.joined())
        }
        if shown.isEmpty { throw ExitCode(1) }
    }
}
