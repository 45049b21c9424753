// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// A line of an import that is not taken, and why. Nothing of the line itself is kept.
public struct ListImportProblem: Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// The key stands on an earlier line, which is kept.
        case duplicate(of: Int)
        /// Not a value of the list's kind.
        case value
        /// Not a date such as 2026-12-31, or not between 1970 and 2106.
        case expiry
        /// A source or reason that is no UTF-8, too long, or has as many figures as a card's number.
        case origin
        /// Another number of columns than the header's.
        case columns
        /// More bytes than a line may have.
        case tooLong
        /// More entries or sources than a list may have.
        case full
    }

    /// From 1.
    public var line: Int
    public var reason: Reason

    public var description: String {
        switch reason {
        case .duplicate(let first): "line \(line): the same as line \(first)"
        case .value: "line \(line): not a value of this list's kind"
        case .expiry: "line \(line): the expiry is no date between 1970 and 2106, such as 2026-12-31"
        case .origin: "line \(line): a source or reason that is too long, no UTF-8, or could hold a card's number"
        case .columns: "line \(line): another number of columns than the header's"
        case .tooLong: "line \(line): longer than \(ListImporter.lineBytesMax) bytes"
        case .full: "line \(line): the list is full"
        }
    }
}

/// What an import brought.
public struct ListImport: Sendable {
    public let list: SecurityList
    public let lines: Int
    /// Lines that repeat an earlier one, and lines that are not taken for another reason.
    public let duplicates: Int
    public let refused: Int
    /// The first of both by line; `ListImporter.problemsMax` at most.
    public let problems: [ListImportProblem]
}

/// Reads a list from plain text, a value a line, or from CSV whose header names `value` and any of `source`, `reason` and
/// `expires`. Bytes come in pieces of any size, a list of ten million lines too; empty lines and lines that begin with `#` are
/// passed over.
///
/// A card is its number, which becomes a key at once and is kept nowhere, or a key in 32 hexadecimal figures.
public struct ListImporter {
    public static let lineBytesMax = 1_024
    public static let problemsMax = 1_000
    static let columns = ["value", "source", "reason", "expires"]

    private let name: String
    private let kind: ListKind
    private let origin: ListOrigin
    private let expiry: UInt32
    private let cardKey: (PAN) -> CardKey
    private var builder = ListBuilder()
    /// The line of each entry.
    private var entryLines: [UInt32] = []
    /// The beginning of a line whose end has not come.
    private var pending: [UInt8] = []
    private var isTooLong = false
    /// The place in a line of each of `columns`, -1 for none; nil before the first line that says so.
    private var places: [Int]?
    private var columnCount = 1
    private var lastOrigin: (bytes: [UInt8], place: UInt16)?
    private var problems: [ListImportProblem] = []
    private var refused = 0
    /// Lines so far.
    public private(set) var lines = 0

    /// - Parameters:
    ///   - origin: of lines that name none.
    ///   - expires: of lines that name no expiry.
    ///   - cardKey: the keyed hash under which the issuer knows a card.
    /// - Throws: `name`, `origin`, `expiry`.
    public init(
        name: String, kind: ListKind, origin: ListOrigin, expires: Instant? = nil, cardKey: @escaping (PAN) -> CardKey
    ) throws(ListError) {
        guard ListStore.isName(name) else { throw .name }
        guard origin.isSound else { throw .origin }
        if let expires, !(1...Int64(UInt32.max)).contains(expires.seconds) { throw .expiry }
        (self.name, self.kind, self.origin, self.cardKey) = (name, kind, origin, cardKey)
        expiry = expires.map { UInt32(clamping: $0.seconds) } ?? 0
    }

    /// Takes in the next piece of the file.
    public mutating func add(_ piece: [UInt8]) {
        var start = 0
        while let end = piece[start...].firstIndex(of: 0x0A) {
            if pending.isEmpty, !isTooLong {
                line(piece[start..<end])
            } else {
                hold(piece[start..<end])
                finishLine()
            }
            start = end + 1
        }
        hold(piece[start...])
    }

    private mutating func hold(_ bytes: ArraySlice<UInt8>) {
        if isTooLong || pending.count + bytes.count > Self.lineBytesMax + 1 {
            (isTooLong, pending) = (true, [])
        } else {
            pending += bytes
        }
    }

