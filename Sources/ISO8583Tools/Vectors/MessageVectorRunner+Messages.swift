// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

extension MessageVectorRunner {
    /// A message: its frame, its fields with their places, and the same bytes from the fields.
    static func message(_ check: inout MessageVectorCheck, _ library: SpecLibrary) throws(VectorProblem) {
        let spec = try spec(&check, library)
        let frame = try frame(&check)
        check.expect("length", count: frame.announced)
        check.expect("tpdu", text: frame.tpdu.map { Hex.text($0.bytes) } ?? "")
        check.expect("header", frame.header)
        check.use("field64Omitted", "field55Error")
        let isCut = check.json["field64Omitted"]?.bool == true
        if !frame.isExact, !isCut { check.fail("the length is not that of the message") }

        let lint = MessageView.lint(frame.body, spec: spec)
        guard let view = lint.view else {
            throw VectorProblem("not decoded: \(lint.findings.first.map { "\($0)" } ?? "no reason")")
        }
        if isCut {
            let cut = lint.findings.contains { finding in
                if finding.path == "64", case .truncated(_, 0) = finding.kind { true } else { false }
            }
            check.compare(cut, "field64Omitted: the message does not end before field 64")
        } else if !lint.isComplete {
            check.fail("not decoded: \(lint.findings.first.map { "\($0)" } ?? "no reason")")
        }
        compareFields(&check, view, lint.announced)
        compareOffsets(&check, view, lead: frame.layout.leadBytes)
        compareObjects(&check, view)
        let faults = lint.findings.filter { !(isCut && $0.path == "64") }
        compareFaults(&check, faults)
        guard lint.isComplete || isCut else { return }
        try compareEncoding(&check, view, isCut: isCut, unclean: faults)
    }

    // MARK: - Decoding

