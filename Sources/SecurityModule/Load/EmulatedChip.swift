// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A chip card in software, for tests and virtual terminals: it counts its transactions and answers for each with a
/// cryptogram. It checks no terminal and keeps no limits: every transaction goes online.
public struct EmulatedChip: ~Copyable, Sendable {
    private let master: ICCMasterKey
    private let reference: ChipReference
    /// The application transaction counter of the last transaction.
    public private(set) var counter: UInt16
    private var last: (context: TransactionContext, cryptogram: [UInt8])?

    /// What the card makes of the first GENERATE AC.
    public enum Decision: CaseIterable, Sendable {
        /// ARQC: the issuer is to say.
        case online
        /// TC: approved without the issuer.
        case approved
        /// AAC.
        case declined

        /// Second byte of the card verification results: no second cryptogram asked for, and the first.
        fileprivate var result: UInt8 {
            switch self {
            case .online: 0xA0
            case .approved: 0x90
            case .declined: 0x80
            }
        }

        /// Tag 9F27.
        fileprivate var information: UInt8 {
            switch self {
            case .online: 0x80
            case .approved: 0x40
            case .declined: 0x00
            }
        }
    }

    init(master: consuming ICCMasterKey, reference: ChipReference, counter: UInt16) {
        self.master = master
        self.reference = reference
        self.counter = counter
    }

    /// The card's answer to GENERATE AC, as field 55 carries it.
    ///
    /// - Parameter amount: tag 9F02 and, by its currency, 5F2A; up to twelve digits.
    /// - Parameter at: tag 9A.
    /// - Parameter unpredictableNumber: the terminal's, tag 9F37.
    /// - Parameter decision: an issuer takes an ARQC alone.
    /// - Returns: nil for an amount that its tag has no room for, and once the counter is used up.
    public mutating func answer(
        _ amount: Money, at: Instant, unpredictableNumber: UInt32, decision: Decision = .online
    ) -> [UInt8]? {
        guard counter < .max, 0...999_999_999_999 ~= amount.minorUnits else { return nil }
        counter += 1
        let date = CalendarTime(at)
        let values: [UInt32: [UInt8]] = [
            0x9F02: Self.digits(UInt64(amount.minorUnits), 6), 0x9F03: Self.digits(0, 6), 0x9F1A: [0x01, 0x56],
            0x95: [0, 0, 0, 0, 0], 0x5F2A: Self.digits(UInt64(amount.currency.numeric), 2),
            0x9A: Self.digits(UInt64(date.year % 100 * 10_000 + date.month * 100 + date.day), 3), 0x9C: [0],
            0x9F37: Self.bytes(UInt64(unpredictableNumber), 4), 0x82: [0x7C, 0x00],
            0x9F36: Self.bytes(UInt64(counter), 2),
            // 07, key index 1, version 01, card verification results, algorithm 01: 3DES (JR/T 0025.5).
            0x9F10: [0x07, 0x01, 0x01, 0x03, decision.result, 0x00, 0x00, 0x01],
        ]
        var data = TransactionData()
        var field: [UInt8] = []
        for (tag, element) in SoftHostModule.cryptogramTags {
            guard let value = values[tag], (try? data.set(element, value)) != nil else { return nil }
            field += Self.object(tag, value)
        }
        let specification = reference.specification
        guard let explanation = try? specification.explain(data) else { return nil }
        let cryptogram = specification.cryptogram(
            master: master, context: explanation.context, input: explanation.input)
        last = (explanation.context, cryptogram)
        return Self.object(SoftHostModule.cryptogramTag, cryptogram) + Self.object(0x9F27, [decision.information])
            + field
            + Self.object(0x5F34, Self.digits(UInt64(reference.sequence), 1))
    }

    /// Whether tag 91 of an answer is the issuer's, to the cryptogram given last and with the response code behind it.
    ///
    /// - Parameter field: field 55 of the answer.
    public func accepts(_ field: [UInt8]) -> Bool {
        guard let last, field.count == 12, field[0] == 0x91, field[1] == 10 else { return false }
        let expected = try? reference.specification.responseCryptogram(
            master: master, context: last.context, cryptogram: last.cryptogram, response: Array(field[10...]))
        return expected.map { constantTimeEquals($0, Array(field[2..<10])) } ?? false
    }

    private static func object(_ tag: UInt32, _ value: [UInt8]) -> [UInt8] {
        (tag > 0xFF ? bytes(UInt64(tag), 2) : [UInt8(tag)]) + [UInt8(value.count)] + value
    }

    private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
    }

    /// Packed digits.
    private static func digits(_ value: UInt64, _ count: Int) -> [UInt8] {
        var rest = value
        var bytes = [UInt8](repeating: 0, count: count)
        for index in bytes.indices.reversed() {
            bytes[index] = UInt8(rest / 10 % 10) << 4 | UInt8(rest % 10)
            rest /= 100
        }
        return bytes
    }
}
