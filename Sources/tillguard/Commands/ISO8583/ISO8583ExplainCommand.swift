// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ISO8583Tools
import Vocabulary

struct ISO8583ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "A message field by field, in words.",
        discussion: """
            Example: tillguard iso8583 explain @message.hex --spec unionpay-pos

            JSON: spec, framing, transaction (zh, en), fields (path, zh, en, offset, length, value, meaning, \
            parts), mac (field, from, to), findings (severity, path, offset, text). With --pcap an array of them, each \
            with packet, source and destination.
            """)
    @OptionGroup var output: CryptoOutput
    @OptionGroup var options: MessageOptions
    @OptionGroup var source: MessageSource

    func run() throws {
        let messages = try source.messages(options)
        let explanations = messages.map { ($0.place, MessageExplanation($0.frame, spec: $0.spec)) }
        if output.json {
            let list = explanations.map { place, explanation in place?.labelled(explanation.json) ?? explanation.json }
            let json = source.pcap == nil ? list[0] : .array(list)
            LineWriter.output.write(json.text + "\n")
            return
        }
        for (place, explanation) in explanations {
            let lines = (place.map { [$0.label] } ?? []) + explanation.lines
            LineWriter.output.write(lines.map { $0 + "\n" }.joined())
        }
    }
}
