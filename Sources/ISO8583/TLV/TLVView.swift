// SPDX-License-Identifier: Apache-2.0

/// The BER-TLV data objects of a field, or inside a constructed one, where they lie in the message.
public struct TLVView: Sendable {
    /// The whole message.
    public let bytes: [UInt8]
    /// Where the data objects lie in it.
    public let range: Range<Int>

    /// The value of the first data object with that tag, looked for inside constructed ones too; nil without it.
    public func first(_ tag: UInt32) -> ArraySlice<UInt8>? {
        find(tag, in: range).map { bytes[$0] }
    }

    /// The data objects of this level, in their order.
    public var elements: [BERTLVElement] {
        var elements: [BERTLVElement] = []
        var walk = BERTLVWalk(offset: range.lowerBound, end: range.upperBound, content: .berTLV)
        // A view is made of bytes that decoding has walked, or has reported.
        while let element = try? walk.next(in: bytes.span) { elements.append(element) }
        return elements
    }

    /// The data objects inside a constructed one.
    public func nested(in element: BERTLVElement) -> TLVView { TLVView(bytes: bytes, range: element.range) }

    /// The value of a data object of this message.
    public func value(of element: BERTLVElement) -> ArraySlice<UInt8> { bytes[element.range] }

    private func find(_ tag: UInt32, in range: Range<Int>) -> Range<Int>? {
        var walk = BERTLVWalk(offset: range.lowerBound, end: range.upperBound, content: .berTLV)
        while let element = try? walk.next(in: bytes.span) {
            if element.tag == tag { return element.range }
            // Decoding has bounded the depth.
            if element.isConstructed, let inner = find(tag, in: element.range) { return inner }
        }
        return nil
    }
}
