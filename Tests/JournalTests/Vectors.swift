// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

/// Reads a golden file: hexadecimal digits, with line breaks and lines that begin with `#` left out.
func goldenBytes(_ name: String) throws -> [UInt8] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/journal/\(name)")
    let text = try String(contentsOf: file, encoding: .utf8)
    let digits = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined()
    guard let bytes = Hex.bytes(digits) else { throw CocoaError(.fileReadCorruptFile) }
    return bytes
}

/// Records of uneven lengths, among them empty ones.
func someRecords(_ count: Int, _ random: inout SeededRandom, bytesMax: Int = 40) -> [[UInt8]] {
    (0..<count).map { _ in random.bytes(random.below(bytesMax + 1)) }
}
