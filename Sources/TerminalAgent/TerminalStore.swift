// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule

/// What a virtual terminal keeps: its module's memory, its hardware, and the journal of the POS application. Whatever is
/// stored is durable when the call returns, and what stood before stands when it throws.
protocol TerminalStore: AnyObject {
    func image() throws -> [UInt8]?
    func store(image: [UInt8]) throws
    func hardware() throws -> EmulatedHardware?
    func store(_ hardware: EmulatedHardware) throws
    func storageKey(makeIfAbsent: Bool) throws -> SecretKey?
    /// Destroys the key; a repetition ends what was cut.
    func eraseStorageKey() throws

    /// Every whole record, in order; a record torn by a power cut ends the journal.
    func journal() throws -> JournalReading
    /// All of them or none.
    func append(_ records: [[UInt8]]) throws
    /// One record in the place of all.
    func rewrite(_ record: [UInt8]) throws
    /// Keeps a journal that cannot be read under another name and begins a new one.
    func setJournalAside() throws
}

/// What could be read of a journal.
struct JournalReading {
    var records: [[UInt8]]
    /// Behind them lies what is none: neither a record nor the beginning of one.
    var isDamaged: Bool
}

/// Why a virtual terminal's files cannot be used.
enum TerminalFilesError: Error, Equatable {
    case unreadable(String)
    case damaged(String)
    /// There was one once.
    case missing(String)
    /// The module's image is none, or not under its storage key.
    case imageRefused
    case provisioningRefused(serial: UInt64)
    /// The limit that the bench has set, as a full disk would.
    case full
    /// An earlier step failed: only a restart of the module goes on.
    case stopped
}

extension TerminalFilesError: CustomStringConvertible {
    var description: String {
        switch self {
        case .unreadable(let file): "\(file) cannot be read"
        case .damaged(let file): "\(file) is damaged"
        case .missing(let file): "\(file) is missing"
        case .imageRefused: "module.image is damaged or belongs to another module"
        case .provisioningRefused(let serial): "the keys for module \(serial) were refused"
        case .full: "the store is full"
        case .stopped: "the module has stopped"
        }
    }
}
