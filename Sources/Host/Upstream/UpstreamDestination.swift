// SPDX-License-Identifier: Apache-2.0
import Interchange
import ModuleProtocol
import Vocabulary

/// Another host that issues cards which are accepted here.
public struct UpstreamDestination: Equatable, Sendable {
    /// As routes name it, and its zone: 1 to 32 bytes.
    public let name: String
    /// What this host may approve in its place while it is away.
    public var standIn: StandInLimits

    public init(name: String, standIn: StandInLimits = .none) {
        self.name = name
        self.standIn = standIn
    }

    public var zone: ZoneID { ZoneID(name) }

    /// A destination is named in a byte of every record.
    public static let countMax = 32

    func encode(to writer: inout ByteWriter) {
        writer.text(name)
        writer.signed(standIn.transaction)
        writer.signed(standIn.cardAndDay)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        name = try reader.text()
        standIn = StandInLimits(transaction: try reader.signed(), cardAndDay: try reader.signed())
    }

    var isWellFormed: Bool {
        (1...32).contains(name.utf8.count) && !name.contains { $0 == " " || $0 == "#" || $0.isNewline }
            && standIn.transaction >= 0 && standIn.cardAndDay >= 0
    }
}

/// Both in minor units; nothing is ever approved above either.
public struct StandInLimits: Equatable, Sendable {
    public var transaction: Int64
    /// Of one card in one business day.
    public var cardAndDay: Int64

    public init(transaction: Int64, cardAndDay: Int64) {
        self.transaction = transaction
        self.cardAndDay = cardAndDay
    }

    /// The issuer alone decides.
    public static let none = StandInLimits(transaction: 0, cardAndDay: 0)
}
