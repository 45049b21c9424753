// SPDX-License-Identifier: Apache-2.0

/// A weakness that a key profile has by design: no fault and no warning, but to be known by whoever runs the estate.
public enum ProfileRisk: String, CaseIterable, Sendable {
    /// The MAC is taken over the XOR of the message's blocks: two blocks that change places, or the same bits changed in
    /// two blocks, leave it as it was.
    case linearMAC
    /// The MAC has 32 bits: eight hexadecimal digits.
    case shortMAC

    /// What it means and what helps, in both languages.
    public var phrase: Phrase {
        guard let phrase = Texts.phrase("risk.\(rawValue)") else {
            preconditionFailure("texts.json has no risk.\(rawValue)")
        }
        return phrase
    }
}
