// SPDX-License-Identifier: Apache-2.0
import Issuer
import SecurityTriggers
import Vocabulary

/// What the triggers said to a transaction that another host decides, and what follows from it here.
public struct ForwardVerdict: Equatable, Sendable {
    public var evaluation: Evaluation
    public var rulesVersion: UInt32
    public var shadow: ShadowVerdict?
    /// Case and freeze, once the transaction has its answer; nil before, and where the card is not known here.
    public var effects: CardEffects?

    init(evaluation: Evaluation, rulesVersion: UInt32, shadow: ShadowVerdict?, effects: CardEffects? = nil) {
        (self.evaluation, self.rulesVersion, self.shadow) = (evaluation, rulesVersion, shadow)
        self.effects = effects
    }

    func encode(to writer: inout ByteWriter) {
        evaluation.encode(to: &writer)
        writer.unsigned(rulesVersion)
        writer.optional(shadow) { $1.encode(to: &$0) }
        writer.optional(effects) { $1.encode(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        evaluation = try Evaluation(from: &reader)
        rulesVersion = try reader.unsigned()
        shadow = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try ShadowVerdict(from: &reader)
        }
        effects = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try CardEffects(from: &reader)
        }
    }
}
