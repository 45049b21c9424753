// SPDX-License-Identifier: Apache-2.0

extension MessageView {
    /// The rule that the message is of: the first of its type whose conditions hold; nil where there is none.
    public var rule: MessageRule? { index.rule < 0 ? nil : spec.compiled.rules[index.rule] }

    /// The fields that the message's rule needs and that are not there, in ascending order. A required authentication
    /// code counts as missing when it is not the last field.
    public func missingFields() -> [Int] { missing.fields }

    /// The fields that the message's rule does not name, in ascending order.
    public func unexpectedFields() -> [Int] {
        guard let rule else { return [] }
        let codes = rule.mac == .never ? FieldSet() : spec.compiled.head.macFields
        return fields.subtracting(rule.allowed).subtracting(codes).fields
    }

    /// Checks that the message has what its rule needs.
    ///
    /// - Throws: `missingField` for the lowest field that is missing, with the bitmap's offset;
    ///   `unsupportedTransaction` where the dialect refuses messages that no rule is for.
    public func checkPresence() throws(DecodeError) {
        if rule == nil, spec.compiled.head.refusesOtherMessages {
            throw DecodeError(0, at: 0, .unsupportedTransaction)
        }
        var missing = missing
        if let field = missing.popFirst() {
            throw DecodeError(field, at: spec.compiled.head.mtiBytes, .missingField)
        }
    }

    private var missing: FieldSet {
        guard let rule else { return FieldSet() }
        let span = bytes.span
        return rule.missing(in: fields, spec.compiled, bytes: span) { index.located($0, in: span, spec.compiled) }
    }
}

extension MessageRule {
    /// What a message with the given fields lacks.
    func missing(
        in present: FieldSet, _ compiled: MessageSpec.Compiled, bytes: Span<UInt8>, locate: (Int) -> LocatedField?
    ) -> FieldSet {
        var missing = mandatory.subtracting(present)
        for requirement in requirements where !present.contains(requirement.field) {
            let isRequired =
                !requirement.with.intersection(present).isEmpty
                || !requirement.without.isEmpty && requirement.without.intersection(present).isEmpty
                || !requirement.when.isEmpty && requirement.when.hold(in: bytes, locate: locate)
            if isRequired { missing.insert(requirement.field) }
        }
        if mac == .required, compiled.macField(of: present) == nil, let field = compiled.macPosition(for: present) {
            missing.insert(field)
        }
        return missing
    }
}
