// SPDX-License-Identifier: Apache-2.0

/// How the value of a composite field is divided.
struct CompositeSpec: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        /// One behind the other, in the order of the table; the value may end behind any from the `required`-th on.
        case positional(required: Int)
        /// Announced by a bitmap of that many bytes.
        case bitmapped(encoding: FieldSpec.Encoding, bytes: Int)
        /// Tag, length and value, in any order.
        case tagged(TaggedForm)
    }

    /// Tags and lengths of fixed width.
    struct TaggedForm: Sendable, Equatable {
        var tagEncoding: FieldSpec.Encoding
        /// Bytes of a tag.
        var tagBytes: Int
        /// The prefix before each value; its maximum is the longest value.
        var length: FieldSpec
        /// Whether tags that the table does not have are kept; otherwise they are an error.
        var keepsUnknown: Bool
    }

    /// One subfield.
    struct Part: Sendable, Equatable {
        /// Its number, position from 1, or tag as text.
        var key: String
        var name: FieldName
        var layout: FieldSpec
    }

    var form: Form
    /// In their order; ascending numbers for a bitmap.
    var parts: [Part]
    /// Whether bytes or digits behind the last position are kept; otherwise they are an error.
    var keepsRest: Bool
    /// Whether positions count the parent's characters, which keep its encoding, and not bytes of their own.
    var countsCharacters: Bool
}

/// What a field is called, for people.
public struct FieldName: Equatable, Sendable {
    /// In Chinese.
    public var zh: String
    /// In English.
    public var en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }
}
