// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Whose rules a chip card's cryptograms follow.
public enum ChipScheme: UInt8, CaseIterable, Sendable {
    /// UnionPay debit/credit (JR/T 0025.7): cryptogram version 01, answered by method 1.
    case unionPay = 1
}

/// What the issuer holds to verify a card's cryptograms: no secret, the key itself follows from the issuer's master key.
public struct ChipReference: Equatable, Sendable {
    public var scheme: ChipScheme
    /// PAN sequence number, 0–99.
    public var sequence: UInt8

    public init(scheme: ChipScheme, sequence: UInt8 = 0) {
        self.scheme = scheme
        self.sequence = sequence
    }
}

/// One data object of field 55, where it stands in the message.
public struct ChipObject: Equatable, Sendable {
    public var tag: UInt32
    public var value: Range<Int>

    public init(tag: UInt32, value: Range<Int>) {
        self.tag = tag
        self.value = value
    }
}

/// The cryptogram question of one request (EMV Book 2 8.1). A cryptogram that is not right leaves the PIN untried.
public struct CryptogramQuestion: Equatable, Sendable {
    public var objects: [ChipObject]
    public var pan: PAN
    public var reference: ChipReference

    public init(objects: [ChipObject], pan: PAN, reference: ChipReference) {
        self.objects = objects
        self.pan = pan
        self.reference = reference
    }
}

/// What the module found of a cryptogram, and what its answer is made of.
public struct ChipVerdict: Equatable, Sendable {
    public enum Finding: UInt8, CaseIterable, Sendable {
        case right = 1
        case wrong = 2
        /// A data object is missing, or has no length of its own.
        case unreadable = 3
    }

    public var finding: Finding
    /// The application transaction counter, tag 9F36.
    public var counter: UInt16
    /// Tag 9F37.
    public var unpredictableNumber: UInt32
    /// Tag 9F26.
    public var cryptogram: UInt64

    public init(finding: Finding, counter: UInt16 = 0, unpredictableNumber: UInt32 = 0, cryptogram: UInt64 = 0) {
        self.finding = finding
        self.counter = counter
        self.unpredictableNumber = unpredictableNumber
        self.cryptogram = cryptogram
    }
}

/// The issuer's answer to a cryptogram that was right (EMV Book 2 8.2): the module writes its 8 bytes in front of the two
/// of the authorisation response code.
public struct ChipAnswer: Equatable, Sendable {
    public var pan: PAN
    public var reference: ChipReference
    public var verdict: ChipVerdict
    /// Where the 8 bytes go; the response code stands behind them.
    public var place: Range<Int>

    public init(pan: PAN, reference: ChipReference, verdict: ChipVerdict, place: Range<Int> = 0..<0) {
        self.pan = pan
        self.reference = reference
        self.verdict = verdict
        self.place = place
    }
}
