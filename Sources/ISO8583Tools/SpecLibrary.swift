// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Specifications by name: those of files that were added, then the shipped ones, then the neutral ones that published
/// messages are read by.
public struct SpecLibrary: Sendable {
    private enum Entry: Sendable {
        case sound(MessageSpec)
        case broken(SpecError)
    }

    /// The latest first.
    private var added: [(name: String, entry: Entry)] = []

    public init() {}

    /// Adds the specifications of a file. What is asked for by name later is looked for among them first; a broken one
    /// hides none of the others.
    ///
    /// - Parameter json: one specification, or several under `specs`.
    /// - Throws: what is wrong with a text that is not JSON, or that has no specification at all.
    public mutating func add(json: [UInt8]) throws(SpecError) {
        let document: JSON
        do { document = try JSON(parsing: json) } catch {
            throw SpecError(problems: [.init(path: "", message: "not JSON, \(error)")])
        }
        let entries = Self.each(document)
        guard !entries.isEmpty else {
            throw SpecError(problems: [.init(path: "specs", message: "expected a specification")])
        }
        added = entries.map { ($0.name, Self.load($0.document)) } + added
    }

    /// The specification of that name; nil where there is none.
    ///
    /// - Throws: what is wrong with one of that name.
    public func spec(named name: String) throws(SpecError) -> MessageSpec? {
        if let found = added.first(where: { $0.name == name }) {
            switch found.entry {
            case .sound(let spec): return spec
            case .broken(let error): throw error
            }
        }
        return MessageSpec.shipped(named: name) ?? Self.neutral.first { $0.name == name }
    }

    /// Every sound specification, in the order of the search.
    public var all: [MessageSpec] {
        added.compactMap { if case .sound(let spec) = $0.entry { spec } else { nil } } + MessageSpec.shipped
            + Self.neutral
    }

    /// What is wrong with each of the file's specifications; nil for a sound one.
    static func problems(in document: JSON) -> [(name: String, error: SpecError?)] {
        each(document).map { entry in
            if case .broken(let error) = load(entry.document) { (entry.name, error) } else { (entry.name, nil) }
        }
    }

    /// The layouts of published messages, which neither name keys nor have rules.
    public static let neutral: [MessageSpec] = {
        do throws(SpecError) {
            return try MessageSpec.all(json: PackageResources.neutral_json)
        } catch {
            preconditionFailure("an embedded specification: \(error)")
        }
    }()

    // MARK: - Reading

    /// The file cut into files of one specification each.
    private static func each(_ document: JSON) -> [(name: String, document: JSON)] {
        guard let specs = document["specs"] else {
            guard document["fields"] != nil else { return [] }
            return [(document["id"]?.string ?? "?", document)]
        }
        return (specs.members ?? []).map { member in
            let format = document["format"].map { [JSON.Member("format", $0)] } ?? []
            return (member.name, .object(format + [.init("specs", .object([member]))]))
        }
    }

    private static func load(_ document: JSON) -> Entry {
        do throws(SpecError) {
            return .sound(try MessageSpec(json: Array(document.text.utf8)))
        } catch {
            return .broken(error)
        }
    }
}
