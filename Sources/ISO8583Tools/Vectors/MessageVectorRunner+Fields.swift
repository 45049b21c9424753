// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

extension MessageVectorRunner {
    /// One field by itself: `value` in the layout that the words mean, and `fieldHex` with its length.
    static func fieldEncoding(_ check: inout MessageVectorCheck) throws(VectorProblem) {
        let value = try check.text("value")
        let expected = try check.bytes("fieldHex")
        let words = try EncodingWords(&check, value)
        let document: JSON = [
            "format": "iso8583-vectors/1", "id": "vector", "mti": ["enc": "ascii"],
            "bitmap": ["enc": "binary", "maxFields": 64], "fields": ["3": words.layout],
        ]
        let spec = try check.attempt { () throws(SpecError) in try MessageSpec(json: Array(document.text.utf8)) }
        var builder = MessageBuilder(.financialRequest, spec: spec)
        switch spec.field(3)?.encoding {
        case .binary: builder.set(3, bytes: Hex.bytes(value) ?? [])
        case .hex: builder.set(3, bytes: Array(value.utf8))
        default: builder.set(3, text: value)
        }
        let encoded = try check.attempt { () throws(EncodeError) in try builder.encode() }
        let head = encoded.bytes.count - expected.count
        let found = Array(encoded.bytes.dropFirst(12))
        check.compare(found == expected, "encoded: expected \(Hex.text(expected)), found \(Hex.text(found))")
        guard head == 12 else { return }
        let view = try check.attempt { () throws(DecodeError) in
            try MessageView(Array(encoded.bytes[..<12]) + expected, spec: spec)
        }
        let text = view.text(3) ?? Hex.text(view.bytes(3) ?? [])
        // Packed digits that are counted in bytes do not tell whether a zero fills up.
        let filled = words.losesParity ? ["0" + value, value + "0"] : []
        check.compare(
            ([value] + filled).contains { $0.uppercased() == text.uppercased() },
            "decoded: expected \"\(value)\", found \"\(text)\"")
    }

    /// A length before a message, or what is wrong with one.
    static func framing(_ check: inout MessageVectorCheck) throws(VectorProblem) {
        let bytes = try check.bytes("hex")
        check.use("payloadLength", "error", "keepAlive", "sessionControl", "framing", "frame")
        let candidates = try layouts(check, bytes)
        let isAlive = check.json["keepAlive"]?.bool == true
        var reasons: [String] = []
        for layout in candidates {
            guard var framing = layout.framing else { continue }
            framing.empty = isAlive ? .keepAlive : .refused
            guard let reason = mismatch(check.json, bytes, framing) else { return check.compare(true, "") }
            reasons.append("\(layout): \(reason)")
        }
        check.compare(false, reasons.isEmpty ? "no framing has such a length" : reasons.joined(separator: "; "))
    }

    /// Those that the vector names, in `framing`, `frame` or its id; else all whose length takes as many bytes.
    private static func layouts(
        _ check: MessageVectorCheck, _ bytes: [UInt8]
    ) throws(VectorProblem) -> [FrameLayout] {
        for name in ["framing", "frame"] {
            guard let words = check.json[name]?.string else { continue }
            guard let layout = FrameLayout(words) else { throw VectorProblem("no framing is called \"\(words)\"") }
            return [layout]
        }
        let words = (check.json["id"]?.string ?? "").lowercased().split(separator: "-").map(String.init)
        func has(_ word: String) -> Bool { words.contains { $0.hasPrefix(word) } }
        let length: Framing.Length? =
            if has("visa") || has("vmlh") {
                .visa4
            } else if has("hex") {
                .hex4
            } else if has("bcd") {
                .bcd2
            } else if has("ascii") {
                .ascii4
            } else if has("len2") {
                .binary2
            } else if has("len3") {
                .binary3
            } else if has("len4") {
                .binary4
            } else {
                nil
            }
        let isInclusive = has("incl")
        return FrameLayout.usual.filter { layout in
            guard let own = layout.length, layout.leadBytes == own.count, layout.countsItself == isInclusive else {
                return false
            }
            return length.map { $0 == own } ?? (own.count == bytes.count)
        }
    }

    private static func mismatch(_ json: JSON, _ bytes: [UInt8], _ framing: Framing) -> String? {
        var decoder = FrameDecoder(
            maximumLength: min(framing.leadBytes + framing.messageBytesMax, 1 << 20), framing: framing)
        decoder.append(bytes)
        guard let count = json["payloadLength"]?.integer.map({ Int(clamping: $0) }) else {
            guard let words = json["error"]?.string else { return "nothing is expected" }
            return refusal(words, &decoder)
        }
        let most = framing.leadBytes + framing.messageBytesMax
        guard 0...min(most, 1 << 20) ~= count else { return "expected \(count) bytes, it announces at most \(most)" }
        let isControl = json["sessionControl"]?.bool == true
        let given = bytes.count - framing.prefixBytes
        if given <= 0, !isControl, framing.prefix(for: count) != bytes {
            return "expected \(Hex.text(bytes)) for \(count) bytes, found \(Hex.text(framing.prefix(for: count)))"
        }
        decoder.append([UInt8](repeating: 0, count: max(0, count - max(0, given))))
        do throws(FrameError) {
            guard let frame = try decoder.nextFrame() else { return "expected \(count) bytes, found more" }
            let found = frame.message.count + framing.leadBytes
            if !frame.isKeepAlive, found != count { return "expected \(count) bytes, found \(found)" }
            if frame.isKeepAlive != (count == 0) { return "expected \(count) bytes" }
            return frame.isSessionControl == isControl ? nil : "session control"
        } catch { return "\(error)" }
    }

