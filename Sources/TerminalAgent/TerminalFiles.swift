// SPDX-License-Identifier: Apache-2.0
import Foundation
import PaymentCryptography
import SecurityModule
import Storage
import Vocabulary

/// The files of one virtual terminal: what stands for the module's memory, its hardware and the POS application's
/// journal.
///
///     storage.key   the module's storage key; gone once the module is TAMPERED
///     module.image  the module's sealed state
///     hardware      the emulated sensors and the counter that survives everything
///     journal       the POS application's records, each sealed: they hold PANs
///     journal.key   what seals them
///     journal.damaged-N  a journal that could not be read, kept for whoever settles what was open
///     *.own         the module's three files while the bench has another module in its place
///
/// In a real terminal the first two lie in battery-backed memory inside the tamper boundary.
final class TerminalFiles: TerminalStore {
    private let path: String
    private let cipher: AuthenticatedCipher
    private var file: FileHandle
    /// Bytes of the journal that are durable.
    private var end: UInt64 = 0
    /// What lies in the journal cannot be read, and is not written over.
    private var isDamaged = false
    /// No journal grows beyond this; nil: as far as the disk reaches.
    var bytesMax: UInt64?

    private static let keyCount = 32
    private static let asideMax = 1_000
    /// No step writes more at once.
    private static let tornMax = 64 * 1_024

    /// Opens or makes the directory.
    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let key = try Self.key(path + "/journal.key", makeIfAbsent: true)
        guard key.count == Self.keyCount else { throw TerminalFilesError.damaged("journal.key") }
        cipher = AuthenticatedCipher(key: key)
        file = try Self.open(path + "/journal")
    }

    private static func open(_ file: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: file) {
            // Whether it worked shows when it is opened.
            _ = FileManager.default.createFile(
                atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let handle = FileHandle(forUpdatingAtPath: file) else { throw TerminalFilesError.unreadable("journal") }
        return handle
    }

    // MARK: - Module

    func storageKey(makeIfAbsent: Bool) throws -> SecretKey? {
        let file = path + "/storage.key"
        guard makeIfAbsent || FileManager.default.fileExists(atPath: file) else { return nil }
        let key = try Self.key(file, makeIfAbsent: makeIfAbsent)
        // One that is empty or all zeros is what an erasure left that was cut.
        guard key.count == Self.keyCount, !key.equals(SecretKey(count: Self.keyCount) { _ in }) else { return nil }
        return key
    }

    func eraseStorageKey() throws {
        try FileErasure.destroy(path + "/storage.key")
        try FileErasure.destroy(path + "/storage.key.partial")
    }

    func image() throws -> [UInt8]? { try SealedFile.read(path + "/module.image") }

    func store(image: [UInt8]) throws { try SealedFile.write(image, to: path + "/module.image") }

    func hardware() throws -> EmulatedHardware? {
        guard let bytes = try SealedFile.read(path + "/hardware") else { return nil }
        do { return try EmulatedHardware(decoding: bytes) } catch { throw TerminalFilesError.damaged("hardware") }
    }

    func store(_ hardware: EmulatedHardware) throws { try SealedFile.write(hardware.encoded(), to: path + "/hardware") }

    // MARK: - Journal of the POS application

    func journal() throws -> JournalReading {
        try file.seek(toOffset: 0)
        let bytes = [UInt8](try file.readToEnd() ?? Data())
        var reading = JournalReading(records: [], isDamaged: false)
        var offset = 0
        while offset + 4 <= bytes.count {
            let count = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard offset + 4 + count <= bytes.count else { break }
            guard let record = unsealed(Array(bytes[offset + 4..<offset + 4 + count])) else {
                (isDamaged, reading.isDamaged) = (true, true)
                return reading
            }
            reading.records.append(record)
            offset += 4 + count
        }
        // A power cut tears the last record. One with a whole record behind it has another length than it was written with.
        isDamaged = holdsRecord(bytes[offset...].dropFirst())
        reading.isDamaged = isDamaged
        guard !isDamaged else { return reading }
        end = UInt64(offset)
        try file.truncate(atOffset: end)
        return reading
    }

    func append(_ records: [[UInt8]]) throws {
        guard !isDamaged else { throw TerminalFilesError.damaged("journal") }
        let frames = records.flatMap(frame)
        do {
            guard bytesMax.map({ end + UInt64(frames.count) <= $0 }) ?? true else { throw TerminalFilesError.full }
            try file.seek(toOffset: end)
            try file.write(contentsOf: frames)
            try file.synchronize()
        } catch {
            // What is behind the end was never there. A disk that fails here too leaves records of a step that was not made:
            // they are undone by the rewriting that follows.
            try? file.truncate(atOffset: end)
            throw error
        }
        end += UInt64(frames.count)
    }

    func rewrite(_ record: [UInt8]) throws {
        if isDamaged { try setJournalAside() }
        let frame = frame(record)
        guard bytesMax.map({ UInt64(frame.count) <= $0 }) ?? true else { throw TerminalFilesError.full }
        try SealedFile.write(frame, to: path + "/journal")
        file = try Self.open(path + "/journal")
        end = UInt64(frame.count)
    }

    func setJournalAside() throws {
        let manager = FileManager.default
        let name = (1...Self.asideMax).lazy.map { self.path + "/journal.damaged-\($0)" }
            .first { !manager.fileExists(atPath: $0) }
        guard let name else { throw TerminalFilesError.damaged("journal") }
        try manager.moveItem(atPath: path + "/journal", toPath: name)
        file = try Self.open(path + "/journal")
        try FileErasure.synchroniseDirectory(path)
        (end, isDamaged) = (0, false)
    }

    private func holdsRecord(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count <= Self.tornMax else { return true }
        return bytes.indices.dropLast(4).contains { start in
            let count = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            guard count <= bytes.endIndex - start - 4 else { return false }
            return unsealed(Array(bytes[start + 4..<start + 4 + count])) != nil
        }
    }

    private func frame(_ record: [UInt8]) -> [UInt8] {
        let nonce = RandomBytes.bytes(AuthenticatedCipher.nonceCount)
        let sealed = nonce + cipher.seal(plaintext: record, nonce: nonce, associatedData: [])
        let length = UInt32(sealed.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) } + sealed
    }

    private func unsealed(_ sealed: [UInt8]) -> [UInt8]? {
        guard sealed.count > AuthenticatedCipher.nonceCount else { return nil }
        let nonce = Array(sealed[..<AuthenticatedCipher.nonceCount])
        return cipher.open(Array(sealed[AuthenticatedCipher.nonceCount...]), nonce: nonce, associatedData: [])
    }

    private static func key(_ file: String, makeIfAbsent: Bool) throws -> SecretKey {
        var found: SecretKey?
        _ = try SealedFile.read(file) { bytes in
            found = SecretKey(count: bytes.count) { $0.copyMemory(from: bytes) }
        }
        if let key = found { return key }
        guard makeIfAbsent else { throw TerminalFilesError.unreadable(URL(fileURLWithPath: file).lastPathComponent) }
        let key = SecretKey.random(count: keyCount)
        try key.withBytes { try SealedFile.write($0, to: file) }
        return key
    }
}

