// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

extension MessageVectorRunner {
    /// A message that must be refused: at the path, at the byte, and for what the error says.
    ///
    /// The error's own words are free text of whoever published it. What is compared of them is the kind of fault that
    /// they name and, where our error has numbers and they do too, the numbers.
    static func malformed(_ check: inout MessageVectorCheck, _ library: SpecLibrary) throws(VectorProblem) {
        let spec = try spec(&check, library)
        let frame = try frame(&check)
        check.use("error")
        guard let published = check.json["error"], published.members != nil else {
            throw VectorProblem("\"error\" is missing")
        }
        guard let found = fault(of: frame.body, spec) else { throw VectorProblem("the message is not refused") }
        let path = published["path"]?.string ?? ""
        check.compare(found.path == path, "error: expected at \"\(path)\", found \(found)")
        if let offset = published["offset"]?.integer {
            let own = Int64(found.offset + frame.layout.leadBytes)
            check.compare(own == offset, "error: expected at byte \(offset), found \(own)")
        }
        if let bytes = published["bytes"]?.integer {
            check.compare(
                numbers(of: found.kind) == [Int(clamping: bytes)], "error: expected \(bytes) bytes, found \(found)")
        }
        let words = [published["kind"], published["message"]].compactMap { $0?.string }.joined(separator: " ")
        guard !words.isEmpty else { return }
        guard let kind = FaultWords(words) else { return check.note("error: \"\(words)\" is not compared") }
        check.compare(kind.fits(found.kind), "error: expected \"\(words)\", found \(found.kind)")
        compareNumbers(&check, words, found.kind)
    }

    /// What strict reading refuses first; else what the message's rule does.
    private static func fault(of body: [UInt8], _ spec: MessageSpec) -> DecodeError? {
        do throws(DecodeError) {
            let view = try MessageView(body, spec: spec)
            try view.checkPresence()
            return MessageView.lint(body, spec: spec).findings.first
        } catch { return error }
    }

    private static func compareNumbers(
        _ check: inout MessageVectorCheck, _ words: String, _ kind: DecodeError.Kind
    ) {
        let own = numbers(of: kind)
        let published = words.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
        guard published.count == own.count, !own.isEmpty else { return }
        check.compare(published.sorted() == own.sorted(), "error: expected \(published), found \(own)")
    }

    private static func numbers(of kind: DecodeError.Kind) -> [Int] {
        switch kind {
        case .truncated(let declared, let left): [declared, left]
        case .lengthOverMaximum(let declared, let maximum): [declared, maximum]
        case .lengthUnderMinimum(let declared, let minimum): [declared, minimum]
        case .messageTooLong(let length, let maximum): [length, maximum]
        case .trailingBytes(let count): [count]
        case .tooManyFields(let maximum): [maximum]
        default: []
        }
    }
}

/// The kind of fault that free text names.
enum FaultWords: CaseIterable {
    case object, trailing, tooLong, tooMany, truncated, over, under, prefix, padding, missing, character, bitmap,
        unknownField, tag, unexpected, messageType

    /// Words of a kind: all of one of the lists must stand in the text. The first kind that fits is the one.
    private var words: [[String]] {
        switch self {
        case .object: [["tlv"], ["ber"]]
        case .trailing:
            [["trailing"], ["extra data"], ["left over"], ["stay over"], ["behind the last"], ["after the last"]]
        case .tooLong: [["message too long"], ["message", "longer"]]
        case .tooMany: [["too many"]]
        case .truncated:
            [
                ["need", "have"], ["truncat"], ["too short"], ["past the end"], ["ends inside"], ["runs past"],
                ["expecting"],
            ]
        case .over:
            [["length", "> max"], ["over max"], ["exceed"], ["longer than"], ["larger than"], ["length", "over"]]
        case .under: [["< min"], ["under min"], ["shorter than"], ["length", "below"]]
        case .prefix: [["prefix"], ["length", "not"], ["bad length"], ["length", "digit"], ["odd length"]]
        case .padding: [["pad"]]
        case .character: [["hex"], ["nibble"], ["decimal"], ["digit"], ["character"], ["numeric"], ["separator"]]
        case .bitmap: [["bitmap"]]
        case .unknownField: [["not in spec"], ["unknown field"], ["undefined"], ["no such field"], ["field", "not"]]
        case .tag: [["tag"]]
        case .missing: [["missing"], ["mandatory"], ["required"]]
        case .unexpected: [["unexpected"], ["not allowed"]]
        case .messageType: [["mti"], ["message type"]]
        }
    }

    init?(_ text: String) {
        let text = String(text.lowercased().map { $0 == "-" || $0 == "_" ? " " : $0 })
        func has(_ word: String) -> Bool {
            text.indices.contains { text[$0...].hasPrefix(word) }
        }
        guard let found = Self.allCases.first(where: { $0.words.contains { $0.allSatisfy(has) } }) else { return nil }
        self = found
    }

    /// Whether an error of ours is of the kind.
    func fits(_ kind: DecodeError.Kind) -> Bool {
        switch (self, kind) {
        case (.object, .badElement), (.object, .truncated), (.object, .trailingBytes), (.object, .unknownTag),
            (.trailing, .trailingBytes), (.tooLong, .messageTooLong), (.tooLong, .lengthOverMaximum),
            (.tooMany, .tooManyFields), (.truncated, .truncated), (.truncated, .badElement),
            (.over, .lengthOverMaximum), (.over, .messageTooLong), (.under, .lengthUnderMinimum),
            (.prefix, .badLengthPrefix), (.prefix, .lengthUnderMinimum), (.padding, .badPadding),
            (.character, .badCharacter), (.character, .badLengthPrefix), (.bitmap, .badBitmap),
            (.bitmap, .unknownField), (.unknownField, .unknownField), (.tag, .unknownTag), (.tag, .badElement),
            (.missing, .missingField), (.missing, .badBitmap), (.missing, .badCharacter), (.missing, .truncated),
            (.unexpected, .unexpectedField),
            (.messageType, .unsupportedMTI), (.messageType, .unsupportedTransaction), (.messageType, .badCharacter):
            true
        default: false
        }
    }
}
