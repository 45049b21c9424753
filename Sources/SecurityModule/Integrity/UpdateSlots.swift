// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// One of the two places that hold a version of the module's software.
public enum SoftwareSlot: UInt8, Sendable {
    case a = 0
    case b = 1

    var other: SoftwareSlot { self == .a ? .b : .a }
}

/// An update in two slots: staged in the spare one, tried, and then committed or rolled back.
///
///     idle ─stage→ staged ─try→ trial 0…3 ─attested→ idle, slots changed
///                                trial 3 ─start→ rolled back 1…3 ─old version attested→ idle
///                                                rolled back 3 ─start→ neither version attests (A04, S2)
struct UpdateSlots: Equatable, Sendable {
    /// What a start means for an update under way.
    enum Start: Equatable, Sendable {
        case ordinary
        /// The trial has ended without being confirmed: the old version runs again.
        case rolledBack
        /// The old version is not confirmed either.
        case neitherAttests
    }

    /// Starts that a version has to be confirmed in.
    static let startsMax: UInt8 = 3

    private(set) var active = SoftwareSlot.a
    /// What lies in the other slot.
    var staged: SoftwareManifest?
    /// How often the staged version has been started; nil: it is not tried.
    private(set) var trialStarts: UInt8?
    /// How often the old version has been started since the trial failed, until it attests.
    private(set) var rolledBackStarts: UInt8?

    init() {}

    /// The slot that the loader starts next.
    var bootSlot: SoftwareSlot { trialStarts.map { $0 < Self.startsMax } == true ? active.other : active }

    mutating func beginTrial() { trialStarts = 0 }

    mutating func start() -> Start {
        if let starts = trialStarts {
            guard starts >= Self.startsMax else {
                trialStarts = starts + 1
                return .ordinary
            }
            (trialStarts, staged, rolledBackStarts) = (nil, nil, 1)
            return .rolledBack
        }
        guard let starts = rolledBackStarts else { return .ordinary }
        guard starts < Self.startsMax else { return .neitherAttests }
        rolledBackStarts = starts + 1
        return .ordinary
    }

    /// A host has accepted the evidence of what runs now.
    ///
    /// - Parameters:
    ///   - digest: what runs now.
    ///   - installed: what ran before the trial.
    /// - Returns: the staged manifest when that is confirmed by this.
    mutating func confirm(_ digest: [UInt8], installed: [UInt8]?) -> SoftwareManifest? {
        if trialStarts != nil, let staged, staged.digest == digest {
            active = active.other
            (self.staged, trialStarts, rolledBackStarts) = (nil, nil, nil)
            return staged
        }
        if rolledBackStarts != nil, digest == installed { rolledBackStarts = nil }
        return nil
    }

    func write(to writer: inout ByteWriter) {
        writer.byte(active.rawValue)
        writer.optional(staged) { $1.write(to: &$0) }
        writer.optional(trialStarts) { $0.byte($1) }
        writer.optional(rolledBackStarts) { $0.byte($1) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        active = try reader.raw(SoftwareSlot.self, "software slot")
        staged = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try SoftwareManifest(from: &reader)
        }
        trialStarts = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.byte() }
        rolledBackStarts = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.byte() }
    }
}
