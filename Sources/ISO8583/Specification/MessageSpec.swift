// SPDX-License-Identifier: Apache-2.0

/// A message layout, compiled once from a specification file in JSON into flat tables.
///
/// Nothing in the file has a default that could be guessed wrongly: the encoding, what a length prefix counts and how
/// it is written, and side and nibble of packed padding are required words. `docs/iso8583.md` describes the format.
///
/// ## Topics
/// ### Shipped
/// - ``iso8583_1987``
/// - ``iso8583_1987_binary``
/// - ``unionpayPOS``
/// ### Loading
/// - ``init(json:)``
/// - ``all(json:)``
/// ### Looking up
/// - ``field(_:)``
/// - ``rule(for:)``
public struct MessageSpec: Sendable {
    /// When the second bitmap stands in a message.
    enum Secondary: Sendable { case never, whenNeeded, always }

    /// One reference instead of many, so that a copy of a view costs one retain.
    ///
    /// Unchecked for the sake of `plans` alone, which is written before the initialiser returns and never after.
    final class Compiled: @unchecked Sendable {
        let name: String
        let about: String
        let head: Head
        /// By field number; 0 and 1 are never used.
        let fields: [FieldSpec?]
        /// One for each of `fields`. Outside an array, so that looking one up neither counts a reference nor checks
        /// bounds.
        private let plans: UnsafeMutablePointer<FieldPlan>
        let names: [FieldName]
        /// By one less than `FieldSpec.overlaySlot`.
        let overlays: [[Overlay]]
        /// The fields that have overlays.
        let overlaid: FieldSet
        /// Those of them whose layout a field behind decides: what reading can only guess before it has come there.
        let decidedBehind: FieldSet
        let composites: [CompositeSpec]
        /// In ascending order of their types, those of one type in the order of the file.
        let rules: [MessageRule]
        /// The types of `rules`, in the same order: what the search for a rule reads.
        let types: [MTI]

        init(
            name: String, about: String, head: Head, fields: [FieldSpec?], names: [FieldName], overlays: [[Overlay]],
            composites: [CompositeSpec], rules: [MessageRule]
        ) {
            self.name = name
            self.about = about
            self.head = head
            precondition(fields.count == FieldSet.fieldMax + 1, "every field number has a place")
            self.fields = fields
            plans = UnsafeMutablePointer.allocate(capacity: fields.count)
            for (number, field) in fields.enumerated() { (plans + number).initialize(to: FieldPlan(field)) }
            self.names = names
            self.overlays = overlays
            overlaid = FieldSet((2..<fields.count).filter { fields[$0]?.overlaySlot ?? 0 != 0 })
            decidedBehind = FieldSet(
                overlaid.fields.filter { field in
                    overlays[Int(fields[field]?.overlaySlot ?? 1) - 1].contains { $0.looksAhead(from: field) }
                })
            self.composites = composites
            self.rules = rules
            types = rules.map(\.mti)
        }

        // The plans are trivial values.
        deinit { plans.deallocate() }

        /// How fast paths treat a field, 0...192.
        @inline(__always)
        func plan(of field: Int) -> FieldPlan { address(ofPlan: field).pointee }

        /// Where the plan of a field, 0...192, lies as long as this lives.
        @inline(__always)
        func address(ofPlan field: Int) -> UnsafePointer<FieldPlan> {
            assert((0...FieldSet.fieldMax).contains(field), "a field number is at most 192")
            return UnsafePointer(plans + field)
        }
    }

    /// What holds for every message of the dialect.
    /// Nothing in it is counted, so that a copy costs nothing.
    struct Head: Sendable {
        var messageBytesMax: Int
        var fieldCountMax: Int
        var mtiEncoding: FieldSpec.Encoding
        var bitmapEncoding: FieldSpec.Encoding
        /// 64, 128 or 192.
        var fieldMax: Int
        var secondary: Secondary
        var macFields: FieldSet
        var macStart: MACStart
        var refusesOtherMessages: Bool

        var mtiBytes: Int { mtiEncoding == .bcd ? 2 : 4 }
        /// Bytes of one bitmap of 64 fields.
        var bitmapBytes: Int { bitmapEncoding == .binary ? 8 : 16 }
    }

    /// The first byte that an authentication code covers.
    enum MACStart: Sendable { case messageType, bitmap, fields }

    let compiled: Compiled

    init(_ compiled: Compiled) { self.compiled = compiled }

    /// Reads and checks a file of one specification.
    ///
    /// - Throws: every problem of the file at once, each with its JSON path.
    public init(json: [UInt8]) throws(SpecError) {
        let all = try Self.all(json: json)
        guard all.count == 1 else {
            throw SpecError(problems: [.init(path: "specs", message: "expected one specification, not \(all.count)")])
        }
        self = all[0]
    }

