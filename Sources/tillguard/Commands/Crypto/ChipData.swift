// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// The data elements of a chip transaction, from field 55 and single tags.
struct ChipData: ParsableArguments {
    @Option(help: "The data elements as BER-TLV in hexadecimal, as field 55 has them; @file or -.")
    var field55: CryptoInput?
    @Option(
        parsing: .singleValue,
        help: "One data element as TAG=VALUE, such as 9F36=001C; again for more, before field 55.")
    var tag: [String] = []

    var isGiven: Bool { field55 != nil || !tag.isEmpty }

    /// Tag and value in the order given; single tags first, so that they win.
    func elements() throws -> [(tag: UInt32, value: [UInt8])] {
        var elements: [(tag: UInt32, value: [UInt8])] = []
        for text in tag {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = UInt32(parts[0], radix: 16), let value = Hex.bytes(parts[1]) else {
                throw ValidationError("--tag: expected TAG=VALUE in hexadecimal, got \(text)")
            }
            elements.append((number, value))
        }
        if let field55 { elements += try Self.elements(try field55.bytes("--field55")) }
        return elements
    }

    /// The elements of one level (EMV Book 3 Annex B): tags of up to four bytes, lengths in up to two.
    static func elements(_ bytes: [UInt8]) throws -> [(tag: UInt32, value: [UInt8])] {
        var elements: [(tag: UInt32, value: [UInt8])] = []
        var offset = 0
        func next() throws -> UInt8 {
            guard offset < bytes.count else {
                throw ValidationError("--field55: ends inside a data element, after byte \(bytes.count)")
            }
            offset += 1
            return bytes[offset - 1]
        }
        while offset < bytes.count {
            let first = try next()
            // Zeros may stand between data elements.
            guard first != 0 else { continue }
            var tag = UInt32(first)
            if first & 0x1F == 0x1F {
                var more: UInt8
                repeat {
                    guard tag >> 24 == 0 else {
                        throw ValidationError("--field55: a tag of more than four bytes at byte \(offset)")
                    }
                    more = try next()
                    tag = tag << 8 | UInt32(more)
                } while more & 0x80 != 0
            }
            var length = Int(try next())
            if length > 0x80 {
                guard length <= 0x82 else {
                    throw ValidationError("--field55: a length that no data element has at byte \(offset)")
                }
                let count = length - 0x80
                length = 0
                for _ in 0..<count { length = length << 8 | Int(try next()) }
            } else if length == 0x80 {
                throw ValidationError("--field55: a length that no data element has at byte \(offset)")
            }
            guard bytes.count - offset >= length else {
                throw ValidationError("--field55: ends inside a data element, after byte \(bytes.count)")
            }
            elements.append((tag, Array(bytes[offset..<offset + length])))
            offset += length
        }
        return elements
    }

    /// What of the elements a cryptogram and its keys are made of.
    struct Reading {
        var transaction = TransactionData()
        var cryptogram: [UInt8]?
        var pan: PANDigits?
        var sequence: PANSequenceNumber?
    }

    func reading() throws -> Reading {
        var reading = Reading()
        for (tag, value) in try elements() {
            let digits = Hex.text(value)
            switch tag {
            case 0x5A: reading.pan = reading.pan ?? PANDigits(digits.prefix { $0 != "F" })
            case 0x57: reading.pan = reading.pan ?? PANDigits(digits.prefix { $0 != "D" })
            case 0x5F34: reading.sequence = reading.sequence ?? PANSequenceNumber(digits)
            case 0x9F26: reading.cryptogram = reading.cryptogram ?? value
            default:
                let field = CardField.allCases.first { $0.tag.map { UInt32($0) == tag } ?? false }
                if let field, reading.transaction[field] == nil { try reading.transaction.set(field, value) }
            }
        }
        return reading
    }
}
