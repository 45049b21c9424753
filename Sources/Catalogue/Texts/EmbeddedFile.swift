// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A data file that is part of the program. Whatever is wrong with it is a programmer's error and stops the process
/// at first use; the tests read every file whole.
struct EmbeddedFile {
    let name: String
    let root: JSON

    init(_ name: String, _ bytes: [UInt8], format: String) {
        self.name = name
        do {
            root = try JSON(parsing: bytes)
        } catch {
            preconditionFailure("\(name): \(error)")
        }
        precondition(root["format"]?.string == format, "\(name): not \(format)")
    }

    func broken(_ what: String) -> Never { preconditionFailure("\(name): \(what)") }

    func required(_ value: JSON, _ member: String) -> JSON {
        guard let found = value[member] else { broken("no \(member) in \(value.text)") }
        return found
    }

    func string(_ value: JSON) -> String {
        guard let text = value.string, !text.isEmpty else { broken("no text: \(value.text)") }
        return text
    }

    func array(_ value: JSON) -> [JSON] {
        guard let values = value.array, !values.isEmpty else { broken("no list: \(value.text)") }
        return values
    }

    func members(_ value: JSON) -> [JSON.Member] {
        guard let members = value.members else { broken("no object: \(value.text)") }
        return members
    }

    /// A pair `[en, zh]`.
    func phrase(_ value: JSON) -> Phrase {
        let pair = array(value)
        guard pair.count == 2 else { broken("no [en, zh] pair: \(value.text)") }
        return Phrase(en: string(pair[0]), zh: string(pair[1]))
    }

    /// A case of an enum, by the name the file uses for it.
    func named<T>(_ value: JSON, _ find: (String) -> T?) -> T {
        guard let found = find(string(value)) else { broken("unknown name \(value.text)") }
        return found
    }
}