    private static func compareFields(_ check: inout MessageVectorCheck, _ view: MessageView, _ announced: FieldSet) {
        check.use("fields", "presentFields")
        let members = check.json["fields"]?.members ?? []
        for member in members {
            guard let expected = member.value.string else {
                check.fail("fields.\(member.name): expected a text")
                continue
            }
            let found = value(at: member.name, view)
            check.compare(
                found.map { same($0, expected, isTrack: isTrack(member.name, view)) } == true,
                "field \(member.name): expected \"\(expected)\", found \(found.map { "\"\($0)\"" } ?? "none")")
        }
        // The bitmap's own bits may be listed.
        let isListed = { (field: Int) in field != 1 && !(field == 65 && view.spec.fieldMax == 192) }
        let found = announced.fields.filter(isListed)
        if let present = check.json["presentFields"] {
            let expected = (present.array ?? []).compactMap { $0.integer.map { Int(clamping: $0) } }.filter(isListed)
            check.compare(
                expected.sorted() == found, "presentFields: expected \(expected.sorted()), found \(found)")
        } else if !members.isEmpty {
            let named = members.compactMap { Int($0.name) }.filter { $0 > 1 }.sorted()
            check.compare(named == found, "fields: expected \(named), found \(found)")
        }
    }

    /// The value of `0`, `11` or `60.3` as vectors write it.
    private static func value(at path: String, _ view: MessageView) -> String? {
        if path == "0" { return view.mti.description }
        if path == "1" { return Hex.text(view.bytes[view.bitmapRange]) }
        guard let field = Int(path) else { return Message(view)[path]?.text }
        guard let bytes = view.bytes(field) else { return nil }
        return view.text(field) ?? Hex.text(bytes)
    }

    private static func isTrack(_ path: String, _ view: MessageView) -> Bool {
        Int(path).flatMap { view.layout(of: $0) }?.kind == .track
    }

    /// Spaces behind a value do not count, nor which of its two characters separates a track.
    private static func same(_ found: String, _ expected: String, isTrack: Bool) -> Bool {
        func plain(_ text: String) -> [UInt8] {
            var bytes = Array(text.utf8)
            while bytes.last == 0x20 { bytes.removeLast() }
            return isTrack ? bytes.map { $0 == 0x3D ? 0x44 : $0 } : bytes
        }
        return plain(found) == plain(expected) || isHex(expected) && found.uppercased() == expected.uppercased()
    }

    private static func isHex(_ text: String) -> Bool { !text.isEmpty && Hex.bytes(text) != nil }

    /// Places are counted from the first byte of the frame and hold the length before a value.
    private static func compareOffsets(_ check: inout MessageVectorCheck, _ view: MessageView, lead: Int) {
        check.use("offsets")
        let message = Message(view)
        for member in check.json["offsets"]?.members ?? [] {
            let expected = (member.value.array ?? []).map { $0.integer.map { Int(clamping: $0) } ?? -1 }
            let range: Range<Int>? =
                switch member.name {
                case "0": view.mtiRange
                case "1": view.bitmapRange
                default: message[member.name]?.range
                }
            let found = range.map { [$0.lowerBound + lead, $0.upperBound + lead] } ?? []
            check.compare(found == expected, "offsets.\(member.name): expected \(expected), found \(found)")
        }
    }

    /// `[["9F26", "…"], …]` or `{"9F26": "…"}`: the objects of one level, or all that hold no others.
    private static func compareObjects(_ check: inout MessageVectorCheck, _ view: MessageView) {
        check.use("field55")
        guard let published = check.json["field55"] else { return }
        let expected: [[String]] =
            published.members?.map { [$0.name, $0.value.string ?? ""] }
            ?? (published.array ?? []).map { ($0.array ?? []).map { $0.string ?? "" } }
        let parts = Message(view)["55"]?.parts ?? []
        let top = parts.map { pair($0) }
        let upper = expected.map { $0.map { $0.uppercased() } }
        check.compare(
            upper == top || upper == parts.flatMap { leaves($0) },
            "field55: expected \(expected.map { $0.first ?? "" }), found \(top.map { $0[0] }), or other values")
    }

    private static func pair(_ part: Message.Part) -> [String] {
        [String(part.path.split(separator: ".").last ?? ""), Hex.text(part.bytes)]
    }

    private static func leaves(_ part: Message.Part) -> [[String]] {
        part.parts.isEmpty ? [pair(part)] : part.parts.flatMap { leaves($0) }
    }

    /// What the published message itself does wrong is a note, but for data objects that are said to be broken.
    private static func compareFaults(_ check: inout MessageVectorCheck, _ faults: [DecodeError]) {
        let inChip = faults.first { $0.path == "55" || $0.path.hasPrefix("55.") }
        if let expected = check.json["field55Error"] {
            check.compare(inChip != nil, "field55Error: expected \(expected.text), found none")
        } else if let inChip {
            check.fail("\(inChip)")
        }
        for fault in faults where fault != inChip { check.note("\(fault)") }
    }

    // MARK: - Encoding

    private static func compareEncoding(
        _ check: inout MessageVectorCheck, _ view: MessageView, isCut: Bool, unclean: [DecodeError]
    ) throws(VectorProblem) {
        if !isCut {
            let again = try check.attempt { () throws(EncodeError) in try Message(view).encoded() }
            check.compare(again == view.bytes, "decoded and encoded again it is another message")
        }
        // Values that are not what their own layout allows cannot be set, only kept.
        guard unclean.isEmpty, let members = check.json["fields"]?.members,
            let mti = check.json["fields"]?["0"]?.string.flatMap({ MTI($0) })
        else { return }
        var builder = MessageBuilder(mti, spec: view.spec)
        // Twice, since a field's layout may depend on one behind it.
        for _ in 0..<2 {
            for member in members {
                guard let field = Int(member.name), field > 1, let text = member.value.string else { continue }
                set(field, text, &builder, view)
            }
            if isCut { reserve(64, &builder) }
        }
        let encoded: EncodedMessage
        do throws(EncodeError) {
            encoded = try builder.encode()
        } catch { return check.fail("not encoded: \(error)") }
        let end = isCut ? encoded.range(of: 64)?.lowerBound ?? encoded.bytes.count : encoded.bytes.count
        check.compare(
            Array(encoded.bytes[..<end]) == view.bytes,
            "encoded from its fields it is another message: \(difference(encoded, view))")
    }

    private static func set(_ field: Int, _ text: String, _ builder: inout MessageBuilder, _ view: MessageView) {
        guard let layout = view.layout(of: field) else { return builder.set(field, text: text) }
        switch layout.encoding {
        case .binary: builder.set(field, bytes: Hex.bytes(text) ?? Array(text.utf8))
        case .hex: builder.set(field, bytes: Array(text.utf8))
        default: builder.set(field, text: text)
        }
    }

    private static func reserve(_ field: Int, _ builder: inout MessageBuilder) {
        guard let layout = builder.spec.field(field) else { return }
        if layout.encoding == .binary {
            builder.reserve(field, count: Int(layout.maximum))
        } else {
            builder.set(field, text: String(repeating: "0", count: Int(layout.maximum)))
        }
    }

    /// The first field that lies elsewhere or differs.
    private static func difference(_ encoded: EncodedMessage, _ view: MessageView) -> String {
        for field in view.fields.fields {
            guard let range = encoded.range(of: field), range == view.range(of: field),
                encoded.bytes[range] == view.bytes[range]
            else { return "from field \(field) on" }
        }
        return "its bitmap or a length"
    }
}
