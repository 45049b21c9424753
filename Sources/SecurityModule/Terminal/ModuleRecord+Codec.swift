// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// The record in an image: format 3. Format 1 ends behind the audit log; until format 2 the log has no epochs, the module no
/// identity key, and a latch no closing records.
extension ModuleRecord {
    static var formats: (first: UInt8, current: UInt8) { (1, 3) }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 2_560)
        writer.byte(Self.formats.current)
        writer.word(keys.terminal.packed)
        writer.byte(keys.profile.rawValue)
        writer.unsigned(keys.keySet)
        writer.unsigned(keys.identityEpoch)
        writer.word(serial)
        writer.unsigned(version)
        writer.optional(latch) { writer, latch in
            writer.byte(latch.warning.wireNumber)
            writer.instant(latch.at)
            writer.flag(latch.zeroised)
            writer.sized(latch.deathToken)
        }
        writer.byte(activation.rawValue)
        writer.optional(lease) { writer, lease in
            writer.unsigned(lease.number)
            writer.instant(lease.expires)
        }
        writer.optional(firmwareRange) { writer, range in
            writer.unsigned(range.lowerBound.packed)
            writer.unsigned(range.upperBound.packed)
        }
        writer.unsigned(healthCounter)
        writer.unsigned(eventCounter)
        writer.unsigned(selfTestNumber)
        writer.optional(selfTestPassedAt) { $0.instant($1) }
        writer.instant(clock)
        writer.list(openWarnings) { $1.write(to: &$0) }
        writer.optional(algorithmFailureCleared) { $0.instant($1) }
        writer.flag(financialKeysZeroised)
        writer.sized(deathTokenHash)
        writer.list(checkValues) { $0.sized($1) }
        writer.unsigned(storedCounter)
        pinRate.write(to: &writer)
        audit.write(to: &writer, version: AuditLog.codecVersion)
        writeSinceFormat2(to: &writer)
        writer.sized(hostKey?.compressed ?? [])
        writer.sized(signer?.compressed ?? [])
        writer.sized(identityKey?.compressed ?? [])
        writer.list(latch?.closings ?? []) { $1.write(to: &$0) }
        return writer.bytes
    }

    private func writeSinceFormat2(to writer: inout ByteWriter) {
        boots.write(to: &writer)
        writer.word(binding)
        writer.flag(isClockOff)
        writer.list(revokedKeySets) { $0.unsigned($1) }
        writer.optional(answerFailureCleared) { $0.instant($1) }
        software.write(to: &writer)
        supervisors.write(to: &writer)
    }

    private mutating func readSinceFormat2(from reader: inout ByteReader) throws(CodecError) {
        boots = try BootRecords(from: &reader)
        binding = try reader.word()
        isClockOff = try reader.flag()
        let start = reader.offset
        revokedKeySets = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        guard revokedKeySets.count <= Self.revokedMax else { throw .invalid(offset: start, what: "revoked key sets") }
        answerFailureCleared = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.instant()
        }
        software = try SoftwareState(from: &reader)
        supervisors = try Supervisors(from: &reader)
    }

    init(decoding bytes: [UInt8]) throws(CodecError) {
        var reader = ByteReader(bytes)
        let format = try reader.byte()
        guard (Self.formats.first...Self.formats.current).contains(format) else {
            throw .invalid(offset: 0, what: "module record format")
        }
        let terminal = TerminalID(packed: try reader.word())
        let profile = try reader.raw(KeyProfile.self, "key profile")
        let keySet: UInt16 = try reader.unsigned()
        keys = TerminalKeys(
            terminal: terminal, profile: profile, keySet: keySet, identityEpoch: try reader.unsigned())
        serial = try reader.word()
        version = try reader.unsigned()
        latch = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let warning = try reader.warning()
            let at = try reader.instant()
            let zeroised = try reader.flag()
            return TamperLatch(warning: warning, at: at, zeroised: zeroised, deathToken: try reader.sized())
        }
        activation = try reader.raw(Activation.self, "activation")
        lease = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let number: UInt32 = try reader.unsigned()
            return Lease(number: number, expires: try reader.instant())
        }
        firmwareRange = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            let start = reader.offset
            let minimum = SoftwareVersion(packed: try reader.unsigned())
            let maximum = SoftwareVersion(packed: try reader.unsigned())
            guard minimum <= maximum else { throw .invalid(offset: start, what: "firmware range") }
            return minimum...maximum
        }
        healthCounter = try reader.unsigned()
        eventCounter = try reader.unsigned()
        selfTestNumber = try reader.unsigned()
        selfTestPassedAt = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.instant()
        }
        clock = try reader.instant()
        openWarnings = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            try OpenWarning(from: &reader)
        }
        algorithmFailureCleared = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.instant()
        }
        financialKeysZeroised = try reader.flag()
        deathTokenHash = try reader.sized()
        checkValues = try reader.list { (reader: inout ByteReader) throws(CodecError) in try reader.sized() }
        guard checkValues.count == KeySlot.checked(profile).count else {
            throw .invalid(offset: reader.offset, what: "check values")
        }
        storedCounter = try reader.unsigned()
        pinRate = try PINRate(from: &reader)
        audit = try AuditLog(from: &reader, version: format < 3 ? 1 : AuditLog.codecVersion)
        if format != Self.formats.first { try readSinceFormat2(from: &reader) }
        if format >= 3 {
            (hostKey, signer) = (try reader.publicKey(), try reader.publicKey())
            identityKey = try reader.publicKey()
            let closings = try reader.list { (reader: inout ByteReader) throws(CodecError) in
                try SealedItem(from: &reader)
            }
            latch?.closings = closings
        }
        guard reader.isAtEnd else { throw .invalid(offset: reader.offset, what: "end of module record") }
    }
}
