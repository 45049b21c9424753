// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

extension SealCommand {
    /// The longest key serial number.
    private static let ksnBytes = 12

    func write(to writer: inout ByteWriter) {
        keys.write(to: &writer)
        writer.sized(ksn)
        writer.sized(message)
        writer.range(mac)
        writer.count(macStart)
        writer.optional(ticket) { writer, ticket in
            writer.sized(ticket.0.encoded())
            writer.range(ticket.at)
        }
        writer.optional(session) { $0.unsigned($1) }
        writer.optional(download) { writer, download in
            writer.unsigned(download.session)
            writer.range(download.at)
        }
        writer.optional(chip) { writer, chip in
            writer.pan(chip.pan)
            chip.reference.write(to: &writer)
            chip.verdict.write(to: &writer)
            writer.range(chip.place)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            keys: try TerminalKeys(from: &reader), ksn: try reader.sized(max: Self.ksnBytes),
            message: try reader.message(), mac: try reader.range(), macStart: try reader.place())
        ticket = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            (try LeaseTicket(decoding: try reader.message()), at: try reader.range())
        }
        session = try reader.optional { (reader: inout ByteReader) throws(CodecError) in try reader.unsigned() }
        download = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            (session: try reader.unsigned(), at: try reader.range())
        }
        chip = try reader.optional { (reader: inout ByteReader) throws(CodecError) in
            ChipAnswer(
                pan: try reader.pan(), reference: try ChipReference(from: &reader),
                verdict: try ChipVerdict(from: &reader), place: try reader.range())
        }
    }
}
