// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension OpenVerdict {
    func write(to writer: inout ByteWriter) {
        writer.flag(macAuthentic)
        writer.optional(health) { writer, claims in
            writer.byte(claims.state.rawValue)
            writer.unsigned(claims.counter)
            writer.unsigned(claims.leaseID)
            writer.unsigned(claims.identityEpoch)
            writer.unsigned(claims.eventCounter)
            writer.unsigned(claims.selfTestNumber)
        }
        writer.optional(evidence) { $0.sized($1.encoded()) }
        writer.optional(statement) { $0.sized($1.encoded()) }
        writer.byte(pin.rawValue)
        writer.unsigned(ksnCounter)
        writer.word(digest)
        writer.optional(session) { $0.unsigned($1) }
        writer.optional(translatedPIN) { $0.sized($1) }
        writer.optional(chip) { $1.write(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        let macAuthentic = try reader.flag()
        let health = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            HealthClaims(
                state: try reader.choice(ModuleState.self), counter: try reader.unsigned(),
                leaseID: try reader.unsigned(), identityEpoch: try reader.unsigned(),
                eventCounter: try reader.unsigned(), selfTestNumber: try reader.unsigned())
        }
        let evidence = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try EvidenceClaims(decoding: try reader.message())
        }
        let statement = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try WarningStatement(decoding: try reader.message())
        }
        self.init(
            macAuthentic: macAuthentic, health: health, evidence: evidence, pin: try reader.choice(PINVerdict.self),
            ksnCounter: try reader.unsigned(), digest: try reader.word())
        self.statement = statement
        session = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        translatedPIN = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try reader.sized(max: WireLimits.pinBlockBytes)
        }
        chip = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            try ChipVerdict(from: &reader)
        }
    }
}

extension ChipVerdict {
    func write(to writer: inout ByteWriter) {
        writer.byte(finding.rawValue)
        writer.unsigned(counter)
        writer.unsigned(unpredictableNumber)
        writer.word(cryptogram)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            finding: try reader.choice(Finding.self), counter: try reader.unsigned(),
            unpredictableNumber: try reader.unsigned(), cryptogram: try reader.word())
    }
}
