// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule

@testable import TerminalAgent

/// A virtual terminal's store in memory that fails where it is told to, as a disk does that is full or broken.
final class FailingStore: TerminalStore {
    struct Failure: Error {}

    /// A call that changes something.
    enum Call: Equatable {
        case image, hardware, key, erasure, append, rewriting, aside
    }

    private(set) var calls: [Call] = []
    /// As many changes still succeed; nil: all.
    var left: Int?
    /// What does not fail all the same.
    var spared: [Call] = []

    private var storedImage: [UInt8]?
    private var storedHardware: EmulatedHardware?
    private var storedKey: [UInt8]?
    private(set) var records: [[UInt8]] = []
    private(set) var asides: [[[UInt8]]] = []
    var isDamaged = false

    var holdsKey: Bool { storedKey != nil }
    var counter: UInt64 { storedHardware?.nvCounter ?? 0 }

    private func change(_ call: Call) throws {
        if let left, !spared.contains(call) {
            guard left > 0 else { throw Failure() }
            self.left = left - 1
        }
        calls.append(call)
    }

    func damageImage() { storedImage?[10] ^= 1 }

    func image() -> [UInt8]? { storedImage }

    func store(image: [UInt8]) throws {
        try change(.image)
        storedImage = image
    }

    func hardware() -> EmulatedHardware? { storedHardware }

    func store(_ hardware: EmulatedHardware) throws {
        try change(.hardware)
        storedHardware = hardware
    }

    func storageKey(makeIfAbsent: Bool) throws -> SecretKey? {
        if storedKey == nil, makeIfAbsent {
            try change(.key)
            storedKey = (0..<32).map { UInt8($0) }
        }
        guard let bytes = storedKey else { return nil }
        return SecretKey(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    func eraseStorageKey() throws {
        try change(.erasure)
        storedKey = nil
    }

    func journal() -> JournalReading { JournalReading(records: records, isDamaged: isDamaged) }

    func append(_ records: [[UInt8]]) throws {
        try change(.append)
        self.records += records
    }

    func rewrite(_ record: [UInt8]) throws {
        try change(.rewriting)
        records = [record]
    }

    func setJournalAside() throws {
        try change(.aside)
        asides.append(records)
        records = []
        isDamaged = false
    }
}
