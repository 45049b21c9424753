// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// The file of a list, version 1: everything little-endian.
///
///     "tglist 1" · kind u8 · flags u8 (1 expiries, 2 places) · name u16 + bytes · entries u32 · origins u32
///     origins: source u16 + bytes, reason u16 + bytes · padding to 8 bytes
///     keys: high u64, low u64 · expiries u32 · places u16 · padding to 8 bytes · digest u64 of all before it
///
/// Keys stand as in `ListGeneration`, and the directory is made again while they are read. The digest finds what is cut off
/// or damaged; against whoever may change files, the shell keeps the SHA-256 of the bytes.
extension SecurityList {
    private static let magic = Array("tglist 1".utf8)
    private static let pieceBytes = 1 << 20

    /// Writes the list without single changes, which `compacted` sorts in first, in pieces of about a mebibyte.
    public func write<Failure: Error>(_ write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        precondition(overlay.isEmpty, "single changes are sorted in first")
        var piece = ListFilePiece(header)
        func flush(_ piece: inout ListFilePiece, atLeast count: Int) throws(Failure) {
            guard piece.bytes.count >= count else { return }
            try write(piece.taken())
        }
        for key in base.keys {
            piece.append(key.high)
            piece.append(key.low)
            try flush(&piece, atLeast: Self.pieceBytes)
        }
        for expiry in base.expiries {
            piece.append(expiry)
            try flush(&piece, atLeast: Self.pieceBytes)
        }
        for place in base.places {
            piece.append(place)
            try flush(&piece, atLeast: Self.pieceBytes)
        }
        piece.pad()
        try flush(&piece, atLeast: 1)
        piece.append(piece.digest.value)
        try write(piece.bytes)
    }

    /// The whole file.
    public var bytes: [UInt8] {
        var all: [UInt8] = []
        write { all += $0 }
        return all
    }

    private var header: [UInt8] {
        var piece = ListFilePiece(Self.magic)
        piece.append(kind.rawValue)
        piece.append(UInt8((base.expiries.isEmpty ? 0 : 1) | (base.places.isEmpty ? 0 : 2)))
        piece.append(name)
        piece.append(UInt32(base.keys.count))
        piece.append(UInt32(base.origins.count))
        for origin in base.origins {
            piece.append(origin.source)
            piece.append(origin.reason)
        }
        piece.pad()
        return piece.bytes
    }

    /// Reads a file.
    ///
    /// - Throws: `damaged` for bytes that `write` does not give.
    public init(reading bytes: [UInt8]) throws(ListError) {
        var reader = ListFileReader(bytes)
        guard bytes.count.isMultiple(of: 8), try reader.bytes(Self.magic.count) == Self.magic[...] else {
            throw .damaged(offset: 0)
        }
        var digest = ListDigest()
        digest.add(bytes[..<(bytes.count - 8)])
        guard try reader.word(at: bytes.count - 8) == digest.value else { throw .damaged(offset: bytes.count - 8) }
        guard let kind = ListKind(rawValue: try reader.integer(UInt8.self)) else { throw reader.damage }
        let flags = try reader.integer(UInt8.self)
        let name = try reader.text()
        guard flags < 4, ListStore.isName(name) else { throw reader.damage }
        let (count, originCount) = (Int(try reader.integer(UInt32.self)), Int(try reader.integer(UInt32.self)))
        guard count <= ListGeneration.entriesMax, originCount <= ListGeneration.originsMax,
            originCount > 0 || count == 0
        else { throw reader.damage }
        var origins: [ListOrigin] = []
        for _ in 0..<originCount {
            origins.append(ListOrigin(source: try reader.text(), reason: try reader.text()))
            guard origins[origins.count - 1].isSound else { throw reader.damage }
        }
        try reader.pad()
        let (keys, directory) = try reader.keys(count)
        let expiries = flags & 1 == 0 ? [] : try reader.column(count, UInt32.self)
        let places = flags & 2 == 0 ? [] : try reader.column(count, UInt16.self)
        guard places.allSatisfy({ Int($0) < originCount }) else { throw reader.damage }
        try reader.pad()
        guard reader.offset == bytes.count - 8 else { throw reader.damage }
        self.init(
            name: name, kind: kind,
            base: ListGeneration(
                keys: keys, directory: directory, expiries: expiries, places: places, origins: origins))
    }
}