    /// Reads and checks a file of one specification, or of several under `specs`, in their order.
    ///
    /// - Throws: every problem of the file at once, each with its JSON path.
    public static func all(json: [UInt8]) throws(SpecError) -> [MessageSpec] {
        try SpecLoader.load(json).map { MessageSpec($0) }
    }

    /// The name in the file.
    public var name: String { compiled.name }
    /// What the file says about itself.
    public var about: String { compiled.about }
    /// Longer messages are refused.
    public var messageBytesMax: Int { compiled.head.messageBytesMax }
    /// Messages with more fields are refused.
    public var fieldCountMax: Int { compiled.head.fieldCountMax }
    /// The highest field number that the dialect's bitmaps can announce: 64, 128 or 192.
    public var fieldMax: Int { compiled.head.fieldMax }
    /// The fields that hold an authentication code.
    public var macFields: FieldSet { compiled.head.macFields }

    /// The layout of a field without its overlays; nil if the dialect does not have it.
    public func field(_ number: Int) -> FieldSpec? {
        compiled.fields.indices.contains(number) ? compiled.fields[number] : nil
    }

    /// What a field is called in English; its number if the dialect does not have it.
    public func name(of field: Int) -> String { names(of: field).en }

    /// What a field is called; its number if the dialect does not have it.
    public func names(of field: Int) -> FieldName {
        self.field(field) == nil ? FieldName(zh: "\(field)", en: "\(field)") : compiled.names[field]
    }

    /// The numbers of all fields of the dialect.
    public var definedFields: FieldSet {
        var set = FieldSet()
        for number in 2...FieldSet.fieldMax where compiled.fields[number] != nil { set.insert(number) }
        return set
    }

    /// The first rule of a message type; nil if the file has none. A message's own rule is `MessageView.rule`.
    public func rule(for mti: MTI) -> MessageRule? {
        compiled.types.firstIndex(of: mti).map { compiled.rules[$0] }
    }

    /// The rule of that name.
    public func rule(named id: String) -> MessageRule? { compiled.rules.first { $0.id == id } }

    /// All rules of the file, in ascending order of message types.
    public var messages: [MessageRule] { compiled.rules }
}

extension MessageSpec.Compiled {
    /// The authentication code of a message with these fields: the last field, if it is one of `macFields`. A code with
    /// fields behind it does not protect them and is none.
    func macField(of present: FieldSet) -> Int? {
        guard let last = present.last, head.macFields.contains(last) else { return nil }
        return last
    }

    /// Where the authentication code of a message with these fields belongs.
    func macPosition(for present: FieldSet) -> Int? {
        let hasOnlyPrimary = present.secondary | present.tertiary == 0 && head.secondary != .always
        return head.macFields.contains(64) && hasOnlyPrimary ? 64 : head.macFields.last
    }

    /// Where the authentication code's coverage begins, given where the fields begin.
    func macStart(fieldsAt start: Int) -> Int {
        switch head.macStart {
        case .messageType: 0
        case .bitmap: head.mtiBytes
        case .fields: start
        }
    }

    /// The layout that a choice of overlays gives a field.
    @inline(__always)
    func layout(of field: Int, _ choices: OverlayChoices) -> FieldSpec? {
        guard let layout = fields[field] else { return nil }
        guard layout.overlaySlot != 0 else { return layout }
        let choice = choices[layout.overlaySlot]
        return choice == 0 ? layout : overlays[Int(layout.overlaySlot) - 1][choice - 1].layout
    }

    /// The first of the fields that is not laid out as the values of the message say; nil when all are.
    func misplaced(
        among present: FieldSet, _ mti: MTI, _ choices: OverlayChoices, in bytes: Span<UInt8>,
        locate: (Int) -> LocatedField?
    ) -> Int? {
        var rest = present.intersection(overlaid)
        while let field = rest.popFirst() {
            guard let slot = fields[field]?.overlaySlot else { continue }
            let right = overlays[Int(slot) - 1].firstIndex {
                $0.isFor(mti) && $0.conditions.hold(in: bytes, locate: locate)
            }
            if (right.map { $0 + 1 } ?? 0) != choices[slot] { return field }
        }
        return nil
    }

    /// The rule that a message is of: the first of its type whose conditions hold.
    func ruleIndex(of mti: MTI, in bytes: Span<UInt8>, locate: (Int) -> LocatedField?) -> Int? {
        guard var index = types.firstIndex(of: mti) else { return nil }
        while index < types.count, types[index] == mti {
            if rules[index].when.hold(in: bytes, locate: locate) { return index }
            index += 1
        }
        return nil
    }
}
