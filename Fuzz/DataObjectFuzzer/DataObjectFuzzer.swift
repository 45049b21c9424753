// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import ISO8583

/// BER-TLV data objects as field 55, any bytes: what is taken is cut into objects that lie inside one another without
/// gaps but zeros, and a tree of the same bytes; a second walk written by the standard takes the same.
@main
enum DataObjectFuzzer {
    static let spec = MessageSpec.iso8583_1987_binary

    static func main() {
        fuzz { start, count in
            let value = Array(UnsafeRawBufferPointer(start: start, count: min(count, 255)))
            guard !value.isEmpty else { return 0 }
            // 0200, a bitmap with field 55 alone, and a length of three packed digits.
            let length = [UInt8(value.count / 100), UInt8(value.count / 10 % 10) << 4 | UInt8(value.count % 10)]
            let bytes = [0x02, 0x00, 0, 0, 0, 0, 0, 0, 0x02, 0] + length + value
            let lint = MessageView.lint(bytes, spec: DataObjectFuzzer.spec)
            guard let view = lint.view, view.has(55) else { stop("field 55 is not found") }
            DataObjectFuzzer.check(view.tlv(55), depth: 1)
            let isSound = !lint.findings.contains { $0.path.hasPrefix("55") }
            hold(isSound == DataObjectFuzzer.model(value[...], depth: 1), "not as EMV's rules read it")
            hold((try? Message(view).encoded()) == bytes, "other bytes from the tree")
            return 0
        }
    }

    private static func check(_ objects: TLVView, depth: Int) {
        var end = objects.range.lowerBound
        for element in objects.elements {
            hold(
                element.range.lowerBound >= end + 2 && element.range.upperBound <= objects.range.upperBound,
                "an object outside")
            end = element.range.upperBound
            hold(objects.value(of: element).count == element.range.count, "another value")
            hold(objects.first(element.tag) != nil, "a tag that is there is not found")
            if element.isConstructed, depth <= 8 { check(objects.nested(in: element), depth: depth + 1) }
        }
    }

    // MARK: - The rules, step by step

    /// Whether the bytes are whole data objects: EMV 4.3 Book 3 Annex B, eight levels, lengths of one to three bytes.
    private static func model(_ bytes: ArraySlice<UInt8>, depth: Int) -> Bool {
        var rest = bytes
        while let first = rest.popFirst() {
            if first == 0 { continue }
            var tag = [first]
            if first & 0x1F == 0x1F {
                repeat {
                    guard tag.count < 4, let next = rest.popFirst() else { return false }
                    tag.append(next)
                } while tag[tag.count - 1] & 0x80 != 0
            }
            guard let head = rest.popFirst() else { return false }
            var length = Int(head)
            if head & 0x80 != 0 {
                guard head == 0x81 || head == 0x82, rest.count >= Int(head & 3) else { return false }
                length = 0
                for _ in 0..<Int(head & 3) { length = length << 8 | Int(rest.popFirst() ?? 0) }
            }
            guard rest.count >= length, lengths[tag].map({ $0 == length }) ?? true else { return false }
            if first & 0x20 != 0 {
                guard depth < 8, model(rest.prefix(length), depth: depth + 1) else { return false }
            }
            rest = rest.dropFirst(length)
        }
        return true
    }

    /// Lengths that EMV 4.3 Book 3 Annex A fixes.
    private static let lengths: [[UInt8]: Int] = [
        [0x9C]: 1, [0x9F, 0x27]: 1, [0x9F, 0x35]: 1, [0x5F, 0x34]: 1, [0x82]: 2, [0x5F, 0x2A]: 2, [0x9F, 0x1A]: 2,
        [0x9F, 0x36]: 2, [0x9F, 0x09]: 2, [0x9A]: 3, [0x9F, 0x33]: 3, [0x9F, 0x34]: 3, [0x9F, 0x37]: 4, [0x95]: 5,
        [0x9F, 0x02]: 6, [0x9F, 0x03]: 6, [0x9F, 0x26]: 8,
    ]
}
