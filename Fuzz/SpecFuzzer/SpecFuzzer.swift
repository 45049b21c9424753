// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import ISO8583
import Vocabulary

/// Specification files, any text and changed sound ones: they load or every problem is told; what loads reads any bytes
/// without a stop, and what it reads it writes.
@main
enum SpecFuzzer {
    /// What may replace a member's value.
    private static let words: [JSON] =
        [
            "ascii", "bcd", "ebcdic", "binary", "hexascii", "sign+bcd", "fixed", "L", "LL", "LLLLLL", "n", "b", "x+n",
            "z", "ans", "utf8", "digit", "byte", "nibble", "left:0", "right:F", "ber-tlv", "emv", "rest", "keep",
        ] + [0, 1, 7, 64, 128, 192, 999, 65_535, -1, .integer(.max), .null, .bool(true), .array([]), .object([])]

    static func main() {
        fuzz { start, count in
            var input = FuzzInput(start, count)
            let message = input.bytes(input.number(below: 80))
            let changes = input.number(below: 5)
            let places = (0..<changes).map { _ in (input.number(below: 4_000), input.element(SpecFuzzer.words)) }
            var text = input.rest()
            if changes > 0, var document = try? JSON(parsing: text) {
                for (place, word) in places {
                    var left = place
                    document = SpecFuzzer.replaced(document, &left, word)
                }
                text = Array(document.text.utf8)
            }
            do throws(SpecError) {
                for spec in try MessageSpec.all(json: text) { SpecFuzzer.read(message, spec) }
            } catch {
                hold(!error.problems.isEmpty, "refused without a problem")
            }
            return 0
        }
    }

    /// The value with its `place`-th leaf replaced.
    private static func replaced(_ value: JSON, _ place: inout Int, _ word: JSON) -> JSON {
        switch value {
        case .object(let members):
            var changed: [JSON.Member] = []
            for member in members { changed.append(.init(member.name, replaced(member.value, &place, word))) }
            return .object(changed)
        case .array(let values):
            var changed: [JSON] = []
            for value in values { changed.append(replaced(value, &place, word)) }
            return .array(changed)
        default:
            place -= 1
            return place == -1 ? word : value
        }
    }

    private static func read(_ bytes: [UInt8], _ spec: MessageSpec) {
        let lint = MessageView.lint(bytes, spec: spec)
        if lint.isComplete, let view = lint.view {
            hold((try? Message(view).encoded()) == bytes, "another message after decoding and encoding")
        }
        var builder = MessageBuilder(.financialRequest, spec: spec)
        for field in spec.definedFields.fields.prefix(8) where !spec.macFields.contains(field) {
            builder.set(field, number: 1)
        }
        guard let encoded = try? builder.encode() else { return }
        hold((try? MessageView(encoded.bytes, spec: spec)) != nil, "what was encoded is refused")
    }
}
