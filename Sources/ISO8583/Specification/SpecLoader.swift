// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Compiles a file of specifications, collecting every problem on the way. `docs/iso8583.md` describes the format.
struct SpecLoader {
    /// The format of files with rules, and that of files with fields alone; they differ in nothing but what they have.
    static let formats = ["iso8583-spec/1", "iso8583-vectors/1"]
    /// Specifications in one file.
    static let specsMax = 64
    /// Members that are for people and may stand anywhere.
    static let remarks = ["note", "about", "description", "source", "verified"]

    var problems: [SpecError.Problem] = []
    /// What the specification being read has so far.
    var overlays: [[Overlay]] = []
    var composites: [CompositeSpec] = []
    /// Every field the file has an entry for, even a faulty one, so that a fault is reported once.
    var declared = FieldSet()

    static func load(_ bytes: [UInt8]) throws(SpecError) -> [MessageSpec.Compiled] {
        let document: JSON
        do throws(JSONError) {
            document = try JSON(parsing: bytes)
        } catch {
            throw SpecError(problems: [.init(path: "", message: "not JSON, \(error)")])
        }
        var loader = SpecLoader()
        let compiled = loader.compileAll(document)
        guard loader.problems.isEmpty else { throw SpecError(problems: loader.problems) }
        return compiled
    }

    private mutating func compileAll(_ document: JSON) -> [MessageSpec.Compiled] {
        guard document.members != nil else {
            fail("", "expected an object")
            return []
        }
        if let format = string(document, "format", at: ""), !Self.formats.contains(format) {
            fail("format", "expected one of \(Self.formats.joined(separator: ", "))")
        }
        guard let specs = document["specs"] else { return compile(document, at: "").map { [$0] } ?? [] }
        guard let specs = object(specs, at: "specs", names: []), let members = specs.members else { return [] }
        guard (1...Self.specsMax).contains(members.count) else {
            fail("specs", "expected 1...\(Self.specsMax) specifications")
            return []
        }
        return members.compactMap { compile($0.value, at: "specs.\($0.name)", key: $0.name) }
    }

    private mutating func compile(_ value: JSON, at path: String, key: String? = nil) -> MessageSpec.Compiled? {
        overlays = []
        composites = []
        declared = FieldSet()
        guard
            let top = object(
                value, at: path,
                names: [
                    "format", "id", "mti", "bitmap", "limits", "mac", "mux", "timeouts", "fields", "otherMessages",
                    "messages",
                ] + Self.remarks)
        else { return nil }
        let name = string(top, "id", at: path) ?? ""
        if let key, !name.isEmpty, key != name { fail(join(path, "id"), "expected the name it stands under, \(key)") }
        let limits = limits(top, at: path)
        let mtiEncoding = part(top, "mti", at: path, names: ["enc"]).flatMap {
            word(
                $0, "enc", at: join(path, "mti"),
                of: [
                    "ascii": FieldSpec.Encoding.ascii, "bcd": .bcd, "ebcdic": .ebcdic037, "ebcdic1047": .ebcdic1047,
                ])
        }
        let bitmap = bitmap(top, at: path)
        let table = fieldTable(top, at: join(path, "fields"), lastField: bitmap?.fieldMax ?? FieldSet.fieldMax)
        let mac = mac(top, at: path, table: table)
        let others = messageRules(top, at: path, hasMAC: !mac.fields.isEmpty)
        guard let limits, let mtiEncoding, let bitmap, problems.isEmpty else { return nil }
        let head = MessageSpec.Head(
            messageBytesMax: limits.bytes, fieldCountMax: limits.fields, mtiEncoding: mtiEncoding,
            bitmapEncoding: bitmap.encoding,
            fieldMax: bitmap.fieldMax, secondary: bitmap.secondary, macFields: mac.fields, macStart: mac.start,
            refusesOtherMessages: others.refused)
        return MessageSpec.Compiled(
            name: name, about: (top["description"] ?? top["about"])?.string ?? "", head: head, fields: table.specs,
            names: table.names, overlays: overlays, composites: composites,
            rules: others.rules)
    }

