// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The display texts of terminal, console, cardholder page and demonstration, by key (`console.logIn`).
public enum Texts {
    /// The text of a key. A key the file does not hold gives the key itself, so that a page shows what is missing;
    /// tests check with `has`.
    public static func text(_ key: String, _ language: Language) -> String {
        phrase(key)?[language] ?? key
    }

    /// Whether the file holds the key.
    public static func has(_ key: String) -> Bool { table.find(key) != nil }

    /// Every key in the order of the file.
    public static var keys: [String] { table.keys }

    /// Both languages of a key; nil for a key the file does not hold.
    public static func phrase(_ key: String) -> Phrase? { table[key] }

    private static let table: Registry<String, Phrase> = {
        let file = EmbeddedFile("texts.json", PackageResources.texts_json, format: "tillguard-texts/1")
        var table = Registry<String, Phrase>()
        for member in file.members(file.required(file.root, "texts")) {
            table.insert(member.name, file.phrase(member.value))
        }
        return table
    }()
}
