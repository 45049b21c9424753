// SPDX-License-Identifier: Apache-2.0

/// The little of DER (ITU-T X.690) that signatures on curves and SM2 ciphertexts are made of.
enum DER {
    /// An INTEGER that is not negative.
    static func integer(_ number: some Collection<UInt8>) -> [UInt8] {
        var content = Array(number.drop { $0 == 0 })
        if content.first.map({ $0 >= 0x80 }) ?? true { content.insert(0, at: 0) }
        return element(0x02, content)
    }

    /// An OCTET STRING.
    static func octets(_ bytes: some Collection<UInt8>) -> [UInt8] { element(0x04, Array(bytes)) }

    /// A SEQUENCE of finished elements.
    static func sequence(_ elements: [[UInt8]]) -> [UInt8] { element(0x30, elements.flatMap { $0 }) }

    /// `r ‖ s` of 32 bytes each as a SEQUENCE of two INTEGERs (RFC 3279 2.2.3).
    static func signature(_ raw: [UInt8]) -> [UInt8] { sequence([integer(raw[..<32]), integer(raw[32...])]) }

    /// The inverse of `signature(_:)`; nil for another structure, and for numbers of more than 32 bytes.
    static func rawSignature(_ text: [UInt8]) -> [UInt8]? {
        guard let numbers = readSequence(text), numbers.count == 2, numbers.allSatisfy({ $0.count <= 32 }) else {
            return nil
        }
        return numbers.flatMap(SM2.padded)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }

    /// The contents of a SEQUENCE's elements; integers without their leading zeros.
    static func readSequence(_ bytes: [UInt8]) -> [[UInt8]]? {
        var offset = 0
        guard let whole = readElement(bytes, &offset), whole.tag == 0x30, offset == bytes.count else { return nil }
        var output: [[UInt8]] = []
        offset = 0
        while offset < whole.content.count {
            guard let part = readElement(whole.content, &offset) else { return nil }
            output.append(part.tag == 0x02 ? Array(part.content.drop { $0 == 0 }) : part.content)
        }
        return output
    }

    private static func readElement(_ bytes: [UInt8], _ offset: inout Int) -> (tag: UInt8, content: [UInt8])? {
        guard bytes.count - offset >= 2 else { return nil }
        let tag = bytes[offset]
        var count = Int(bytes[offset + 1])
        offset += 2
        if count >= 0x80 {
            let digits = count & 0x7F
            guard (1...3).contains(digits), bytes.count - offset >= digits else { return nil }
            count = bytes[offset..<offset + digits].reduce(0) { $0 << 8 | Int($1) }
            offset += digits
        }
        guard bytes.count - offset >= count else { return nil }
        defer { offset += count }
        return (tag, Array(bytes[offset..<offset + count]))
    }
}