    /// `"limits": {"bytes": 4096, "fields": 48}`; what is left out is as high as the format allows.
    private mutating func limits(_ top: JSON, at path: String) -> (bytes: Int, fields: Int)? {
        guard let value = top["limits"] else { return (OffsetTable.offsetMax, FieldSet.fieldMax) }
        let here = join(path, "limits")
        guard let limits = object(value, at: here, names: ["bytes", "fields"]) else { return nil }
        let bytes = optionalInteger(
            limits, "bytes", at: here, in: 1...OffsetTable.offsetMax, else: OffsetTable.offsetMax)
        let fields = optionalInteger(limits, "fields", at: here, in: 1...FieldSet.fieldMax, else: FieldSet.fieldMax)
        guard let bytes, let fields else { return nil }
        return (bytes, fields)
    }

    private struct Bitmap {
        var encoding: FieldSpec.Encoding
        var fieldMax: Int
        var secondary: MessageSpec.Secondary
    }

    /// `"bitmap": {"enc": "binary", "maxFields": 128, "secondary": "always"}`; without the last word a second bitmap
    /// stands when a field needs it.
    private mutating func bitmap(_ top: JSON, at path: String) -> Bitmap? {
        let here = join(path, "bitmap")
        guard let bitmap = part(top, "bitmap", at: path, names: ["enc", "maxFields", "secondary"]) else { return nil }
        let encoding = word(
            bitmap, "enc", at: here,
            of: ["binary": FieldSpec.Encoding.binary, "hexascii": .hex, "ebcdic": .ebcdic037])
        let fieldMax = integer(bitmap, "maxFields", at: here, in: 64...FieldSet.fieldMax)
        if let fieldMax, fieldMax % 64 != 0 { fail(join(here, "maxFields"), "expected 64, 128 or 192") }
        guard let encoding, let fieldMax else { return nil }
        if fieldMax == 64 {
            if bitmap["secondary"] != nil { fail(join(here, "secondary"), "64 fields have one bitmap") }
            return Bitmap(encoding: encoding, fieldMax: fieldMax, secondary: .never)
        }
        var secondary = MessageSpec.Secondary.whenNeeded
        if bitmap["secondary"] != nil {
            secondary =
                word(
                    bitmap, "secondary", at: here,
                    of: ["whenNeeded": MessageSpec.Secondary.whenNeeded, "always": .always]) ?? .whenNeeded
        }
        return Bitmap(encoding: encoding, fieldMax: fieldMax, secondary: secondary)
    }

    /// `"mac": {"fields": [64, 128], "from": "mti"}`: fixed fields, so that everything before the value is before the
    /// field.
    private mutating func mac(
        _ top: JSON, at path: String, table: FieldTable
    ) -> (fields: FieldSet, start: MessageSpec.MACStart) {
        let here = join(path, "mac")
        guard let value = top["mac"] else { return (FieldSet(), .messageType) }
        guard let mac = object(value, at: here, names: ["fields", "from"] + Self.remarks) else {
            return (FieldSet(), .messageType)
        }
        let set = fieldSet(mac, "fields", at: here)
        for field in set.fields {
            guard let spec = table.specs[field] else { continue }
            if field % 64 != 0 { fail(join(here, "fields"), "field \(field) is not the last of a bitmap") }
            if spec.isVariable { fail(join(here, "fields"), "field \(field) has no fixed length") }
            if spec.kind != .binary || spec.overlaySlot != 0 {
                fail(join(here, "fields"), "field \(field) must be of kind b, without overlays")
            }
        }
        let start = word(
            mac, "from", at: here,
            of: ["mti": MessageSpec.MACStart.messageType, "bitmap": .bitmap, "fields": .fields])
        return (set, start ?? .messageType)
    }
}
