// SPDX-License-Identifier: Apache-2.0

extension Masking {
    /// The text of a part as a tool may show it: what is inside a sensitive field is masked as the field is.
    public static func masked(_ part: Message.Part) -> String {
        switch part.sensitivity {
        case .none: part.text
        case .pan: masked(pan: part.text)
        case .track: masked(track: part.text)
        case .secret: "[\(part.bytes.count) bytes]"
        }
    }
}
