// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// A framing and a specification that unknown bytes may have, and what speaks for it and against it.
public struct MessageGuess: Sendable {
    public let layout: FrameLayout
    public let spec: MessageSpec
    /// Higher is likelier; the scale means nothing beyond that.
    public let score: Int
    /// What speaks for it.
    public let reasons: [String]
    /// What contradicts it, the first of which is where reading goes wrong first.
    public let contradictions: [String]

    /// Tries every framing and every specification, the likeliest first. Framings whose length is not that of the bytes
    /// are left out.
    ///
    /// - Parameters:
    ///   - specs: in the order of preference among equals.
    ///   - layouts: the framings to try.
    public static func all(
        _ bytes: [UInt8], specs: [MessageSpec], layouts: [FrameLayout] = FrameLayout.usual
    ) -> [MessageGuess] {
        var guesses: [MessageGuess] = []
        for layout in layouts {
            guard let frame = try? layout.open(bytes), frame.isExact, !frame.body.isEmpty else { continue }
            guesses += specs.map { MessageGuess(frame, $0) }
        }
        // Equal ones stay in the order of preference.
        let order = guesses.indices.sorted { left, right in
            guesses[left].score == guesses[right].score ? left < right : guesses[left].score > guesses[right].score
        }
        return order.map { guesses[$0] }
    }

    private init(_ frame: OpenedFrame, _ spec: MessageSpec) {
        layout = frame.layout
        self.spec = spec
        var score = 0
        var reasons: [String] = []
        var contradictions: [String] = []
        if let announced = frame.announced {
            score += 20
            reasons.append("the length \(announced) is that of the bytes")
        }
        if let tpdu = frame.tpdu {
            let isRight = tpdu.id == 0x60 && Self.isPacked(tpdu.bytes)
            score += isRight ? 10 : -30
            if isRight { reasons.append("addresses begin with 60") } else { contradictions.append("no addresses") }
        }
        if frame.layout.headerBytes == 6 {
            let isRight = Self.isPacked(frame.header) && (frame.header.first ?? 0) >> 4 == 6
            score += isRight ? 10 : -20
            if isRight { reasons.append("a header of class 6") } else { contradictions.append("no header of class 6") }
        } else if frame.layout.headerBytes > 0 {
            score -= 5
        }
        let lint = MessageView.lint(frame.body, spec: spec)
        contradictions += lint.findings.map { finding in
            "field \(finding.path.isEmpty ? "-" : finding.path) at byte \(finding.offset + frame.layout.leadBytes): "
                + MessageFindings.text(finding.kind)
        }
        score += lint.isComplete ? 40 : 20 * lint.readBytes / max(1, frame.body.count)
        score -= min(60, lint.findings.reduce(0) { $0 + Self.weight($1.kind) })
        guard let view = lint.view else {
            (self.score, self.reasons, self.contradictions) = (score - 60, reasons, contradictions)
            return
        }
        if lint.isComplete { reasons.append("all \(frame.body.count) bytes are read as \(view.fields.count) fields") }
        score += min(10, view.fields.count)
        let plausibility = Plausibility(view)
        score += 3 * plausibility.proofs - 8 * plausibility.faults.count
        if plausibility.proofs > 1 { reasons.append("message type, times and check digits are right") }
        if plausibility.faults.contains(where: { $0.field == 0 }) { score -= 40 }
        contradictions += plausibility.faults.map { "field \($0.field): \($0.text)" }
        if let rule = view.rule {
            score += 10
            reasons.append("\(view.mti) \(rule.names.zh) \(rule.names.en)")
        }
        (self.score, self.reasons, self.contradictions) = (score, reasons, contradictions)
    }

    private static func weight(_ kind: DecodeError.Kind) -> Int {
        switch kind {
        case .missingField, .unexpectedField: 3
        case .unsupportedMTI, .unsupportedTransaction: 5
        default: kind.isStructural ? 25 : 12
        }
    }

    private static func isPacked(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 >> 4 <= 9 && $0 & 15 <= 9 } }

    // MARK: - Report

    /// Framing, specification and score, then what speaks for it and against it.
    public var lines: [String] {
        ["\(layout) \(spec.name): \(score)"] + reasons.map { "  + \($0)" }
            + contradictions.prefix(Self.contradictionsMax).map { "  - \($0)" }
    }

    /// The same for programs.
    public var json: JSON {
        [
            "framing": .string("\(layout)"), "spec": .string(spec.name), "score": .integer(Int64(score)),
            "reasons": .array(reasons.map(JSON.string)),
            "contradictions": .array(contradictions.prefix(Self.contradictionsMax).map(JSON.string)),
        ]
    }

    /// More contradictions are not reported.
    static let contradictionsMax = 8
}
