// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
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

    /// A required member that is an object.
    mutating func part(_ value: JSON, _ name: String, at path: String, names: [String]) -> JSON? {
        member(value, name, at: path).flatMap { object($0, at: join(path, name), names: names) }
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

    /// Text, or an object with text in both languages.
    mutating func name(_ object: JSON, at path: String) -> FieldName {
        let here = join(path, "name")
        guard let value = member(object, "name", at: path) else { return FieldName(zh: "", en: "") }
        guard value.members != nil else {
            let text = string(object, "name", at: path) ?? ""
            return FieldName(zh: text, en: text)
        }
        _ = self.object(value, at: here, names: ["zh", "en"])
        return FieldName(zh: string(value, "zh", at: here) ?? "", en: string(value, "en", at: here) ?? "")
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

    /// The given value where there is no such member.
    mutating func optionalInteger(
        _ object: JSON, _ name: String, at path: String, in range: ClosedRange<Int>, else fallback: Int
    ) -> Int? {
        object[name] == nil ? fallback : integer(object, name, at: path, in: range)
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

    /// A list of fields that the file has, none twice.
    mutating func fieldSet(_ object: JSON, _ name: String, at path: String) -> FieldSet {
        var set = FieldSet()
        let here = join(path, name)
        guard let value = member(object, name, at: path) else { return set }
        guard let list = value.array else {
            fail(here, "expected a list of field numbers")
            return set
        }
        for (index, element) in list.enumerated() {
            let place = "\(here)[\(index)]"
            guard let field = integer(element, at: place, in: 2...FieldSet.fieldMax) else { continue }
            if !declared.contains(field) { fail(place, "field \(field) is not defined") }
            if set.contains(field) { fail(place, "field \(field) stands twice") }
            set.insert(field)
        }
        return set
    }

    /// One condition, or a list that must hold as a whole; at least one.
    mutating func conditions(_ object: JSON, _ name: String, at path: String) -> [Condition] {
        let here = join(path, name)
        guard let value = member(object, name, at: path) else { return [] }
        guard let list = value.array else { return condition(value, at: here).map { [$0] } ?? [] }
        if list.isEmpty { fail(here, "expected at least one condition") }
        return list.enumerated().compactMap { condition($0.element, at: "\(here)[\($0.offset)]") }
    }

    /// `{"field": 53, "at": 2, "is": ["3"]}`, `"isNot"`, or `{"field": 35, "present": false}`.
    private mutating func condition(_ value: JSON, at path: String) -> Condition? {
        guard let value = object(value, at: path, names: ["field", "at", "is", "isNot", "present"]) else { return nil }
        let field = integer(value, "field", at: path, in: 2...FieldSet.fieldMax)
        if let field, !declared.contains(field) { fail(join(path, "field"), "field \(field) is not defined") }
        let tests = ["is", "isNot", "present"].filter { value[$0] != nil }
        guard tests.count == 1, let test = tests.first else {
            fail(path, "expected one of is, isNot, present")
            return nil
        }
        if test == "present" {
            if value["at"] != nil { fail(join(path, "at"), "only with is or isNot") }
            guard let isPresent = boolean(value, "present", at: path), let field else { return nil }
            return Condition(field: field, test: isPresent ? .present : .absent)
        }
        let position = value["at"] == nil ? nil : integer(value, "at", at: path, in: 1...999)
        guard let words = words(value, test, at: path), let field else { return nil }
        let start = position.map { $0 - 1 }
        return Condition(
            field: field, test: test == "is" ? .equals(words, position: start) : .differs(words, position: start))
    }

    private mutating func words(_ object: JSON, _ name: String, at path: String) -> [[UInt8]]? {
        let here = join(path, name)
        let list = object[name]?.array ?? [object[name] ?? .null]
        let words = list.compactMap { $0.string.map { Array($0.utf8) } }
        guard words.count == list.count, !words.isEmpty, words.allSatisfy({ !$0.isEmpty && $0.count <= 99 }) else {
            fail(here, "expected text or a list of texts")
            return nil
        }
        return words
    }

    /// A list of message types.
    mutating func types(_ object: JSON, _ name: String, at path: String) -> [MTI] {
        let here = join(path, name)
        guard let list = object[name]?.array, !list.isEmpty else {
            fail(here, "expected a list of message types")
            return []
        }
        return list.enumerated().compactMap { index, element in
            if let type = element.string.flatMap({ MTI($0) }) { return type }
            fail("\(here)[\(index)]", "expected a message type of four digits")
            return nil
        }
    }
}
