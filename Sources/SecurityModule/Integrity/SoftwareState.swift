// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// What the module knows of the software it answers for; in the stored record.
struct SoftwareState: Equatable, Sendable {
    /// The supplier's public key; nil: none is pinned, and nothing can be proved.
    var supplier: P256PublicKey?
    /// What runs, as the supplier has signed it; nil: never presented.
    private(set) var module: SoftwareManifest?
    private(set) var application: SoftwareManifest?
    var update = UpdateSlots()

    init() {}

    subscript(component: SoftwareComponent) -> SoftwareManifest? {
        switch component {
        case .module: module
        case .application: application
        }
    }

    /// Whether a manifest is the supplier's, and of no older security version than the one before it.
    func refusal(of manifest: SoftwareManifest) -> SoftwareRefusal? {
        guard let supplier else { return .notPinned }
        guard manifest.isAuthentic(under: supplier) else { return .notAuthentic }
        guard manifest.securityVersion >= self[manifest.component]?.securityVersion ?? 0 else { return .belowFloor }
        return nil
    }

    mutating func take(_ manifest: SoftwareManifest) {
        switch manifest.component {
        case .module: module = manifest
        case .application: application = manifest
        }
    }

    /// Whether a measurement is what the supplier has signed; for the module during a trial also what is tried.
    func isProved(_ component: SoftwareComponent, by digest: [UInt8]) -> Bool {
        guard supplier != nil else { return true }
        let isTried = component == .module && update.trialStarts != nil && update.staged?.digest == digest
        return !digest.isEmpty && (self[component]?.digest == digest || isTried)
    }

    func write(to writer: inout ByteWriter) {
        writer.sized(supplier?.compressed ?? [])
        writer.optional(module) { $1.write(to: &$0) }
        writer.optional(application) { $1.write(to: &$0) }
        update.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let start = reader.offset
        let point = try reader.sized()
        if !point.isEmpty {
            guard let key = try? P256PublicKey(point) else { throw .invalid(offset: start, what: "supplier's key") }
            supplier = key
        }
        module = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try SoftwareManifest(from: &reader)
        }
        application = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try SoftwareManifest(from: &reader)
        }
        update = try UpdateSlots(from: &reader)
    }
}

/// Why software was not taken.
public enum SoftwareRefusal: Error, Equatable, Sendable {
    /// The module has no supplier's key to verify it with.
    case notPinned
    /// The signature is not the supplier's.
    case notAuthentic
    /// Its security version is lower than one the module has had.
    case belowFloor
    /// Only the module's own software lies in slots.
    case wrongComponent
    /// The version before this one has neither been confirmed nor rolled back.
    case trialUnderWay
    case nothingStaged
    /// Tampered with: nothing runs here any more.
    case tampered
}
