// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Compiles a specification file, collecting every problem on the way.
struct SpecLoader {
    /// The only format there is.
    static let format = "message-spec/1"
    private(set) var problems: [SpecError.Problem] = []

    static func load(_ bytes: [UInt8]) throws(SpecError) -> MessageSpec.Compiled {
        let document: JSON
        do throws(JSONError) {
            document = try JSON(parsing: bytes)
        } catch {
            throw SpecError(problems: [.init(path: "", message: "not JSON, \(error)")])
        }
        var loader = SpecLoader()
        let compiled = loader.compile(document)
        guard loader.problems.isEmpty, let compiled else { throw SpecError(problems: loader.problems) }
        return compiled
    }

    private mutating func compile(_ document: JSON) -> MessageSpec.Compiled? {
        guard
            let top = object(
                document, at: "",
                names: [
                    "format", "name", "about", "limits", "mti", "bitmap", "mac", "fields", "otherMessages", "messages",
                ])
        else { return nil }
        if let format = string(top, "format", at: ""), format != Self.format {
            fail("format", "expected \"\(Self.format)\"")
        }
        let name = string(top, "name", at: "") ?? ""
        let limits = member(top, "limits", at: "").flatMap {
            object($0, at: "limits", names: ["messageBytes", "fields"])
        }
        let messageBytesMax = limits.flatMap {
            integer($0, "messageBytes", at: "limits", in: 1...OffsetTable.offsetMax)
        }
        let fieldCountMax = limits.flatMap { integer($0, "fields", at: "limits", in: 1...128) }
        let mti = member(top, "mti", at: "").flatMap { object($0, at: "mti", names: ["encoding"]) }
        let mtiEncoding = mti.flatMap {
            word($0, "encoding", at: "mti", of: ["ascii": FieldSpec.Encoding.ascii, "bcd": .bcd])
        }
        let bitmap = member(top, "bitmap", at: "").flatMap {
            object($0, at: "bitmap", names: ["encoding", "secondary"])
        }
        let bitmapEncoding = bitmap.flatMap {
            word($0, "encoding", at: "bitmap", of: ["binary": FieldSpec.Encoding.binary, "hex": .hex])
        }
        let secondary = bitmap.flatMap {
            word(
                $0, "secondary", at: "bitmap",
                of: ["never": MessageSpec.Secondary.never, "whenNeeded": .whenNeeded, "always": .always])
        }
        let table = fieldTable(top, lastField: secondary == .never ? 64 : 128)
        let macFields = macFields(top, table: table)
        let others = word(top, "otherMessages", at: "", of: ["refuse": true, "accept": false])
        let rules = messageRules(top, table: table, hasMAC: !macFields.isEmpty)
        guard let messageBytesMax, let fieldCountMax, let mtiEncoding, let bitmapEncoding, let secondary, let others
        else { return nil }
        return MessageSpec.Compiled(
            name: name, messageBytesMax: messageBytesMax, fieldCountMax: fieldCountMax, mtiEncoding: mtiEncoding,
            bitmapEncoding: bitmapEncoding, secondary: secondary, macFields: macFields, refusesOtherMessages: others,
            fields: table.specs, names: table.names, rules: rules)
    }

    /// `"mac": {"fields": [64, 128]}`: fixed fields, so that everything before the value is before the field.
    private mutating func macFields(_ top: JSON, table: FieldTable) -> FieldSet {
        guard let mac = member(top, "mac", at: "").flatMap({ object($0, at: "mac", names: ["fields"]) })
        else { return FieldSet() }
        let set = fieldSet(mac, "fields", at: "mac", table: table)
        for field in set.fields {
            guard let spec = table.specs[field] else { continue }
            if field != 64 && field != 128 { fail("mac.fields", "field \(field) is not the last of a bitmap") }
            if spec.isVariable { fail("mac.fields", "field \(field) has no fixed length") }
        }
        return set
    }

    // MARK: - Reading members

    mutating func fail(_ path: String, _ message: String) { problems.append(.init(path: path, message: message)) }

    func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// An object that has no member twice and none but the named ones; `names` empty allows all.
    mutating func object(_ value: JSON, at path: String, names: [String]) -> JSON? {
        guard let members = value.members else {
            fail(path, "expected an object")
            return nil
        }
        for (index, member) in members.enumerated() {
            let here = join(path, member.name)
            if !names.isEmpty, !names.contains(member.name) {
                fail(here, "unknown; expected one of \(names.joined(separator: ", "))")
            } else if members[..<index].contains(where: { $0.name == member.name }) {
                fail(here, "stands twice")
            }
        }
        return value
    }

    mutating func member(_ object: JSON, _ name: String, at path: String) -> JSON? {
        guard let value = object[name] else {
            fail(join(path, name), "missing")
            return nil
        }
        return value
    }

    mutating func string(_ object: JSON, _ name: String, at path: String) -> String? {
        guard let value = member(object, name, at: path) else { return nil }
        guard let text = value.string, !text.isEmpty else {
            fail(join(path, name), "expected text")
            return nil
        }
        return text
    }

    mutating func boolean(_ object: JSON, _ name: String, at path: String) -> Bool? {
        guard let value = member(object, name, at: path) else { return nil }
        guard let flag = value.bool else {
            fail(join(path, name), "expected true or false")
            return nil
        }
        return flag
    }

    mutating func integer(_ object: JSON, _ name: String, at path: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = member(object, name, at: path) else { return nil }
        return integer(value, at: join(path, name), in: range)
    }

    mutating func integer(_ value: JSON, at path: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = value.integer.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            fail(path, "expected a whole number \(range.lowerBound)...\(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of the given words; they are listed in the message in their order.
    mutating func word<T>(
        _ object: JSON, _ name: String, at path: String, of words: KeyValuePairs<String, T>
    ) -> T? {
        guard let value = member(object, name, at: path) else { return nil }
        if let text = value.string, let match = words.first(where: { $0.key == text }) { return match.value }
        fail(join(path, name), "expected one of \(words.map { $0.key }.joined(separator: ", "))")
        return nil
    }

    /// A list of fields that the table has, none twice.
    mutating func fieldSet(_ object: JSON, _ name: String, at path: String, table: FieldTable) -> FieldSet {
        var set = FieldSet()
        let here = join(path, name)
        guard let value = member(object, name, at: path) else { return set }
        guard let list = value.array else {
            fail(here, "expected a list of field numbers")
            return set
        }
        for (index, element) in list.enumerated() {
            let place = "\(here)[\(index)]"
            guard let field = integer(element, at: place, in: 2...128) else { continue }
            if !table.declared.contains(field) { fail(place, "field \(field) is not defined") }
            if set.contains(field) { fail(place, "field \(field) stands twice") }
            set.insert(field)
        }
        return set
    }
}
