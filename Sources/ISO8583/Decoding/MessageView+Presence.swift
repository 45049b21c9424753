// SPDX-License-Identifier: Apache-2.0

extension MessageView {
    /// The rule of the message's type; nil only where the dialect accepts types that it has no rule for.
    public var rule: MessageRule? { ruleIndex.map { spec.compiled.rules[$0] } }

    /// The fields that the message's type needs and that are not there, in ascending order. A required authentication
    /// code counts as missing when it is not the last field.
    public func missingFields() -> [Int] { missing.fields }

    /// The fields that the rule of the message's type does not name, in ascending order.
    public func unexpectedFields() -> [Int] {
        guard let rule else { return [] }
        let codes = rule.mac == .never ? FieldSet() : spec.compiled.macFields
        return fields.subtracting(rule.allowed).subtracting(codes).fields
    }

    /// Checks that the message has what its type needs.
    ///
    /// - Throws: `missingField` for the lowest field that is missing, with the bitmap's offset.
    public func checkPresence() throws(DecodeError) {
        var missing = missing
        if let field = missing.popFirst() {
            throw DecodeError(field, at: spec.compiled.mtiBytes, .missingField)
        }
    }

    private var missing: FieldSet {
        guard let ruleIndex else { return FieldSet() }
        return spec.compiled.rules[ruleIndex].missing(in: fields, spec.compiled)
    }
}

extension MessageRule {
    /// What a message with the given fields lacks.
    func missing(in present: FieldSet, _ compiled: MessageSpec.Compiled) -> FieldSet {
        var missing = mandatory.subtracting(present)
        for condition in conditions where !present.contains(condition.field) && condition.requires(in: present) {
            missing.insert(condition.field)
        }
        if mac == .required, compiled.macField(of: present) == nil, let field = compiled.macPosition(for: present) {
            missing.insert(field)
        }
        return missing
    }
}
