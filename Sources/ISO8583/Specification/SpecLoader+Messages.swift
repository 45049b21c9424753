// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension SpecLoader {
    /// Rules of one specification.
    private static let rulesMax = 1_000

    /// The rules, in ascending order of message types and otherwise that of the file, and whether messages without one
    /// are refused.
    mutating func messageRules(
        _ top: JSON, at path: String, hasMAC: Bool
    ) -> (rules: [MessageRule], refused: Bool) {
        let here = join(path, "messages")
        guard let value = top["messages"] else {
            if top["otherMessages"] != nil { fail(join(path, "otherMessages"), "only beside messages") }
            return ([], false)
        }
        let refused = word(top, "otherMessages", at: path, of: ["refuse": true, "accept": false])
        let timeouts = timeouts(top, at: path)
        let mux = top["mux"] == nil ? FieldSet() : fieldSet(top, "mux", at: path)
        guard let messages = object(value, at: here, names: []), let members = messages.members else {
            return ([], false)
        }
        guard members.count <= Self.rulesMax else {
            fail(here, "more than \(Self.rulesMax) rules")
            return ([], false)
        }
        var rules: [MessageRule] = []
        for member in members {
            let place = join(here, member.name)
            if let rule = rule(member, at: place, mux: mux, timeouts: timeouts, hasMAC: hasMAC) { rules.append(rule) }
        }
        if problems.isEmpty { refuseUnreachable(rules, at: here) }
        // Stable, so that the first rule of a type that fits stays the first.
        let order = rules.indices.sorted { (rules[$0].mti, $0) < (rules[$1].mti, $1) }
        return (order.map { rules[$0] }, refused ?? false)
    }

    /// A rule behind one of its type that every message fits is never met.
    private mutating func refuseUnreachable(_ rules: [MessageRule], at path: String) {
        for (index, rule) in rules.enumerated() {
            if let earlier = rules[..<index].first(where: { $0.mti == rule.mti && $0.when.isEmpty }) {
                fail(join(path, rule.id), "never reached: \(earlier.id) takes every message of type \(rule.mti)")
            }
        }
    }

    /// `"timeouts": {"financial": 60}`: seconds by class.
    private mutating func timeouts(_ top: JSON, at path: String) -> [(name: String, seconds: Int)] {
        guard let value = top["timeouts"] else { return [] }
        let here = join(path, "timeouts")
        guard let members = object(value, at: here, names: [])?.members else { return [] }
        return members.compactMap { member in
            integer(member.value, at: join(here, member.name), in: 1...3600).map { (member.name, $0) }
        }
    }

    /// Under its message type, or under a name of its own with `mti` and, for all but the last of a type, `when`.
    private mutating func rule(
        _ member: JSON.Member, at path: String, mux: FieldSet, timeouts: [(name: String, seconds: Int)], hasMAC: Bool
    ) -> MessageRule? {
        guard
            let rule = object(
                member.value, at: path,
                names: [
                    "mti", "when", "name", "served", "mac", "unanswered", "timeout", "mux", "mandatory", "conditional",
                    "optional",
                ] + Self.remarks)
        else { return nil }
        let mti = rule["mti"] == nil ? MTI(member.name) : rule["mti"]?.string.flatMap { MTI($0) }
        if mti == nil {
            fail(rule["mti"] == nil ? path : join(path, "mti"), "expected a message type of four digits")
        }
        let names = name(rule, at: path)
        let served = boolean(rule, "served", at: path)
        let mac = word(
            rule, "mac", at: path,
            of: ["required": MessageRule.MACRule.required, "optional": .optional, "never": .never])
        if !hasMAC, let mac, mac != .never { fail(join(path, "mac"), "no field is named for it under mac.fields") }
        var unanswered = MessageRule.Unanswered.nothing
        if rule["unanswered"] != nil {
            unanswered =
                word(
                    rule, "unanswered", at: path,
                    of: ["nothing": MessageRule.Unanswered.nothing, "reverse": .reverse, "repeat": .repeat])
                ?? .nothing
        }
        let seconds = timeout(rule, at: path, timeouts)
        let key = rule["mux"] == nil ? mux : fieldSet(rule, "mux", at: path)
        let mandatory = fieldSet(rule, "mandatory", at: path)
        let optional = fieldSet(rule, "optional", at: path)
        for field in mandatory.intersection(optional).fields {
            fail(join(path, "optional"), "field \(field) is mandatory as well")
        }
        let requirements = requirements(rule, at: path)
        let when = rule["when"] == nil ? [] : conditions(rule, "when", at: path)
        var allowed = mandatory.union(optional)
        for requirement in requirements { allowed.insert(requirement.field) }
        guard let mti, let served, let mac else { return nil }
        return MessageRule(
            mti: mti, id: member.name, names: names, isServed: served, mac: mac, unanswered: unanswered,
            timeoutSeconds: seconds, muxKey: key, mandatory: mandatory, allowed: allowed, requirements: requirements,
            when: when)
    }

    private mutating func timeout(
        _ rule: JSON, at path: String, _ timeouts: [(name: String, seconds: Int)]
    ) -> Int {
        guard rule["timeout"] != nil, let name = string(rule, "timeout", at: path) else { return 0 }
        if let found = timeouts.first(where: { $0.name == name }) { return found.seconds }
        fail(join(path, "timeout"), "expected a class of timeouts: \(timeouts.map(\.name).joined(separator: ", "))")
        return 0
    }

    /// `{"field": 62, "with": [52, 110]}`, `{"field": 2, "without": [35]}` or `{"field": 38, "when": …}`.
    private mutating func requirements(_ rule: JSON, at path: String) -> [MessageRule.Requirement] {
        guard let value = member(rule, "conditional", at: path) else { return [] }
        guard let list = value.array else {
            fail(join(path, "conditional"), "expected a list of conditions")
            return []
        }
        var found: [MessageRule.Requirement] = []
        for (index, element) in list.enumerated() {
            let here = "\(join(path, "conditional"))[\(index)]"
            guard let entry = object(element, at: here, names: ["field", "with", "without", "when"]) else { continue }
            guard ["with", "without", "when"].count(where: { entry[$0] != nil }) == 1 else {
                fail(here, "expected with, without or when")
                continue
            }
            let with = entry["with"] == nil ? FieldSet() : fieldSet(entry, "with", at: here)
            let without = entry["without"] == nil ? FieldSet() : fieldSet(entry, "without", at: here)
            let when = entry["when"] == nil ? [] : conditions(entry, "when", at: here)
            if with.isEmpty && without.isEmpty && when.isEmpty { fail(here, "names no field to depend on") }
            guard let field = integer(entry, "field", at: here, in: 2...FieldSet.fieldMax) else { continue }
            if !declared.contains(field) { fail(join(here, "field"), "field \(field) is not defined") }
            found.append(MessageRule.Requirement(field: field, with: with, without: without, when: when))
        }
        return found
    }
}
