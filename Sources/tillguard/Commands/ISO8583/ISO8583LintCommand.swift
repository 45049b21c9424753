// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ISO8583Tools
import Vocabulary

struct ISO8583LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Everything that is wrong or odd about a message.",
        discussion: """
            What the layout refuses and what the transaction's rule misses are errors; lengths longer than need be, \
            fields that the transaction does not have, and dates that do not exist are warnings. Exit 1 for an error.

            Example: tillguard iso8583 lint @message.hex --spec unionpay-pos

            JSON: an array of severity, path, offset, text. With --pcap an array of packet, source, destination and \
            findings.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var options: MessageOptions
    @OptionGroup var source: MessageSource

    func run() throws {
        let messages = try source.messages(options)
        let all = messages.map { ($0.place, MessageFindings($0.frame, spec: $0.spec)) }
        if output.json {
            let list = all.map { place, findings in
                place?.labelled(.object([.init("findings", findings.json)])) ?? findings.json
            }
            let json = source.pcap == nil ? list[0] : .array(list)
            LineWriter.output.write(json.text + "\n")
        } else {
            for (place, findings) in all {
                let lines = (place.map { [$0.label] } ?? []) + findings.lines
                LineWriter.output.write(lines.map { $0 + "\n" }.joined())
            }
        }
        if all.contains(where: { $0.1.hasErrors }) { throw ExitCode(1) }
    }
}
