// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import ISO8583

/// Any bytes by every shipped specification: what is read whole encodes to the same bytes by every way of encoding;
/// lint finds first what strict reading throws, and places lie inside the message and in order.
@main
enum MessageFuzzer {
    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            let spec = input.element(MessageSpec.shipped)
            let bytes = input.rest()
            let lint = MessageView.lint(bytes, spec: spec)
            do throws(DecodeError) {
                let view = try MessageView(bytes, spec: spec)
                hold(lint.isComplete, "lint stops in what is sound")
                MessageFuzzer.check(view)
            } catch {
                hold(lint.findings.first == error, "lint finds another fault first")
                hold((0...bytes.count).contains(error.offset), "a fault outside the message")
            }
            if let view = lint.view {
                MessageFuzzer.checkPlaces(view)
                let message = Message(view)
                if lint.isComplete {
                    hold((try? message.encoded()) == bytes, "another message after decoding and encoding")
                }
                hold(Masking.masked(view).count == view.fields.count, "fields are lost when masked")
            }
            return 0
        }
    }

    private static func check(_ view: MessageView) {
        var builder = MessageBuilder(view.mti, spec: view.spec)
        for _ in 0..<2 { for field in view.fields.fields { builder.copy(field, from: view) } }
        hold((try? builder.encode())?.bytes == view.bytes, "another message when its fields are copied")
        let patch = MessagePatch(view, mti: view.mti, keeping: view.fields)
        hold((try? patch.encode())?.bytes == view.bytes, "another message when nothing is patched")
        hold((try? Message(view).builder().encode())?.bytes == view.bytes, "another message from its parts")
        if let range = view.macCoverage {
            hold(range.upperBound <= view.bytes.count, "a code covers what is not there")
        }
        _ = try? FinancialRequest(view)
        _ = try? NetworkMessage(view)
    }

    private static func checkPlaces(_ view: MessageView) {
        var end = view.bitmapRange.upperBound
        for field in view.fields.fields {
            guard let range = view.range(of: field), let layout = view.layout(of: field) else {
                stop("a field without place")
            }
            hold(range.lowerBound == end + Int(layout.prefixBytes), "a field does not follow the one before")
            end = range.upperBound
            hold(end <= view.bytes.count, "a field ends outside the message")
            _ = view.number(field)
            _ = view.text(field)
        }
    }
}
