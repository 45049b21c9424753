// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Why a tool cannot work on what it was given.
public enum MessageInputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No bytes at all.
    case empty
    /// A character that is no hexadecimal digit, from 1; an odd number of digits.
    case notHex(character: Int)
    case oddDigits(Int)
    /// More bytes than any framing and message have.
    case tooLong(Int)
    /// No framing has that name.
    case unknownFraming(String)
    /// No specification has that name; those that there are.
    case unknownSpec(String, known: [String])
    /// The specification of that name is broken.
    case brokenSpec(SpecError)
    /// The bytes do not have the framing.
    case frame(FrameFault)
    /// No framing and specification reads anything of the bytes.
    case unreadable

    public var description: String {
        switch self {
        case .empty: "no bytes"
        case .notHex(let character): "expected hexadecimal digits, character \(character) is none"
        case .oddDigits(let count): "expected two hexadecimal digits a byte, got \(count) digits"
        case .tooLong(let count): "\(count) bytes, expected at most \(MessageInput.bytesMax)"
        case .unknownFraming(let name): "no framing is called \"\(name)\""
        case .unknownSpec(let name, let known):
            "no specification is called \"\(name)\", known are \(known.joined(separator: ", "))"
        case .brokenSpec(let error): "the specification is broken: \(error)"
        case .frame(let fault): "\(fault)"
        case .unreadable: "no framing and specification reads these bytes"
        }
    }
}

/// A message as somebody hands it to a tool: bytes, and perhaps the names of its framing and specification. What is not
/// named is found by trying.
public struct MessageInput: Sendable {
    /// Longer inputs are refused.
    public static let bytesMax = 70_000

    public let frame: OpenedFrame
    public let spec: MessageSpec

    public init(
        _ bytes: [UInt8], framing: String? = nil, spec name: String? = nil, library: SpecLibrary = SpecLibrary()
    ) throws(MessageInputError) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.bytesMax else { throw .tooLong(bytes.count) }
        let layouts = try Self.layouts(framing)
        let specs = try Self.specs(name, library)
        if let layout = layouts.first, layouts.count == 1, let spec = specs.first, specs.count == 1 {
            do { frame = try layout.open(bytes) } catch { throw .frame(error) }
            self.spec = spec
            return
        }
        guard let guess = MessageGuess.all(bytes, specs: specs, layouts: layouts).first,
            let frame = try? guess.layout.open(bytes)
        else { throw .unreadable }
        self.frame = frame
        self.spec = guess.spec
    }

    /// The bytes that hexadecimal digits of either case stand for; white space and colons between them do not count.
    public static func bytes(hex text: some Sequence<UInt8>) throws(MessageInputError) -> [UInt8] {
        var digits: [UInt8] = []
        for (index, character) in text.enumerated() where ![0x20, 0x09, 0x0A, 0x0D, 0x3A].contains(character) {
            switch character {
            case 0x30...0x39, 0x41...0x46, 0x61...0x66: digits.append(character)
            default: throw .notHex(character: index + 1)
            }
            guard digits.count <= 2 * bytesMax else { throw .tooLong(digits.count / 2) }
        }
        guard let bytes = Hex.bytes(String(decoding: digits, as: UTF8.self)) else { throw .oddDigits(digits.count) }
        return bytes
    }

    /// The framing of that name; without one all that are tried.
    public static func layouts(_ name: String?) throws(MessageInputError) -> [FrameLayout] {
        guard let name else { return FrameLayout.usual }
        guard let layout = FrameLayout(name) else { throw .unknownFraming(name) }
        return [layout]
    }

    /// The specification of that name; without one all that are tried.
    public static func specs(
        _ name: String?, _ library: SpecLibrary
    ) throws(MessageInputError) -> [MessageSpec] {
        guard let name else { return library.all }
        let found: MessageSpec?
        do { found = try library.spec(named: name) } catch { throw .brokenSpec(error) }
        guard let found else { throw .unknownSpec(name, known: library.all.map(\.name)) }
        return [found]
    }
}
