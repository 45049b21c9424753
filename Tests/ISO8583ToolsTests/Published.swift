// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ISO8583Tools
import Vocabulary

/// A published message as a tool is handed it.
struct Published: Sendable, CustomStringConvertible {
    let id: String
    let bytes: [UInt8]
    let input: MessageInput
    /// Values that no output may hold: whole account numbers, what stands behind a track's separator, PIN blocks, keys.
    let secrets: [String]
    var description: String { id }

    static let messages = load("messages-unionpay") + load("messages-international")
    static let malformed = load("malformed")
    static let all = messages + malformed

    private static func load(_ file: String) -> [Published] {
        ((try? TreeFile.vectors(file)) ?? []).compactMap { vector in
            guard let hex = vector["hex"]?.string, let bytes = Hex.bytes(hex), let frame = vector["frame"]?.string,
                let spec = vector["spec"]?.string,
                let input = try? MessageInput(bytes, framing: frame, spec: spec)
            else { return nil }
            return Published(
                id: vector["id"]?.string ?? "", bytes: bytes, input: input, secrets: secrets(vector["fields"]))
        }
    }

    private static func secrets(_ fields: JSON?) -> [String] {
        var found: [String] = []
        for field in ["2", "34", "52"] { found += [fields?[field]?.string].compactMap { $0 } }
        for field in ["35", "36", "45"] {
            let parts = (fields?[field]?.string ?? "").split { $0 == "D" || $0 == "=" }
            found += parts.map(String.init)
        }
        let isManagement = ["8"].contains(fields?["0"]?.string?.dropFirst().first.map(String.init) ?? "")
        if isManagement, let keys = fields?["62"]?.string, Hex.bytes(keys)?.count ?? 0 >= 24 {
            found.append(keys)
            found.append(String(keys.prefix(32)))
        }
        // Shorter ones occur by chance, such as a run of zeros in an amount.
        return found.filter { $0.utf8.count >= 13 && Set($0).count > 2 }
    }
}
