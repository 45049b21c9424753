// SPDX-License-Identifier: Apache-2.0

/// One BER-TLV data object of a chip data field, by position (EMV 4.3 Book 3 Annex B).
public struct BERTLVElement: Equatable, Sendable {
    /// The tag's bytes as they stand, `0x9F26` or `0x82`.
    public let tag: UInt32
    /// The value's bytes in the message.
    public let range: Range<Int>
    /// Where the tag begins and, behind it, the length.
    let start: Int

    /// Whether the value is made of data objects itself: bit 6 of the first byte of the tag.
    public let isConstructed: Bool

    /// The tag in upper-case hexadecimal, `9F26`.
    public var tagText: String { BERTLVWalk.text(tag) }
}
