// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// What stands before a message in a piece of bytes, by name: `body` for nothing, else parts joined by `+`, such as
/// `len2+tpdu5+header6`.
///
/// | Word | Meaning |
/// | --- | --- |
/// | `len2`, `len3`, `len4` | length, binary, big-endian |
/// | `len2bcd`, `len4ascii`, `len4hex` | length in packed, decimal or hexadecimal digits |
/// | `visa4` | the four bytes of Visa |
/// | `incl` | the length counts itself |
/// | `tpdu5` | addresses |
/// | `header6` | header of that many bytes, 1 to 255 |
public struct FrameLayout: Equatable, Sendable, CustomStringConvertible {
    /// How the length is written; nil without one.
    public var length: Framing.Length?
    /// Whether the length counts its own bytes.
    public var countsItself = false
    /// Whether addresses stand behind the length.
    public var hasTPDU = false
    /// Bytes of the header behind them.
    public var headerBytes = 0

    /// The message alone.
    public static let body = FrameLayout()

    private init() {}

    private init(_ length: Framing.Length?, incl: Bool, tpdu: Bool, header: Int) {
        self.length = length
        countsItself = incl
        hasTPDU = tpdu
        headerBytes = header
    }

    private static let words: [(words: [String], length: Framing.Length)] = [
        (["len2", "len2be", "len2binary", "len2bin"], .binary2), (["len3", "len3be", "len3binary"], .binary3),
        (["len4", "len4be", "len4binary", "len4bin"], .binary4), (["len2bcd", "bcd2"], .bcd2),
        (["len4ascii", "ascii4", "len4asciidecimal", "len4dec"], .ascii4),
        (["len4hex", "hex4", "len4asciihex", "len4hexascii"], .hex4), (["visa4", "vmlh", "len4visa"], .visa4),
    ]

    /// - Returns: nil for words that name no layout.
    public init?(_ name: some StringProtocol) {
        guard name != "body" else { return }
        var stage = 0
        for part in name.lowercased().split(separator: "+", omittingEmptySubsequences: false) {
            let word = String(part.filter { $0 != "-" && $0 != "_" && $0 != " " })
            if let found = Self.words.first(where: { $0.words.contains(word) }) {
                guard stage == 0 else { return nil }
                (length, stage) = (found.length, 1)
            } else if word == "incl" || word == "inclusive" {
                guard stage == 1 else { return nil }
                (countsItself, stage) = (true, 2)
            } else if word == "tpdu5" || word == "tpdu" {
                guard stage <= 2 else { return nil }
                (hasTPDU, stage) = (true, 3)
            } else if let count = Self.count(word, after: ["header", "lri"]) {
                guard stage <= 4, headerBytes + count <= Framing.headerBytesMax else { return nil }
                headerBytes += count
                stage = 4
            } else if word != "body" {
                return nil
            }
        }
    }

    private static func count(_ word: String, after starts: [String]) -> Int? {
        guard let start = starts.first(where: { word.hasPrefix($0) }),
            let count = Int(word.dropFirst(start.utf8.count)), 1...Framing.headerBytesMax ~= count
        else { return nil }
        return count
    }

    /// The name.
    public var description: String {
        var parts: [String] = []
        if let length { parts += Self.words.filter { $0.length == length }.map { $0.words[0] } }
        if countsItself { parts.append("incl") }
        if hasTPDU { parts.append("tpdu5") }
        if headerBytes > 0 { parts.append("header\(headerBytes)") }
        return parts.isEmpty ? "body" : parts.joined(separator: "+")
    }

    /// The layouts that are tried on unknown bytes, the plainest first.
    public static let usual: [FrameLayout] = {
        let leads = [(false, 0), (true, 0), (true, 6), (false, 12)]
        let lengths: [(Framing.Length?, Bool)] =
            [(nil, false)] + [false, true].flatMap { incl in Framing.Length.allCases.map { ($0, incl) } }
        return lengths.flatMap { length in
            leads.map { FrameLayout(length.0, incl: length.1, tpdu: $0.0, header: $0.1) }
        }
    }()

    /// The same as a stream has it; nil for a layout without a length, which no stream can have.
    public var framing: Framing? {
        length.map { Framing($0, countsItself: countsItself, hasTPDU: hasTPDU, headerBytes: headerBytes) }
    }

    /// Bytes before the message.
    public var leadBytes: Int { (length?.count ?? 0) + (hasTPDU ? TPDU.count : 0) + headerBytes }

    /// Takes the bytes apart. That the length is the one it should be is `OpenedFrame.isExact`.
    public func open(_ bytes: [UInt8]) throws(FrameFault) -> OpenedFrame {
        guard bytes.count >= leadBytes else { throw .tooShort(needed: leadBytes, found: bytes.count) }
        var frame = OpenedFrame(layout: self, body: Array(bytes[leadBytes...]))
        var offset = 0
        if let length, let framing {
            guard let announced = framing.length(in: bytes.span, at: 0) else { throw .badLength }
            frame.announced = announced.count + (countsItself ? length.count : 0)
            frame.isExact = announced.count == bytes.count - length.count
            offset = length.count
        }
        if hasTPDU {
            frame.tpdu = TPDU(bytes[offset..<offset + TPDU.count])
            offset += TPDU.count
        }
        frame.header = Array(bytes[offset..<leadBytes])
        return frame
    }
}

/// Why bytes do not have a layout.
public enum FrameFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Fewer bytes than stand before a message.
    case tooShort(needed: Int, found: Int)
    /// Bytes that are no length in this layout.
    case badLength

    public var description: String {
        switch self {
        case .tooShort(let needed, let found): "\(needed) bytes stand before the message, and there are \(found)"
        case .badLength: "the length is none in this framing"
        }
    }
}

/// Bytes taken apart by a layout.
public struct OpenedFrame: Equatable, Sendable {
    public let layout: FrameLayout
    /// What the length says; nil without one.
    public var announced: Int?
    /// Whether the length is that of the bytes behind it; true without one.
    public var isExact = true
    public var tpdu: TPDU?
    public var header: [UInt8] = []
    /// The message.
    public var body: [UInt8]

    init(layout: FrameLayout, body: [UInt8]) {
        self.layout = layout
        self.body = body
    }
}
