// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a form or a JSON body carries: names and their texts.
struct Fields: Sendable {
    /// More fields than any page has.
    static let fieldsMax = 64

    private var values: [(name: String, value: String)] = []

    /// Reads `application/x-www-form-urlencoded`.
    /// - Returns: nil for broken percent-encoding, bytes that are no UTF-8, or too many fields.
    init?(form bytes: some Sequence<UInt8>) {
        for pair in Array(bytes).split(separator: 0x26, omittingEmptySubsequences: true) {
            guard values.count < Self.fieldsMax else { return nil }
            let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = parts.count == 2 ? Self.decode(parts[1]) : "" else {
                return nil
            }
            values.append((name, value))
        }
    }

    /// Reads a JSON object whose members are texts, numbers, truths or lists of texts; no bytes are an empty object.
    init?(json bytes: [UInt8]) {
        if bytes.isEmpty { return }
        guard let root = try? JSON(parsing: bytes), let members = root.members, members.count <= Self.fieldsMax else {
            return nil
        }
        for member in members {
            switch member.value {
            case .string(let text): values.append((member.name, text))
            case .integer(let number): values.append((member.name, String(number)))
            case .bool(let truth): values.append((member.name, truth ? "yes" : ""))
            case .array(let list): for case .string(let text) in list { values.append((member.name, text)) }
            case .null: break
            case .double, .object: return nil
            }
        }
    }

    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case 0x2B: output.append(0x20)
            case 0x25:
                guard bytes.endIndex - index > 2,
                    let byte = Hex.bytes(String(decoding: bytes[index + 1...index + 2], as: UTF8.self)), byte.count == 1
                else { return nil }
                output.append(byte[0])
                index += 2
            default: output.append(bytes[index])
            }
            index += 1
        }
        return String(validating: output, as: UTF8.self)
    }
}
