// SPDX-License-Identifier: Apache-2.0

/// One text in every language of the catalogue.
public struct Phrase: Hashable, Sendable {
    /// The English text.
    public let en: String
    /// The Chinese text.
    public let zh: String

    /// The text in one language.
    public subscript(language: Language) -> String {
        switch language {
        case .en: en
        case .zh: zh
        }
    }
}
