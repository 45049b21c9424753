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
///
/// In a real terminal the first two lie in battery-backed memory inside the tamper boundary.
final class TerminalFiles {
    private let path: String
    private let cipher: AuthenticatedCipher
    private let journal: FileHandle
    private var isDirty = false

    /// Opens or makes the directory.
    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        cipher = AuthenticatedCipher(key: try Self.key(path + "/journal.key", makeIfAbsent: true))
        let file = path + "/journal"
        if !FileManager.default.fileExists(atPath: file) {
            // Whether it worked shows when it is opened.
            _ = FileManager.default.createFile(
                atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let handle = FileHandle(forUpdatingAtPath: file) else { throw TerminalFilesError.unreadable(file) }
        journal = handle
    }

    // MARK: - Module

    func storageKey(makeIfAbsent: Bool) throws -> SecretKey? {
        let file = path + "/storage.key"
        guard makeIfAbsent || FileManager.default.fileExists(atPath: file) else { return nil }
        return try Self.key(file, makeIfAbsent: makeIfAbsent)
    }

    func eraseStorageKey() throws {
        let file = path + "/storage.key"
        if FileManager.default.fileExists(atPath: file) { try FileManager.default.removeItem(atPath: file) }
    }

    var image: [UInt8]? {
        get throws { try SealedFile.read(path + "/module.image") }
    }

    /// Durable when it returns.
    func store(image: [UInt8]) throws { try SealedFile.write(image, to: path + "/module.image") }

    func hardware() throws -> EmulatedHardware? {
        guard let bytes = try SealedFile.read(path + "/hardware") else { return nil }
        return try EmulatedHardware(decoding: bytes)
    }

    func store(_ hardware: EmulatedHardware) throws { try SealedFile.write(hardware.encoded(), to: path + "/hardware") }

    // MARK: - Journal of the POS application

    /// Every whole record, in order; a record torn by a power cut ends the file.
    func records() throws -> [[UInt8]] {
        try journal.seek(toOffset: 0)
        let bytes = [UInt8](try journal.readToEnd() ?? Data())
        var records: [[UInt8]] = []
        var offset = 0
        while offset + 4 <= bytes.count {
            let count = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard offset + 4 + count <= bytes.count, count > AuthenticatedCipher.nonceCount else { break }
            let sealed = Array(bytes[offset + 4..<offset + 4 + count])
            let nonce = Array(sealed[..<AuthenticatedCipher.nonceCount])
            let body = Array(sealed[AuthenticatedCipher.nonceCount...])
            guard let record = cipher.open(body, nonce: nonce, associatedData: []) else {
                throw TerminalFilesError.damaged(path, offset: offset)
            }
            records.append(record)
            offset += 4 + count
        }
        try journal.truncate(atOffset: UInt64(offset))
        return records
    }

    func append(_ record: [UInt8]) throws {
        let nonce = RandomBytes.bytes(AuthenticatedCipher.nonceCount)
        let sealed = nonce + cipher.seal(plaintext: record, nonce: nonce, associatedData: [])
        let length = UInt32(sealed.count)
        let head = (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) }
        try journal.seekToEnd()
        try journal.write(contentsOf: head + sealed)
        isDirty = true
    }

    /// Puts one record in place of all: the journal's snapshot.
    func compact(to snapshot: [UInt8]) throws {
        try journal.truncate(atOffset: 0)
        try append(snapshot)
        try sync()
    }

    /// Everything appended is durable when it returns.
    func sync() throws {
        guard isDirty else { return }
        try journal.synchronize()
        isDirty = false
    }

    private static func key(_ file: String, makeIfAbsent: Bool) throws -> SecretKey {
        var found: SecretKey?
        _ = try SealedFile.read(file) { bytes in
            found = SecretKey(count: bytes.count) { $0.copyMemory(from: bytes) }
        }
        if let key = found { return key }
        guard makeIfAbsent else { throw TerminalFilesError.unreadable(file) }
        let key = SecretKey.random(count: 32)
        try key.withBytes { try SealedFile.write($0, to: file) }
        return key
    }
}

/// Why a virtual terminal's files cannot be used.
enum TerminalFilesError: Error, Equatable {
    case unreadable(String)
    case damaged(String, offset: Int)
    /// The module's image is not under its storage key.
    case imageRefused(String)
    case provisioningRefused(String)
}
