// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Formats of the stored record")
struct RecordFormatTests {
    /// What the first format wrote.
    private static func first(_ record: ModuleRecord) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(1)
        writer.word(record.keys.terminal.packed)
        writer.byte(record.keys.profile.rawValue)
        writer.unsigned(record.keys.keySet)
        writer.unsigned(record.keys.identityEpoch)
        writer.word(record.serial)
        writer.unsigned(record.version)
        writer.flag(false)
        writer.byte(record.activation.rawValue)
        writer.optional(record.lease) { writer, lease in
            writer.unsigned(lease.number)
            writer.instant(lease.expires)
        }
        writer.optional(record.firmwareRange) { writer, range in
            writer.unsigned(range.lowerBound.packed)
            writer.unsigned(range.upperBound.packed)
        }
        writer.unsigned(record.healthCounter)
        writer.unsigned(record.eventCounter)
        writer.unsigned(record.selfTestNumber)
        writer.optional(record.selfTestPassedAt) { $0.instant($1) }
        writer.instant(record.clock)
        writer.list(record.openWarnings) { $1.write(to: &$0) }
        writer.flag(false)
        writer.flag(record.financialKeysZeroised)
        writer.sized(record.deathTokenHash)
        writer.list(record.checkValues) { $0.sized($1) }
        writer.unsigned(record.storedCounter)
        record.pinRate.write(to: &writer)
        record.audit.write(to: &writer)
        return writer.bytes
    }

    private func record() throws -> ModuleRecord {
        let bench = try Bench()
        bench.signOn()
        bench.make(.battery)
        return bench.module.record
    }

    @Test("a record of the first format is read: what it does not know is as in a new module")
    func firstFormat() throws {
        var record = try record()
        // Its log had no epochs.
        record.audit = AuditLog()
        for _ in 0..<3 { record.audit.append(.selfTestPassed, eventCounter: 1, at: record.clock) }
        var expected = record
        expected.boots = BootRecords()
        (expected.hostKey, expected.signer, expected.identityKey) = (nil, nil, nil)
        #expect(try ModuleRecord(decoding: Self.first(record)) == expected)
    }

    @Test("a record with everything in it comes back, and cut anywhere it is none")
    func current() throws {
        var record = try record()
        record.binding = 0x1234_5678_9ABC_DEF0
        record.isClockOff = true
        for keySet in UInt16(1)...20 { record.revoke(keySet: keySet) }
        record.answerFailureCleared = Instant(seconds: 5)
        let supplier = try P256PrivateKey.generate()
        record.software.supplier = supplier.publicKey
        for component in SoftwareComponent.allCases {
            record.software.take(
                try SoftwareManifest(
                    signing: component, SoftwareVersion(1, 2, 3), digest: SHA256.hash([1]), securityVersion: 4,
                    by: supplier))
        }
        record.software.update.staged = record.software[.module]
        record.software.update.beginTrial()
        record.supervisors.set(Supervisors.Entry(number: 3, salt: [1, 2], sealedHash: [3]))
        record.supervisors.countTry()
        _ = record.supervisors.lock(at: Instant(seconds: 9))
        let bytes = record.encoded()
        #expect(try ModuleRecord(decoding: bytes) == record)
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try ModuleRecord(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: CodecError.self) { try ModuleRecord(decoding: bytes + [0]) }
        #expect(throws: CodecError.self) { try ModuleRecord(decoding: [4] + bytes.dropFirst()) }
    }
}
