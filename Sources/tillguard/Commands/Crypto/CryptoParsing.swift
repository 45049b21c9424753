// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

extension CryptoInput {
    /// 4 to 12 digits.
    func pin(_ name: String = "--pin") throws -> ClearPIN {
        let characters = try characters(name)
        // A file or a line may end with white space.
        let count = characters.withBytes { bytes in
            bytes.lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }.map { $0 + 1 } ?? 0
        }
        guard count > 0, let pin = ClearPIN(digits: characters.prefix(count)) else {
            throw ValidationError("\(name): expected 4 to 12 digits")
        }
        return pin
    }

    /// 1 to 19 digits; spaces between them do not count.
    func pan(_ name: String = "--pan") throws -> PANDigits {
        guard let pan = PANDigits(try string(name).filter { $0 != " " }) else {
            throw ValidationError("\(name): expected 1 to 19 digits")
        }
        return pan
    }

    /// Decimal digits of a code that is verified.
    func digits(_ name: String, _ counts: ClosedRange<Int>) throws -> [UInt8] {
        let digits = try string(name).utf8.map { $0 &- 0x30 }
        guard counts.contains(digits.count), digits.allSatisfy({ $0 <= 9 }) else {
            let range = counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
            throw ValidationError("\(name): expected \(range) digits")
        }
        return digits
    }
}

extension PINBlockFormat: ExpressibleByArgument {
    public init?(argument: String) {
        guard let number = UInt8(argument), let format = PINBlockFormat(rawValue: number) else { return nil }
        self = format
    }

    public static var allValueStrings: [String] { allCases.map { String($0.rawValue) } }

    /// Whether the PAN goes into the block.
    var needsPAN: Bool { self != .format1 && self != .format2 }

    /// The lengths of a key for it, in bytes.
    var keyLengths: [Int] { self == .format4 ? [16, 24, 32] : [16, 24] }

    /// The bytes of a block.
    var blockCount: Int { self == .format4 ? 16 : 8 }
}

/// The PAN of a PIN block, which two formats do without.
struct PINBlockPAN: ParsableArguments {
    @Option(help: "The PAN; formats 1 and 2 do without.")
    var pan: CryptoInput?

    func digits(_ format: PINBlockFormat) throws -> PANDigits {
        if let pan { return try pan.pan() }
        guard !format.needsPAN, let none = PANDigits("0") else {
            throw ValidationError("--pan: format \(format.rawValue) needs it")
        }
        return none
    }
}

/// Whether a clear PIN is printed.
struct PINDisplay: ParsableArguments {
    @Flag(help: "Print the PIN in the clear; without this, only how many digits it has.")
    var showPin = false

    func add(_ pin: borrowing ClearPIN, to answer: inout CryptoAnswer) {
        let count = pin.count
        answer.add("pinDigits", "digits of the PIN", count: count)
        guard showPin else { return }
        answer.add("pin", "PIN", PINCalculator.withDigits(pin) { String(decoding: $0, as: UTF8.self) })
    }
}

/// Data in hexadecimal, or text as it stands.
struct CryptoMessage: ParsableArguments {
    @Option(help: "The data in hexadecimal, @file or - for the standard input.")
    var data: CryptoInput?
    @Option(help: "The data as text.")
    var text: String?

    var isGiven: Bool { data != nil || text != nil }

    func bytes() throws -> [UInt8] {
        switch (data, text) {
        case (let data?, nil): return try data.bytes("--data")
        case (nil, let text?): return Array(text.utf8)
        case (nil, nil): throw ValidationError("--data or --text: one of them is needed")
        default: throw ValidationError("--data and --text: only one of them")
        }
    }
}
