// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What takes two people: the first one to give it proposes, another one who gives the same within a day has it done.
public enum EstateOrder: Equatable, Sendable {
    /// Received with whole seals.
    case receive(TerminalID, seal: String)
    /// The initial keys of its key set are in the device.
    case loadInitialKeys(TerminalID)
    /// New keys, after H03, H04, K01 or L02, or in time before the old ones end.
    case issueKeys(TerminalID, keySet: UInt16)
    /// Another device may take this one's place.
    case permitSwap(TerminalID, serial: UInt64)
    /// Every secret of the device goes (K04, T03; rule R9).
    case erase(TerminalID, WarningCode)
    case takeIntoServiceCentre(TerminalID)
    /// The service centre has made a new identity key, in the same case or another: the next identity epoch.
    case reidentify(TerminalID, serial: UInt64, keySet: UInt16)
    /// Scrapped.
    case retire(TerminalID)
    /// A key set is compromised (K01), perhaps since then.
    case revokeKeySet(UInt16, since: Instant)
    /// Leases last until then at least (rule R14).
    case extendLeases(until: Instant)
    /// The key that compatibility matrices are signed with.
    case trustSupplier(key: [UInt8])

    /// The terminal that it is about; nil: all of them.
    public var terminal: TerminalID? {
        switch self {
        case .receive(let id, _), .loadInitialKeys(let id), .issueKeys(let id, _), .permitSwap(let id, _),
            .erase(let id, _), .takeIntoServiceCentre(let id), .reidentify(let id, _, _), .retire(let id):
            id
        case .revokeKeySet, .extendLeases, .trustSupplier: nil
        }
    }

    /// What records, timelines and programs call it.
    public enum Kind: UInt8, CaseIterable, Sendable {
        case receive = 1, loadInitialKeys, issueKeys, permitSwap, erase, takeIntoServiceCentre, reidentify, retire,
            revokeKeySet, extendLeases, trustSupplier
    }

    public var kind: Kind {
        switch self {
        case .receive: .receive
        case .loadInitialKeys: .loadInitialKeys
        case .issueKeys: .issueKeys
        case .permitSwap: .permitSwap
        case .erase: .erase
        case .takeIntoServiceCentre: .takeIntoServiceCentre
        case .reidentify: .reidentify
        case .retire: .retire
        case .revokeKeySet: .revokeKeySet
        case .extendLeases: .extendLeases
        case .trustSupplier: .trustSupplier
        }
    }

    func encode(to writer: inout ByteWriter) {
        writer.byte(kind.rawValue)
        if let terminal { writer.code(terminal) }
        switch self {
        case .receive(_, let seal): writer.text(seal)
        case .loadInitialKeys, .takeIntoServiceCentre, .retire: break
        case .issueKeys(_, let keySet): writer.unsigned(keySet)
        case .permitSwap(_, let serial): writer.word(serial)
        case .erase(_, let code): writer.byte(code.wireNumber)
        case .reidentify(_, let serial, let keySet):
            writer.word(serial)
            writer.unsigned(keySet)
        case .revokeKeySet(let keySet, let since):
            writer.unsigned(keySet)
            writer.instant(since)
        case .extendLeases(let until): writer.instant(until)
        case .trustSupplier(let key): writer.sized(key)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.raw(Kind.self, "order") {
        case .receive: self = .receive(try reader.code(), seal: try reader.text())
        case .loadInitialKeys: self = .loadInitialKeys(try reader.code())
        case .issueKeys: self = .issueKeys(try reader.code(), keySet: try reader.unsigned())
        case .permitSwap: self = .permitSwap(try reader.code(), serial: try reader.word())
        case .erase: self = .erase(try reader.code(), try reader.warning())
        case .takeIntoServiceCentre: self = .takeIntoServiceCentre(try reader.code())
        case .reidentify:
            self = .reidentify(try reader.code(), serial: try reader.word(), keySet: try reader.unsigned())
        case .retire: self = .retire(try reader.code())
        case .revokeKeySet: self = .revokeKeySet(try reader.unsigned(), since: try reader.instant())
        case .extendLeases: self = .extendLeases(until: try reader.instant())
        case .trustSupplier: self = .trustSupplier(key: try reader.sized())
        }
    }
}

/// An order that waits for its second person.
public struct Proposal: Equatable, Sendable {
    public var order: EstateOrder
    public var by: StaffID
    public var at: Instant

    /// After this time nobody need remember what was meant.
    public static let lifetime = Interval.hours(24)
    /// The oldest is forgotten for the one after these.
    public static let waitingMax = 1_024

    public init(_ order: EstateOrder, by: StaffID, at: Instant) {
        (self.order, self.by, self.at) = (order, by, at)
    }

    func snapshot(to writer: inout ByteWriter) {
        order.encode(to: &writer)
        writer.code(by)
        writer.instant(at)
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
        let order = try EstateOrder(from: &reader)
        self.init(order, by: try reader.code(), at: try reader.instant())
    }
}