    private mutating func finishLine() {
        if isTooLong {
            lines += 1
            refuse(.tooLong)
        } else {
            line(pending[...])
        }
        (isTooLong, pending) = (false, [])
    }

    /// The list of all lines.
    public mutating func finish() -> ListImport {
        if !pending.isEmpty || isTooLong { finishLine() }
        var duplicates = 0
        var repeats: [ListImportProblem] = []
        let entryLines = entryLines
        let generation = builder.generation { entry, kept in
            duplicates += 1
            repeats.append(
                ListImportProblem(line: Int(entryLines[entry]), reason: .duplicate(of: Int(entryLines[kept]))))
        }
        let all = (problems + repeats).sorted { $0.line < $1.line }
        return ListImport(
            list: SecurityList(name: name, kind: kind, base: generation), lines: lines, duplicates: duplicates,
            refused: refused, problems: Array(all.prefix(Self.problemsMax)))
    }

    private mutating func refuse(_ reason: ListImportProblem.Reason) {
        refused += 1
        if problems.count < Self.problemsMax { problems.append(ListImportProblem(line: lines, reason: reason)) }
    }

    // MARK: A line

    private mutating func line(_ bytes: ArraySlice<UInt8>) {
        lines += 1
        var bytes = bytes
        if lines == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard bytes.count <= Self.lineBytesMax else { return refuse(.tooLong) }
        guard let first = bytes.first, first != 0x23 else { return }
        if places == nil, readHeader(bytes) { return }
        var fields: (ArraySlice<UInt8>, ArraySlice<UInt8>, ArraySlice<UInt8>, ArraySlice<UInt8>) = ([], [], [], [])
        if columnCount == 1, places?[0] == 0 {
            fields.0 = bytes
        } else {
            var column = 0
            var start = bytes.startIndex
            while true {
                let end = bytes[start...].firstIndex(of: 0x2C) ?? bytes.endIndex
                switch places?.firstIndex(of: column) {
                case 0: fields.0 = bytes[start..<end]
                case 1: fields.1 = bytes[start..<end]
                case 2: fields.2 = bytes[start..<end]
                case 3: fields.3 = bytes[start..<end]
                default: break
                }
                column += 1
                guard end < bytes.endIndex else { break }
                start = end + 1
            }
            guard column == columnCount else { return refuse(.columns) }
        }
        entry(fields.0, source: fields.1, reason: fields.2, expires: fields.3)
    }

    /// Whether the first line is a header; else every line is a value.
    private mutating func readHeader(_ bytes: ArraySlice<UInt8>) -> Bool {
        let names = bytes.split(separator: 0x2C, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard names.contains("value") else {
            places = [0, -1, -1, -1]
            return false
        }
        places = Self.columns.map { names.firstIndex(of: $0) ?? -1 }
        columnCount = names.count
        return true
    }

    private mutating func entry(
        _ value: ArraySlice<UInt8>, source: ArraySlice<UInt8>, reason: ArraySlice<UInt8>, expires: ArraySlice<UInt8>
    ) {
        guard let key = ListValue.key(value, kind, cardKey) else { return refuse(.value) }
        guard let expiry = expires.isEmpty ? expiry : ListValue.expiry(expires) else { return refuse(.expiry) }
        guard let place = place(source, reason) else { return refuse(.origin) }
        guard builder.count < ListGeneration.entriesMax else { return refuse(.full) }
        builder.add(key, expiry: expiry, place: place)
        entryLines.append(UInt32(clamping: lines))
    }

    /// The place of a line's origin; most lines have that of the line before.
    private mutating func place(_ source: ArraySlice<UInt8>, _ reason: ArraySlice<UInt8>) -> UInt16? {
        if let last = lastOrigin, last.bytes.count == source.count + 1 + reason.count,
            last.bytes[source.count] == 0x2C, last.bytes.starts(with: source),
            last.bytes[(source.count + 1)...].elementsEqual(reason)
        {
            return last.place
        }
        guard let sourceText = String(validating: source, as: UTF8.self),
            let reasonText = String(validating: reason, as: UTF8.self)
        else { return nil }
        let origin = ListOrigin(
            source: source.isEmpty ? origin.source : sourceText, reason: reason.isEmpty ? origin.reason : reasonText)
        guard let place = builder.place(of: origin) else { return nil }
        lastOrigin = (source + [0x2C] + reason, place)
        return place
    }
}