// MARK: - The bench's hands

extension TerminalFiles {
    private static let moduleFiles = ["storage.key", "module.image", "hardware"]

    /// One bit of the journal's last record is another.
    func damageJournal() throws {
        guard end > 0 else { return }
        try file.seek(toOffset: end - 1)
        guard let byte = try file.read(upToCount: 1)?.first else { return }
        try file.seek(toOffset: end - 1)
        try file.write(contentsOf: [byte ^ 1])
        try file.synchronize()
    }

    /// What an image keeps sealed, behind its record and the record's MAC, each after its length.
    enum SealedPart: Int {
        case leaseKey = 2
        case logChain = 5
    }

    /// One bit of what the image keeps sealed is another.
    func damage(_ part: SealedPart) throws {
        guard var image = try image() else { return }
        var reader = ByteReader(image)
        _ = try reader.raw(5)
        _ = try reader.sized()
        _ = try reader.raw(16)
        for _ in 0..<part.rawValue { _ = try reader.sized() }
        guard try !reader.sized().isEmpty else { return }
        image[reader.offset - 1] ^= 1
        try store(image: image)
    }

    func copyImage() throws {
        guard let image = try image() else { return }
        try SealedFile.write(image, to: path + "/module.image.copy")
    }

    func putBackImage() throws {
        guard let image = try SealedFile.read(path + "/module.image.copy") else { return }
        try store(image: image)
    }

    /// Takes the module's files out for good.
    func removeModule() throws {
        for name in Self.moduleFiles { try FileErasure.destroy("\(path)/\(name)") }
        try FileErasure.synchroniseDirectory(path)
    }

    /// The journal has no room for another record, or as much as the disk has.
    func fillJournal(_ isFull: Bool) { bytesMax = isFull ? 0 : nil }

    /// Takes the module's files out, so that another module can come in their place, or puts them back.
    ///
    /// - Returns: false where that is done already.
    func exchangeModule(out: Bool) throws -> Bool {
        let manager = FileManager.default
        let isOut = Self.moduleFiles.contains { manager.fileExists(atPath: "\(path)/\($0).own") }
        guard isOut != out else { return false }
        for name in Self.moduleFiles {
            let (own, other) = (path + "/" + name, path + "/" + name + ".own")
            if !out {
                try FileErasure.destroy(own)
                if manager.fileExists(atPath: other) { try manager.moveItem(atPath: other, toPath: own) }
            } else if manager.fileExists(atPath: own) {
                try manager.moveItem(atPath: own, toPath: other)
            }
        }
        try FileErasure.synchroniseDirectory(path)
        return true
    }
}
