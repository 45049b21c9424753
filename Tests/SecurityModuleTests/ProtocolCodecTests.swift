// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Testing
import Vocabulary

@Suite("What module and host tell each other")
struct ProtocolCodecTests {
    private static let device = DeviceClaims(
        model: 0x0102, revision: 3, bootCount: 77, firmwareDigest: [UInt8](repeating: 0xF1, count: 32),
        applicationDigest: [UInt8](repeating: 0xA1, count: 32), isDebuggable: true,
        position: Position(latitude: 48_137_154, longitude: -11_576_124), binding: 0x0123_4567_89AB_CDEF, logIndex: 901,
        journalIndex: 43, inventory: [.init(slot: 1, checkValue: []), .init(slot: 2, checkValue: [1, 2, 3])])

    private static func evidence(_ device: DeviceClaims?, _ warnings: [RaisedWarning]) -> EvidenceClaims {
        EvidenceClaims(
            nonce: [UInt8](repeating: 9, count: 16), serial: .max, firmware: SoftwareVersion(1, 2, 3),
            application: SoftwareVersion(4, 5, 6), profile: .aes, keySet: .max, lifecycle: .halted, identityEpoch: 2,
            healthCounter: .max, eventCounter: .max, selfTestNumber: .max, selfTestAgeSeconds: .max,
            openWarnings: warnings, deathTokenHash: [UInt8](repeating: 1, count: 32),
            linkTokenHash: [UInt8](repeating: 2, count: 32), auditHead: [UInt8](repeating: 3, count: 32),
            device: device)
    }

    @Test("evidence says how grave each warning is, and all of the device, in under 400 bytes with five warnings")
    func evidence() throws {
        let warnings = [RaisedWarning(.h05), RaisedWarning(.s04, .s2), RaisedWarning(.s03, .s4)]
        let claims = Self.evidence(Self.device, warnings)
        let bytes = claims.encoded()
        #expect(bytes.count < 400 && bytes[0] == 2)
        #expect(try EvidenceClaims(decoding: bytes) == claims)
        try refusesEveryCut(bytes) { try EvidenceClaims(decoding: $0) }
    }

    @Test("evidence of the first version is read with each warning at the severity it begins at")
    func firstVersion() throws {
        let claims = Self.evidence(nil, [RaisedWarning(.h05), RaisedWarning(.s04, .s2)])
        let bytes = claims.encoded()
        #expect(bytes[0] == 1)
        let read = try EvidenceClaims(decoding: bytes)
        #expect(read.openWarnings == [RaisedWarning(.h05), RaisedWarning(.s04, .s3)] && read.device == nil)
        try refusesEveryCut(bytes) { try EvidenceClaims(decoding: $0) }
    }

    @Test("a ticket carries orders, the time, and what the host has kept")
    func ticket() throws {
        var ticket = LeaseTicket(
            leaseID: .max, identityEpoch: 2, nonce: [1, 2, 3], validForSeconds: 86_400, activated: false,
            firmwareMinimum: SoftwareVersion(1, 0, 0), firmwareMaximum: SoftwareVersion(2, 0, 0), cleared: [.h02],
            grantsLease: false, hostTime: Instant(microseconds: 1_700_000_000_000_000))
        (ticket.acknowledgedLog, ticket.acknowledgedJournal, ticket.binding) = (12, 34, .max)
        ticket.orders = [.eraseEverything(.k04), .revokeKeys(keySet: 7), .unlockSupervisors, .beginLogEpoch]
        let bytes = ticket.encoded()
        #expect(try LeaseTicket(decoding: bytes) == ticket)
        try refusesEveryCut(bytes) { try LeaseTicket(decoding: $0) }
    }

    @Test("a statement is never taken for evidence, nor evidence for a statement")
    func statement() throws {
        let statement = WarningStatement(
            identityEpoch: 3, eventCounter: .max, openWarnings: [RaisedWarning(.t01), RaisedWarning(.k05, .s2)])
        let bytes = statement.encoded()
        #expect(try WarningStatement(decoding: bytes) == statement)
        #expect(throws: CodecError.self) { try EvidenceClaims(decoding: bytes) }
        #expect(throws: CodecError.self) { try WarningStatement(decoding: Self.evidence(Self.device, []).encoded()) }
        try refusesEveryCut(bytes) { try WarningStatement(decoding: $0) }
    }

    private func refusesEveryCut<T>(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> T) throws {
        for end in bytes.indices { #expect(throws: CodecError.self) { _ = try decode(Array(bytes[..<end])) } }
        #expect(throws: CodecError.self) { _ = try decode(bytes + [0]) }
    }
}
