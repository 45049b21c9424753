// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
    /// The presence rules, in ascending order of message types.
    mutating func messageRules(_ top: JSON, table: FieldTable, hasMAC: Bool) -> [MessageRule] {
        guard let messages = member(top, "messages", at: "").flatMap({ object($0, at: "messages", names: []) })
        else { return [] }
        var rules: [MessageRule] = []
        for member in messages.members ?? [] {
            let path = "messages.\(member.name)"
            guard let mti = MTI(member.name) else {
                fail(path, "expected a message type of four digits")
                continue
            }
            if let rule = messageRule(member.value, mti, at: path, table: table, hasMAC: hasMAC) {
                rules.append(rule)
            }
        }
        return rules.sorted { $0.mti < $1.mti }
    }

    private mutating func messageRule(
        _ value: JSON, _ mti: MTI, at path: String, table: FieldTable, hasMAC: Bool
    ) -> MessageRule? {
        guard
            let rule = object(
                value, at: path, names: ["name", "served", "mac", "mandatory", "conditional", "optional"])
        else { return nil }
        let name = string(rule, "name", at: path)
        let served = boolean(rule, "served", at: path)
        let mac = word(
            rule, "mac", at: path,
            of: ["required": MessageRule.MACRule.required, "optional": .optional, "never": .never])
        if !hasMAC, let mac, mac != .never { fail(path + ".mac", "no field is named for it under mac.fields") }
        let mandatory = fieldSet(rule, "mandatory", at: path, table: table)
        let optional = fieldSet(rule, "optional", at: path, table: table)
        for field in mandatory.intersection(optional).fields {
            fail(path + ".optional", "field \(field) is mandatory as well")
        }
        let conditions = conditions(rule, at: path, table: table)
        var allowed = mandatory.union(optional)
        for condition in conditions { allowed.insert(condition.field) }
        guard let name, let served, let mac else { return nil }
        return MessageRule(
            mti: mti, name: name, isServed: served, mac: mac, mandatory: mandatory, allowed: allowed,
            conditions: conditions)
    }

    /// `{"field": 62, "with": [52, 110]}` or `{"field": 2, "without": [35]}`.
    private mutating func conditions(
        _ rule: JSON, at path: String, table: FieldTable
    ) -> [MessageRule.Condition] {
        guard let value = member(rule, "conditional", at: path) else { return [] }
        guard let list = value.array else {
            fail(path + ".conditional", "expected a list of conditions")
            return []
        }
        var conditions: [MessageRule.Condition] = []
        for (index, element) in list.enumerated() {
            let here = "\(path).conditional[\(index)]"
            guard let condition = object(element, at: here, names: ["field", "with", "without"]) else { continue }
            if (condition["with"] == nil) == (condition["without"] == nil) {
                fail(here, "expected with or without")
                continue
            }
            let with = condition["with"] == nil ? FieldSet() : fieldSet(condition, "with", at: here, table: table)
            let without =
                condition["without"] == nil ? FieldSet() : fieldSet(condition, "without", at: here, table: table)
            if with.isEmpty && without.isEmpty { fail(here, "names no field to depend on") }
            guard let field = integer(condition, "field", at: here, in: 2...128) else { continue }
            if !table.declared.contains(field) { fail(here + ".field", "field \(field) is not defined") }
            conditions.append(MessageRule.Condition(field: field, with: with, without: without))
        }
        return conditions
    }
}
