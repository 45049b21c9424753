// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// What a module's process says of itself: how it is shut off, and what has come to its door.
public struct ModuleServiceStatus: Equatable, Sendable {
    /// What of the process's memory is locked, so that no page of it reaches a disk.
    public enum LockedMemory: UInt8, CaseIterable, Sendable {
        /// The system's limit forbids it: keys are guarded and wiped all the same.
        case none = 0
        /// The arenas that keys lie in.
        case keys = 1
        case all = 2
    }

    public var processID: UInt32
    public var lockedMemory: LockedMemory
    /// Whether anybody of the same user may attach to it or read its memory.
    public var isDumpable: Bool
    public var writesCores: Bool
    /// Whether no program that it starts can gain rights.
    public var hasNoNewPrivileges: Bool
    /// Whether the kernel refuses it every call that it does not need.
    public var isFiltered: Bool
    public var counters = Counters()

    public struct Counters: Equatable, Sendable {
        public var clients: UInt64 = 0
        /// Not let in: of another user, or one too many.
        public var turnedAway: UInt64 = 0
        /// Thrown out: for what they sent, or for not reading.
        public var thrownOut: UInt64 = 0
        public var frames: UInt64 = 0
        /// Messages opened and sealed.
        public var messages: UInt64 = 0
        /// Refusals by kind, in the order of `WireRefusal.allCases`.
        public var refusals = [UInt64](repeating: 0, count: WireRefusal.allCases.count)

        public init() {}

        public mutating func count(_ refusal: WireRefusal) {
            if let place = WireRefusal.allCases.firstIndex(of: refusal) { refusals[place] += 1 }
        }

        public subscript(refusal: WireRefusal) -> UInt64 {
            WireRefusal.allCases.firstIndex(of: refusal).map { refusals[$0] } ?? 0
        }
    }

    public init(
        processID: UInt32, lockedMemory: LockedMemory, isDumpable: Bool, writesCores: Bool, hasNoNewPrivileges: Bool,
        isFiltered: Bool
    ) {
        (self.processID, self.lockedMemory, self.isDumpable) = (processID, lockedMemory, isDumpable)
        (self.writesCores, self.hasNoNewPrivileges, self.isFiltered) = (writesCores, hasNoNewPrivileges, isFiltered)
    }

    func write(to writer: inout ByteWriter) {
        writer.unsigned(processID)
        writer.byte(lockedMemory.rawValue)
        for flag in [isDumpable, writesCores, hasNoNewPrivileges, isFiltered] { writer.flag(flag) }
        for count in [counters.clients, counters.turnedAway, counters.thrownOut, counters.frames, counters.messages] {
            writer.unsigned(count)
        }
        writer.list(counters.refusals) { $0.unsigned($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        processID = try reader.unsigned()
        lockedMemory = try reader.choice(LockedMemory.self)
        isDumpable = try reader.flag()
        writesCores = try reader.flag()
        hasNoNewPrivileges = try reader.flag()
        isFiltered = try reader.flag()
        counters.clients = try reader.unsigned()
        counters.turnedAway = try reader.unsigned()
        counters.thrownOut = try reader.unsigned()
        counters.frames = try reader.unsigned()
        counters.messages = try reader.unsigned()
        let start = reader.offset
        counters.refusals = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        guard counters.refusals.count == WireRefusal.allCases.count else {
            throw .invalid(offset: start, what: "refusals")
        }
    }
}
