// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Vocabulary

/// The console's own sentences, beside those of the catalogue.
enum ConsoleTexts {
    static func text(_ key: String, _ language: Language) -> String {
        table[key].map { language == .en ? $0.en : $0.zh } ?? key
    }

    static func has(_ key: String) -> Bool { table.find(key) != nil }
    static var keys: [String] { table.keys }

    /// Every sentence by its key, as templates read them.
    static func all(_ language: Language) -> [String: String] { language == .en ? english : chinese }

    /// The catalogue's texts of `console.` and `cardholder.`, by what follows the point.
    static func catalogue(_ language: Language) -> [String: String] {
        language == .en ? englishCatalogue : chineseCatalogue
    }

    private static let english = dictionary { $0.en }
    private static let chinese = dictionary { $0.zh }
    private static let englishCatalogue = catalogueDictionary(.en)
    private static let chineseCatalogue = catalogueDictionary(.zh)

    private static func dictionary(_ pick: ((en: String, zh: String)) -> String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: zip(table.keys, table.values.map(pick)))
    }

    private static func catalogueDictionary(_ language: Language) -> [String: String] {
        var texts: [String: String] = [:]
        for key in Texts.keys {
            let parts = key.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, parts[0] == "console" || parts[0] == "cardholder" else { continue }
            texts[String(parts[1])] = Texts.text(key, language)
        }
        return texts
    }

    private static let table: Registry<String, (en: String, zh: String)> = {
        // A mistake in the file is a programmer's, and a test reads it whole.
        guard let root = try? JSON(parsing: PackageResources.texts_json), let texts = root["texts"]?.members else {
            preconditionFailure("Pages/texts.json cannot be read")
        }
        var table = Registry<String, (en: String, zh: String)>()
        for member in texts {
            guard let pair = member.value.array, pair.count == 2, let en = pair[0].string, let zh = pair[1].string
            else {
                preconditionFailure("Pages/texts.json: \(member.name) is no [en, zh] pair")
            }
            table.insert(member.name, (en, zh))
        }
        return table
    }()
}
