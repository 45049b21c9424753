// SPDX-License-Identifier: Apache-2.0

/// The key block header of a token (TR-34 5.4.2): the characters of a TR-31 header, by itself. Its length field counts
/// the header; readers take any digits there, since senders disagree.
enum TransportedHeader {
    private static let countMax = 4_096

    static func text(_ header: KeyBlockHeader) throws(TR34Error) -> [UInt8] {
        do { return try header.text(payloadCount: 0) } catch { throw .header(error) }
    }

    static func header(_ text: [UInt8]) throws(TR34Error) -> KeyBlockHeader {
        guard (KeyBlockHeader.fixedCount...countMax).contains(text.count),
            text[1..<5].allSatisfy({ (0x30...0x39).contains($0) })
        else { throw .malformed("key block header") }
        guard let version = KeyBlockVersion(rawValue: String(decoding: text[..<1], as: UTF8.self)) else {
            throw .malformed("version of the key block header")
        }
        // Nothing is encrypted behind this header, so its optional blocks need not fill whole blocks, as those of
        // version E never do.
        var count = Array(String(text.count).utf8)
        while count.count < 4 { count.insert(0x30, at: 0) }
        let (header, end): (KeyBlockHeader, Int)
        do {
            (header, end) = try KeyBlockHeader.read(Array(KeyBlockVersion.e.rawValue.utf8) + count + text[5...])
        } catch { throw .header(error) }
        guard end == text.count else { throw .malformed("key block header") }
        guard header.exportability.name != nil else {
            throw .header(.malformed(offset: 11, expected: "an exportability E, N or S"))
        }
        var result = header
        result.version = version
        return result
    }

    /// What the key is for, as far as lengths and strength go.
    static func algorithm(_ header: KeyBlockHeader) throws(TR34Error) -> KeyAlgorithm {
        guard [.tdes, .aes, .hmac].contains(header.algorithm) else { throw .unsupportedAlgorithm("key") }
        return header.algorithm
    }
}
