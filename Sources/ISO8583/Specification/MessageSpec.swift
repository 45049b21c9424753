// SPDX-License-Identifier: Apache-2.0

/// A message layout, compiled once from a specification file in JSON into flat tables.
///
/// Nothing in the file has a default that could be guessed wrongly: the encoding, what a length prefix counts, and
/// side and nibble of packed padding are required words.
public struct MessageSpec: Sendable {
    /// The terminal-to-host dialect: ASCII digits and lengths, binary bitmap.
    ///
    /// A broken embedded file is a fault of the program and stops it.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    public static let iso8583_1987: MessageSpec = {
        do throws(SpecError) {
            return try MessageSpec(json: PackageResources.iso8583_1987_json)
        } catch {
            preconditionFailure("iso8583-1987.json: \(error)")
        }
    }()

    /// When the second bitmap stands in a message.
    enum Secondary: Sendable { case never, whenNeeded, always }

    /// One reference instead of seven, so that a copy of a view costs one retain.
    final class Compiled: Sendable {
        let name: String
        let messageBytesMax: Int
        let fieldCountMax: Int
        let mtiEncoding: FieldSpec.Encoding
        let bitmapEncoding: FieldSpec.Encoding
        let secondary: Secondary
        let macFields: FieldSet
        let refusesOtherMessages: Bool
        /// By field number; 0 and 1 are never used.
        let fields: [FieldSpec?]
        let names: [String]
        /// In ascending order of their types.
        let rules: [MessageRule]
        /// The types of `rules`, in the same order: what the search for a rule reads.
        let types: [MTI]

        init(
            name: String, messageBytesMax: Int, fieldCountMax: Int, mtiEncoding: FieldSpec.Encoding,
            bitmapEncoding: FieldSpec.Encoding, secondary: Secondary, macFields: FieldSet,
            refusesOtherMessages: Bool, fields: [FieldSpec?], names: [String], rules: [MessageRule]
        ) {
            self.name = name
            self.messageBytesMax = messageBytesMax
            self.fieldCountMax = fieldCountMax
            self.mtiEncoding = mtiEncoding
            self.bitmapEncoding = bitmapEncoding
            self.secondary = secondary
            self.macFields = macFields
            self.refusesOtherMessages = refusesOtherMessages
            self.fields = fields
            self.names = names
            self.rules = rules
            types = rules.map(\.mti)
        }

        var mtiBytes: Int { mtiEncoding == .bcd ? 2 : 4 }
        /// Bytes of one bitmap of 64 fields.
        var bitmapBytes: Int { bitmapEncoding == .hex ? 16 : 8 }

        /// The authentication code of a message with these fields: the last field, if it is one of `macFields`. A
        /// code with fields behind it does not protect them and is none.
        func macField(of present: FieldSet) -> Int? {
            guard let last = present.last, macFields.contains(last) else { return nil }
            return last
        }

        /// Where the authentication code of a message with these fields belongs.
        func macPosition(for present: FieldSet) -> Int? {
            macFields.contains(64) && present.secondary == 0 && secondary != .always ? 64 : macFields.last
        }
    }

    let compiled: Compiled

    /// Reads and checks a specification file.
    ///
    /// - Throws: every problem of the file at once, each with its JSON path.
    public init(json: [UInt8]) throws(SpecError) {
        compiled = try SpecLoader.load(json)
    }

    /// The name in the file.
    public var name: String { compiled.name }
    /// Longer messages are refused.
    public var messageBytesMax: Int { compiled.messageBytesMax }
    /// Messages with more fields are refused.
    public var fieldCountMax: Int { compiled.fieldCountMax }

    /// The layout of a field; nil if the dialect does not have it.
    public func field(_ number: Int) -> FieldSpec? {
        (0...128).contains(number) ? compiled.fields[number] : nil
    }

    /// What a field is called, for people; its number if the dialect does not have it.
    public func name(of field: Int) -> String {
        self.field(field) == nil ? "\(field)" : compiled.names[field]
    }

    /// The numbers of all fields of the dialect.
    public var definedFields: FieldSet {
        var set = FieldSet()
        for number in 2...128 where compiled.fields[number] != nil { set.insert(number) }
        return set
    }

    /// The rule of a message type; nil if the file has none.
    public func rule(for mti: MTI) -> MessageRule? {
        ruleIndex(of: mti).map { compiled.rules[$0] }
    }

    /// All message types the file has rules for, in ascending order.
    public var messages: [MessageRule] { compiled.rules }

    func ruleIndex(of mti: MTI) -> Int? { compiled.types.firstIndex(of: mti) }
}
