// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a model said of a transaction, kept where a rule that asks for the score spoke.
///
/// With `top` it holds all that its explanation shows. A model is replaced, and the one of then need not be at hand when a
/// decision is explained: who keeps it for long has what drove the score taken down with it (`RuleSet.attributed(_:)`), so
/// that it gives the same bytes for ever.
public struct ScoreResult: Sendable {
    /// What one feature added to the margin.
    public struct Contribution: Sendable {
        /// The position among the score's features.
        public var feature: Int
        /// Log-odds; more than 0 speaks for a fraud.
        public var value: Double
    }

    /// The index of the score in its `RuleSet`.
    public var score: Int
    /// The version that the model was bound under; 0: none was said.
    public var modelVersion: UInt32
    /// The probability of fraud, 0…1.
    public var value: Double
    /// What the model was asked with, in the order of the score's features; NaN for one that is missing.
    public var features: [Double]
    /// The largest contributions by size, at most `topMax`. Empty where no rule that asks for the score fired, and before
    /// `RuleSet.attributed(_:)`.
    public var top: [Contribution]

    public static let topMax = 5
}

/// By bits, so that a missing feature equals itself.
extension ScoreResult: Equatable {
    public static func == (left: ScoreResult, right: ScoreResult) -> Bool {
        (left.score, left.modelVersion, left.value.bitPattern)
            == (right.score, right.modelVersion, right.value.bitPattern)
            && left.features.map(\.bitPattern) == right.features.map(\.bitPattern) && left.top == right.top
    }
}

extension ScoreResult.Contribution: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.feature == right.feature && left.value.bitPattern == right.value.bitPattern
    }
}

// MARK: - Codec

extension ScoreResult {
    func encode(to writer: inout ByteWriter) {
        writer.count(score)
        writer.unsigned(modelVersion)
        writer.word(value.bitPattern)
        writer.list(features) { $0.real($1) }
        writer.list(top) {
            $0.count($1.feature)
            $0.word($1.value.bitPattern)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        score = try Int(reader.unsigned(UInt8.self))
        modelVersion = try reader.unsigned()
        value = Double(bitPattern: try reader.word())
        let features = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.real() }
        top = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Contribution(
                feature: Int(try reader.unsigned(UInt8.self)), value: Double(bitPattern: try reader.word()))
        }
        self.features = features
        guard score < RuleSet.limits.scores, (0...1).contains(value), features.count <= RuleSet.limits.features,
            top.count <= Self.topMax, top.allSatisfy({ $0.feature < features.count && $0.value.isFinite })
        else { throw .invalid(offset: start, what: "score") }
    }
}

extension ByteWriter {
    /// Most features are whole numbers: those take a tag and as many bytes as they need, any other its eight.
    fileprivate mutating func real(_ value: Double) {
        if let whole = value.whole {
            byte(0)
            signed(whole)
        } else {
            byte(1)
            word(value.bitPattern)
        }
    }
}

extension ByteReader {
    fileprivate mutating func real() throws(CodecError) -> Double {
        let start = offset
        let tag = try byte()
        guard tag < 2 else { throw .invalid(offset: start, what: "feature") }
        let whole = tag == 0 ? try signed() : nil
        let value = if let whole { Double(whole) } else { Double(bitPattern: try word()) }
        // One value, one form.
        guard value.whole == whole else { throw .invalid(offset: start, what: "feature") }
        return value
    }
}

extension Double {
    /// The whole number that has these bits.
    fileprivate var whole: Int64? {
        Int64(exactly: self).flatMap { Double($0).bitPattern == bitPattern ? $0 : nil }
    }
}
