// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Everything that is wrong or odd about a message: what its layout refuses, what its rule misses, what a careful
/// writer would not write, and what no terminal would send.
public struct MessageFindings: Sendable {
    /// How much a finding weighs.
    public enum Severity: String, Sendable {
        /// Strict reading refuses the message, or its rule does.
        case error
        /// It can be read, and should not be so.
        case warning
    }

    /// One finding.
    public struct Finding: Equatable, Sendable {
        public let severity: Severity
        /// As in `DecodeError`.
        public let path: String
        /// Counted from the first byte of the frame.
        public let offset: Int
        /// What was found; never a value.
        public let text: String
    }

    /// In the order of the message, errors of the whole first.
    public let findings: [Finding]
    let lint: MessageView.Lint

    /// Whether one of them is an error.
    public var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// Whether the layout reads all of it, and nothing of that is refused.
    var isSound: Bool { lint.isSound }

    /// Looks a message over.
    public init(_ frame: OpenedFrame, spec: MessageSpec) {
        let lint = MessageView.lint(frame.body, spec: spec)
        let lead = frame.layout.leadBytes
        var all: [Finding] = []
        func add(_ severity: Severity, _ path: String, _ offset: Int, _ text: String) {
            all.append(Finding(severity: severity, path: path, offset: offset, text: text))
        }
        if !frame.isExact {
            let rest = frame.body.count + (frame.tpdu == nil ? 0 : TPDU.count) + frame.header.count
            add(.error, "", 0, "the length says \(frame.announced ?? 0), and \(rest) bytes are behind it")
        }
        if let tpdu = frame.tpdu, tpdu.id != 0x60 { add(.warning, "", 0, "the addresses do not begin with 60") }
        for finding in lint.findings {
            let isWarning = finding.kind == .unexpectedField
            add(isWarning ? .warning : .error, finding.path, finding.offset + lead, Self.text(finding.kind))
        }
        if let view = lint.view {
            if view.rule == nil, view.spec.messages.contains(where: { $0.mti == view.mti }),
                !lint.findings.contains(where: { $0.path == "0" })
            {
                add(.warning, "0", lead, "of this type, but of none of its transactions")
            }
            for field in view.fields.fields {
                guard view.layout(of: field)?.content.isBERTLV == true, let range = view.range(of: field) else {
                    continue
                }
                var walk = ObjectLengths(bytes: view.bytes)
                walk.look(range, "\(field)", depth: 1)
                for odd in walk.findings { add(.warning, odd.path, odd.offset + lead, odd.text) }
            }
            for odd in Plausibility(view).faults {
                let offset = odd.field == 0 ? 0 : view.range(of: odd.field)?.lowerBound ?? 0
                add(.warning, "\(odd.field)", offset + lead, odd.text)
            }
        }
        findings = all
        self.lint = lint
    }

    /// A finding a line.
    public var lines: [String] {
        findings.map {
            "\($0.severity.rawValue) at byte \($0.offset): \($0.path.isEmpty ? "" : "field \($0.path): ")\($0.text)"
        }
    }

    /// The same for programs.
    public var json: JSON {
        .array(
            findings.map { finding in
                [
                    "severity": .string(finding.severity.rawValue), "path": .string(finding.path),
                    "offset": .integer(Int64(finding.offset)), "text": .string(finding.text),
                ]
            })
    }

    /// A kind of fault in words.
    static func text(_ kind: DecodeError.Kind) -> String {
        switch kind {
        case .truncated(let declared, let left): "needs \(declared) bytes or digits, and \(left) are left"
        case .badCharacter(let expected, let found): "expected \(expected), found \(found)"
        case .badPadding: "the nibble that fills up is not the one of the layout"
        case .badLengthPrefix: "the length before it is none that a value can have"
        case .lengthOverMaximum(let declared, let maximum): "length \(declared), at most \(maximum)"
        case .lengthUnderMinimum(let declared, let minimum): "length \(declared), at least \(minimum)"
        case .unknownField: "the bitmap announces it, and the layout does not have it"
        case .badBitmap: "a further bitmap without need, or none where there must be one"
        case .tooManyFields(let maximum): "more than \(maximum) fields"
        case .trailingBytes(let count): "\(count) bytes or digits behind the last part"
        case .messageTooLong(let length, let maximum): "\(length) bytes, at most \(maximum)"
        case .layoutMismatch: "laid out otherwise than a field behind it says"
        case .unsupportedMTI: "a message type that has no rule"
        case .unsupportedTransaction: "a transaction that has no rule"
        case .missingField: "required, and not there"
        case .unexpectedField: "not a field of this transaction"
        case .badElement: "no well-formed tag and length"
        case .unknownTag: "a tag that the field does not have"
        }
    }
}

/// Looks at the lengths of BER-TLV data objects: longer than need be, zeros between objects, a tag twice.
private struct ObjectLengths {
    let bytes: [UInt8]
    var findings: [(path: String, offset: Int, text: String)] = []

    /// What is not well formed ends the walk: that is an error of its own.
    mutating func look(_ range: Range<Int>, _ path: String, depth: Int) {
        guard depth <= 8 else { return }
        var offset = range.lowerBound
        var seen: [String] = []
        while offset < range.upperBound {
            let start = offset
            while offset < range.upperBound, bytes[offset] == 0 { offset += 1 }
            if offset > start { findings.append((path, start, "\(offset - start) zero bytes between data objects")) }
            guard offset < range.upperBound else { return }
            let tagStart = offset
            let isConstructed = bytes[offset] & 0x20 != 0
            let isLong = bytes[offset] & 0x1F == 0x1F
            offset += 1
            if isLong {
                while offset < range.upperBound, bytes[offset] & 0x80 != 0 { offset += 1 }
                offset += 1
            }
            guard offset < range.upperBound, offset - tagStart <= 4 else { return }
            let tag = Hex.text(bytes[tagStart..<offset])
            let here = "\(path).\(tag)"
            if seen.contains(tag) { findings.append((here, tagStart, "a tag that was there before")) }
            seen.append(tag)
            let lengthStart = offset
            var length = Int(bytes[offset])
            offset += 1
            if length & 0x80 != 0 {
                let count = length & 0x7F
                guard 1...2 ~= count, offset + count <= range.upperBound else { return }
                length = bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
                offset += count
                if length < 0x80 || count == 2 && length < 0x100 {
                    findings.append((here, lengthStart, "its length takes more bytes than it needs"))
                }
            }
            guard length <= range.upperBound - offset else { return }
            if isConstructed { look(offset..<offset + length, here, depth: depth + 1) }
            offset += length
        }
    }
}

extension MessageView.Lint {
    /// Whether the layout reads the message whole, whatever its rule says of it.
    var isSound: Bool {
        isComplete
            && findings.allSatisfy { [.missingField, .unexpectedField, .unsupportedTransaction].contains($0.kind) }
    }
}
