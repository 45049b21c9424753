// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ModuleProtocol
import Vocabulary

/// What the chip data of a request were worth: part of the record of every sale that brought any.
public struct ChipFact: Equatable, Sendable {
    public enum Finding: UInt8, CaseIterable, Sendable {
        /// Nobody looked: the issuer has no key of this card's, or the card was refused before.
        case unverified = 1
        case right = 2
        /// The cryptogram is not the card's, or covers another amount or currency than the message names.
        case wrong = 3
        /// A data object is missing, or has no length of its own.
        case unreadable = 4
    }

    public var finding: Finding
    /// The transaction counter (tag 9F36) of a cryptogram that is right.
    public var counter: UInt16
    /// The counter is not above every one before: the cryptogram is a copy, or comes late. Noted, and no refusal: what is
    /// tried again under a new trace number has the same.
    public var isCounterStale: Bool

    public init(finding: Finding, counter: UInt16 = 0, isCounterStale: Bool = false) {
        self.finding = finding
        self.counter = counter
        self.isCounterStale = isCounterStale
    }

    func encode(to writer: inout ByteWriter) {
        writer.byte(finding.rawValue)
        writer.unsigned(counter)
        writer.flag(isCounterStale)
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        finding = try reader.raw(Finding.self, "finding of a chip")
        counter = try reader.unsigned()
        isCounterStale = try reader.flag()
    }
}
