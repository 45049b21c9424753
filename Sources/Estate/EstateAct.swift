// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What one person does to a terminal or lays down for the estate.
public enum EstateAct: Equatable, Sendable {
    /// The maker's authority has signed serial number, model and identity key.
    case personalise(TerminalID)
    case ship(TerminalID, seal: String)
    case enterMaintenance(TerminalID)
    /// From the next accepted evidence on it trades again.
    case endMaintenance(TerminalID)
    case reportLost(TerminalID)
    case inspect(TerminalID, findings: [Inspection.Finding], photo: String)
    case setReleases(model: UInt16, ReleasePolicy)
    case setDigests([[UInt8]])
    case setKeySetEnd(UInt16, until: Instant)
    case setTerms(MerchantID, MerchantTerms)
    case importMatrix(CompatibilityMatrix)

    /// The terminal that it is about; nil for what is laid down for the estate.
    public var terminal: TerminalID? {
        switch self {
        case .personalise(let id), .ship(let id, _), .enterMaintenance(let id), .endMaintenance(let id),
            .reportLost(let id), .inspect(let id, _, _):
            id
        case .setReleases, .setDigests, .setKeySetEnd, .setTerms, .importMatrix: nil
        }
    }

    /// What records, timelines and programs call it.
    public enum Kind: UInt8, CaseIterable, Sendable {
        case personalise = 1, ship, enterMaintenance, endMaintenance, reportLost, inspect, setReleases, setDigests,
            setKeySetEnd, setTerms, importMatrix
    }

    public var kind: Kind {
        switch self {
        case .personalise: .personalise
        case .ship: .ship
        case .enterMaintenance: .enterMaintenance
        case .endMaintenance: .endMaintenance
        case .reportLost: .reportLost
        case .inspect: .inspect
        case .setReleases: .setReleases
        case .setDigests: .setDigests
        case .setKeySetEnd: .setKeySetEnd
        case .setTerms: .setTerms
        case .importMatrix: .importMatrix
        }
    }

    func encode(to writer: inout ByteWriter) {
        writer.byte(kind.rawValue)
        if let terminal { writer.code(terminal) }
        switch self {
        case .personalise, .enterMaintenance, .endMaintenance, .reportLost: break
        case .ship(_, let seal): writer.text(seal)
        case .inspect(_, let findings, let photo):
            writer.findings(findings)
            writer.text(photo)
        case .setReleases(let model, let policy):
            writer.unsigned(model)
            policy.encode(to: &writer)
        case .setDigests(let digests): writer.list(digests) { $0.sized($1) }
        case .setKeySetEnd(let keySet, let until):
            writer.unsigned(keySet)
            writer.instant(until)
        case .setTerms(let merchant, let terms):
            writer.unsigned(merchant.number)
            terms.encode(to: &writer)
        case .importMatrix(let matrix): matrix.encode(to: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.raw(Kind.self, "act") {
        case .personalise: self = .personalise(try reader.code())
        case .ship: self = .ship(try reader.code(), seal: try reader.text())
        case .enterMaintenance: self = .enterMaintenance(try reader.code())
        case .endMaintenance: self = .endMaintenance(try reader.code())
        case .reportLost: self = .reportLost(try reader.code())
        case .inspect:
            self = .inspect(try reader.code(), findings: try reader.findings(), photo: try reader.text())
        case .setReleases: self = .setReleases(model: try reader.unsigned(), try ReleasePolicy(from: &reader))
        case .setDigests:
            self = .setDigests(
                try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.sized() })
        case .setKeySetEnd: self = .setKeySetEnd(try reader.unsigned(), until: try reader.instant())
        case .setTerms:
            self = .setTerms(MerchantID(number: try reader.unsigned()), try MerchantTerms(from: &reader))
        case .importMatrix: self = .importMatrix(try CompatibilityMatrix(from: &reader))
        }
    }
}