    /// `need more bytes`, or any error of a length with the limit that the words name.
    private static func refusal(_ words: String, _ decoder: inout FrameDecoder) -> String? {
        let waits = words.contains("more") || words.contains("short")
        do throws(FrameError) {
            let frame = try decoder.nextFrame()
            return waits && frame == nil ? nil : "expected \"\(words)\", found \(frame == nil ? "waiting" : "a frame")"
        } catch {
            let numbers = words.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
            switch error {
            case .tooLong(_, let maximum) where !waits:
                return numbers.isEmpty || numbers.contains(maximum) ? nil : "the limit is \(maximum)"
            default: return waits || !numbers.isEmpty ? "expected \"\(words)\", found \(error)" : nil
            }
        }
    }
}

/// The layout that the words of a vector of one field mean.
private struct EncodingWords {
    let layout: JSON
    let losesParity: Bool

    init(_ check: inout MessageVectorCheck, _ value: String) throws(VectorProblem) {
        let data = try check.text("dataEnc").lowercased()
        check.use("lenEnc", "lenBytes", "max", "count", "padSide", "pad")
        let json = check.json
        let isDigits = !value.isEmpty && value.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        // Digits with one separator are a track.
        let isTrack =
            !isDigits && value.utf8.count(where: { !(0x30...0x39 ~= $0) }) == 1
            && (value.contains("D") || value.contains("="))
        let encoding: String
        if data.hasPrefix("ascii") {
            encoding = "ascii"
        } else if data.hasPrefix("ebcdic") || data.hasPrefix("cp037") {
            encoding = data.contains("1047") ? "ebcdic1047" : "ebcdic"
        } else if data == "b" || data.hasPrefix("bcd") || data.hasPrefix("binary") {
            encoding = (isDigits || isTrack && data.hasPrefix("bcd")) && data != "binary" ? "bcd" : "binary"
        } else if data.hasPrefix("hex") {
            encoding = "hexascii"
        } else {
            throw VectorProblem("no encoding is called \"\(data)\"")
        }
        let isText = encoding == "ascii" || encoding.hasPrefix("ebcdic")
        let isPacked = encoding == "bcd"
        let isRaw = encoding == "binary"
        let kind = isPacked ? isTrack ? "z" : "n" : isText ? isDigits ? "n" : "ans" : "b"
        var members: [JSON.Member] = [
            .init("name", "value"), .init("kind", .string(kind)), .init("enc", .string(encoding)),
        ]
        let counts = json["count"]?.string ?? ""
        let words = (json["lenEnc"]?.string ?? "").lowercased()
        let stated = json["lenBytes"]?.integer.map { Int(clamping: $0) }
        if words.isEmpty || stated == 0 {
            let own = isRaw || encoding == "hexascii" ? value.utf8.count / 2 : value.utf8.count
            let maximum =
                json["max"]?.integer.map { Int(clamping: $0) } ?? Self.number(in: data) ?? own
            // In bytes of two digits, or in half bytes of which a character has two.
            let inNibbles = counts.hasPrefix("nibble")
            let length =
                isPacked && counts.hasPrefix("byte")
                ? own
                : (isText || isRaw) && inNibbles ? maximum / 2 : maximum
            members += [.init("len", "fixed"), .init("max", .integer(Int64(max(1, length))))]
            losesParity = false
        } else {
            guard let prefix = ["ascii", "bcd", "binary", "ebcdic", "hexascii"].first(where: { words.hasPrefix($0) })
            else { throw VectorProblem("no length is written \"\(words)\"") }
            let bytes = stated ?? Self.number(in: words) ?? (words.contains("lll") ? 2 : 1)
            guard 1...6 ~= bytes else { throw VectorProblem("a length of \(bytes) bytes") }
            let digits = prefix == "bcd" || prefix == "binary" ? 2 * bytes : bytes
            let unit =
                counts.hasPrefix("nibble")
                ? "nibble"
                : words.contains("digits") || words.contains("ll (") ? "digit" : "byte"
            losesParity = unit == "byte" && isPacked
            let room = [9, 99, 999, 9_999][min(3, digits - 1)] / 2
            let least = isRaw || encoding == "hexascii" ? value.utf8.count / 2 : value.utf8.count
            members += [
                .init("len", .string(String(repeating: "L", count: min(6, digits)))),
                .init("max", .integer(Int64(max(least, min(19, room))))), .init("lenEnc", .string(prefix)),
                .init("lenUnit", .string(unit)),
            ]
        }
        if isPacked {
            members.append(
                .init("pad", .string("\(json["padSide"]?.string ?? "left"):\(json["pad"]?.string ?? "0")")))
        }
        layout = .object(members)
    }

    private static func number(in words: String) -> Int? {
        words.split { !("0"..."9").contains($0) }.first.flatMap { Int($0) }
    }
}
