// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension Evaluation {
    /// The versions of the encoding, all of which are read: the second has scores behind what the first has, the third scores,
    /// be there any or not, and what stands behind the figures. The lowest that says all is written.
    private static let (plainVersion, scoredVersion, fullVersion): (UInt8, UInt8, UInt8) = (1, 2, 3)
    /// Added to the encoding's version where the engine's follows.
    private static let engineFlag: UInt8 = 0x10

    /// Writes the compact form: four bytes when nothing hit.
    public func encode(to writer: inout ByteWriter) {
        let hasEvidence = results.contains { $0.figures.contains { !$0.evidence.isEmpty } }
        let version = hasEvidence ? Self.fullVersion : scores.isEmpty ? Self.plainVersion : Self.scoredVersion
        writer.byte(engine == nil ? version : version | Self.engineFlag)
        engine?.encode(to: &writer)
        writer.byte(action.rawValue | proofs.rawValue << 3)
        var flags: UInt8 = openCase?.rawValue ?? 0
        if notifyIssuer { flags |= 0x04 }
        if askCardholder { flags |= 0x08 }
        if hold != nil { flags |= 0x10 }
        if freeze != nil { flags |= 0x20 }
        if winner != nil { flags |= 0x40 }
        writer.byte(flags)
        if let hold { writer.interval(hold) }
        if let freeze { writer.interval(freeze) }
        if let winner { writer.count(winner) }
        writer.list(results) { writer, result in
            writer.count(result.rule)
            writer.byte(result.outcome.rawValue | (result.isShadow ? 0x04 : 0))
            writer.list(result.figures) { writer, figure in figure.encode(to: &writer) }
        }
        if hasEvidence || !scores.isEmpty { writer.list(scores) { $1.encode(to: &$0) } }
        guard hasEvidence else { return }
        for result in results {
            for figure in result.figures { writer.list(figure.evidence) { $1.encode(to: &$0) } }
        }
    }

    /// Reads what `encode` wrote.
    ///
    /// - Throws: `CodecError` for a version, action, outcome or flag that was never written.
    public init(from reader: inout ByteReader) throws(CodecError) {
        self.init()
        let start = reader.offset
        let versionByte = try reader.byte()
        let version = versionByte & ~Self.engineFlag
        guard Self.plainVersion...Self.fullVersion ~= version else {
            throw .invalid(offset: start, what: "evaluation version")
        }
        if versionByte & Self.engineFlag != 0 { engine = try EngineVersion(from: &reader) }
        let actionByte = try reader.byte()
        guard let action = TriggerAction(rawValue: actionByte & 0x07), actionByte >> 5 == 0 else {
            throw .invalid(offset: start, what: "trigger action")
        }
        self.action = action
        proofs = ProofSet(rawValue: actionByte >> 3)
        let flags = try reader.byte()
        guard flags < 0x80 else { throw .invalid(offset: start, what: "evaluation flags") }
        openCase = CaseLevel(rawValue: flags & 0x03)
        notifyIssuer = flags & 0x04 != 0
        askCardholder = flags & 0x08 != 0
        if flags & 0x10 != 0 { hold = try reader.interval() }
        if flags & 0x20 != 0 { freeze = try reader.interval() }
        if flags & 0x40 != 0 { winner = try Self.index(&reader) }
        results = try reader.list { reader throws(CodecError) in
            let rule = try Self.index(&reader)
            let offset = reader.offset
            let byte = try reader.byte()
            guard let outcome = RuleResult.Outcome(rawValue: byte & 0x03), byte < 0x08 else {
                throw .invalid(offset: offset, what: "rule outcome")
            }
            let figures = try reader.list { reader throws(CodecError) in try Figure(from: &reader) }
            return RuleResult(rule: rule, outcome: outcome, isShadow: byte & 0x04 != 0, figures: figures)
        }
        if version != Self.plainVersion { scores = try Self.scores(&reader, isOptional: version == Self.fullVersion) }
        if version == Self.fullVersion { try readEvidence(&reader) }
    }

    private mutating func readEvidence(_ reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        var count = 0
        for result in results.indices {
            for figure in results[result].figures.indices {
                let offset = reader.offset
                let evidence = try reader.list { (reader: inout ByteReader) throws(CodecError) in
                    try Evidence(from: &reader)
                }
                guard evidence.count <= Evidence.countMax else { throw .invalid(offset: offset, what: "evidence") }
                results[result].figures[figure].evidence = evidence
                count += evidence.count
            }
        }
        guard count > 0 else { throw .invalid(offset: start, what: "evidence") }
    }

    private static func scores(
        _ reader: inout ByteReader, isOptional: Bool
    ) throws(CodecError) -> [ScoreResult] {
        let start = reader.offset
        let scores = try reader.list { (reader: inout ByteReader) throws(CodecError) in try ScoreResult(from: &reader) }
        guard isOptional || !scores.isEmpty, zip(scores, scores.dropFirst()).allSatisfy({ $0.score < $1.score }) else {
            throw .invalid(offset: start, what: "scores")
        }
        return scores
    }

    private static func index(_ reader: inout ByteReader) throws(CodecError) -> Int {
        Int(try reader.unsigned(UInt16.self))
    }
}

extension Figure {
    fileprivate func encode(to writer: inout ByteWriter) {
        writer.count(source)
        var flags: UInt8 = holds == nil ? 0 : holds == true ? 2 : 1
        if limit != nil { flags |= 0x04 }
        writer.byte(flags)
        value.encode(to: &writer)
        limit?.encode(to: &writer)
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        source = Int(try reader.unsigned(UInt16.self))
        let offset = reader.offset
        let flags = try reader.byte()
        guard flags < 0x08, flags & 0x03 != 3 else { throw .invalid(offset: offset, what: "figure") }
        holds = flags & 0x03 == 0 ? nil : flags & 0x03 == 2
        value = try FigureValue(from: &reader)
        limit = flags & 0x04 == 0 ? nil : try FigureValue(from: &reader)
    }
}

extension FigureValue {
    /// A leading byte tells what follows: 0 unknown, 1 a number, 2 bounds; 4 is added when a currency follows, and 8 times
    /// the form of what is no whole number.
    fileprivate func encode(to writer: inout ByteWriter) {
        let isOne = low == high
        writer.byte((isUnknown ? 0 : isOne ? 1 : 2) | (currency == 0 ? 0 : 4) | form.rawValue << 3)
        if !isUnknown { writer.signed(low) }
        if !isUnknown, !isOne { writer.signed(high) }
        if currency != 0 { writer.unsigned(currency) }
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        let offset = reader.offset
        let form = try reader.byte()
        guard form & 0x03 != 3, let kind = Form(rawValue: form >> 3), kind == .whole || form & 0x03 != 0 else {
            throw .invalid(offset: offset, what: "figure value")
        }
        self = .unknown
        self.form = kind
        if form & 0x03 != 0 {
            low = try reader.signed()
            high = form & 0x03 == 2 ? try reader.signed() : low
        }
        if form & 0x04 != 0 { currency = try reader.unsigned() }
        guard kind != .text || currency <= 16, kind != .constantText || low >= 0 else {
            throw .invalid(offset: offset, what: "figure value")
        }
    }
}