/// What is to be written next, and the digest of all before it.
struct ListFilePiece {
    private(set) var bytes: [UInt8]
    private(set) var digest = ListDigest()

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    mutating func append(_ text: String) {
        append(UInt16(text.utf8.count))
        bytes += text.utf8
    }

    mutating func pad() { while !bytes.count.isMultiple(of: 8) { bytes.append(0) } }

    /// All whole words; the rest stays for the next piece.
    mutating func taken() -> [UInt8] {
        let whole = bytes.count / 8 * 8
        let taken = Array(bytes[..<whole])
        digest.add(taken[...])
        bytes.removeFirst(whole)
        return taken
    }
}

/// A digest of words against damage: one multiplication a word. Not against forgery.
struct ListDigest {
    private(set) var value: UInt64 = 0x7467_6C69_7374_2031

    /// - Parameter bytes: a multiple of eight.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { raw in
            // Safe: offsets are multiples of eight below the count.
            for offset in stride(from: 0, to: raw.count / 8 * 8, by: 8) {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
                value ^= value >> 29
            }
        }
    }
}

/// Reads a file's parts, each after looking whether it is there.
struct ListFileReader {
    private let file: [UInt8]
    private(set) var offset = 0

    init(_ file: [UInt8]) { self.file = file }

    var damage: ListError { .damaged(offset: offset) }

    mutating func bytes(_ count: Int) throws(ListError) -> ArraySlice<UInt8> {
        guard count <= file.count - offset else { throw damage }
        defer { offset += count }
        return file[offset..<offset + count]
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(ListError) -> Value {
        try bytes(MemoryLayout<Value>.size).reversed().reduce(0) { $0 << 8 | Value($1) }
    }

    func word(at offset: Int) throws(ListError) -> UInt64 {
        guard offset >= 0, offset + 8 <= file.count else { throw damage }
        return file[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func text() throws(ListError) -> String {
        let start = offset
        guard let text = String(validating: try bytes(Int(try integer(UInt16.self))), as: UTF8.self) else {
            throw .damaged(offset: start)
        }
        return text
    }

    mutating func pad() throws(ListError) {
        while !offset.isMultiple(of: 8) {
            guard try integer(UInt8.self) == 0 else { throw damage }
        }
    }

    /// The keys, which must stand in their buckets and ascend within each, and the directory of the buckets.
    mutating func keys(_ count: Int) throws(ListError) -> ([ListKey], [UInt32]) {
        let keys = try column(count, UInt128.self).map {
            ListKey(high: UInt64(truncatingIfNeeded: $0), low: UInt64(truncatingIfNeeded: $0 >> 64))
        }
        let bits = ListGeneration.bits(count)
        let shift = UInt64(64 - bits)
        var directory = [UInt32](repeating: 0, count: (1 << bits) + 1)
        var before: (bucket: Int, key: ListKey)?
        for key in keys {
            let bucket = Int(key.scattered >> shift)
            if let before, before.bucket > bucket || before.bucket == bucket && !ListKey.precedes(before.key, key) {
                throw damage
            }
            before = (bucket, key)
            directory[bucket + 1] += 1
        }
        for bucket in 1..<directory.count { directory[bucket] += directory[bucket - 1] }
        return (keys, directory)
    }

    mutating func column<Value: FixedWidthInteger>(_ count: Int, _ type: Value.Type) throws(ListError) -> [Value] {
        let size = MemoryLayout<Value>.size
        let part = try bytes(count * size)
        return part.withUnsafeBytes { raw in
            // Safe: the part has `count` values.
            (0..<count).map { Value(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: Value.self)) }
        }
    }
}
