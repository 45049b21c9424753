// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A field as a tool may show it.
public struct MaskedField: Equatable, Sendable {
    /// Its number.
    public var field: Int
    /// Its name in the specification.
    public var name: String
    /// What may be shown.
    public var value: String

    public init(field: Int, name: String, value: String) {
        self.field = field
        self.name = name
        self.value = value
    }
}

/// Shows messages to people without what they must not see: no whole account number, no track data behind it, no PIN
/// block, no chip data.
public enum Masking {
    /// More bytes of an open binary field are not shown.
    static let shownBytesMax = 32
    /// A number shorter than this would have too few digits left to hide; PCI DSS 3.4 allows six and four to show.
    static let panDigitsMin = 13

    /// The fields of a message in ascending order, sensitive ones masked as their specification says.
    public static func masked(_ view: MessageView) -> [MaskedField] {
        view.fields.fields.map { field in
            MaskedField(field: field, name: view.spec.name(of: field), value: value(of: field, in: view))
        }
    }

    static func value(of field: Int, in view: MessageView) -> String {
        guard let layout = view.layout(of: field), let bytes = view.bytes(field) else { return "" }
        switch layout.sensitivity {
        case .secret:
            guard layout.content.isBERTLV else { return "[\(bytes.count) bytes]" }
            return view.elements(of: field).map { "\($0.tagText) [\($0.range.count)]" }
                .joined(separator: " ")
        case .pan: return view.text(field).map { masked(pan: $0) } ?? "[\(bytes.count) bytes]"
        case .track: return view.text(field).map { masked(track: $0) } ?? "[\(bytes.count) bytes]"
        case .none:
            if let text = view.text(field) { return text }
            let shown = Hex.text(bytes.prefix(shownBytesMax))
            return bytes.count > shownBytesMax ? "\(shown)… [\(bytes.count) bytes]" : shown
        }
    }

    /// The first six and last four characters of an account number, stars between; stars alone for short ones.
    public static func masked(pan: String) -> String {
        let count = pan.utf8.count
        guard count >= panDigitsMin else { return String(repeating: "*", count: count) }
        return "\(pan.prefix(6))\(String(repeating: "*", count: count - 10))\(pan.suffix(4))"
    }

    /// The account number of track 2 masked, stars behind the separator.
    static func masked(track: String) -> String {
        guard let separator = track.firstIndex(where: { $0 == "=" || $0 == "D" }) else { return masked(pan: track) }
        let hidden = track[track.index(after: separator)...].utf8.count
        return masked(pan: String(track[..<separator])) + "\(track[separator])" + String(repeating: "*", count: hidden)
    }
}
