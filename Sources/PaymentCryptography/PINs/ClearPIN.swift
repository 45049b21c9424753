// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A PIN in the clear: 4 to 12 digits (ISO 9564-1 5.1) in a wiped block. It cannot be copied, printed or read out;
/// only PIN blocks and PIN verification of this package see its digits.
public struct ClearPIN: ~Copyable, Sendable {
    /// The fewest digits.
    public static let countMin = 4
    /// The most digits.
    public static let countMax = 12

    /// The count, then twelve digits of value 0–9; unused ones zero.
    var block: SecretKey

    /// The number of digits.
    public var count: Int { block.withBytes { Int($0[0]) } }

    /// From digits in ASCII; the caller wipes its own copy.
    ///
    /// - Returns: nil for fewer than 4 or more than 12 bytes, or anything but digits.
    public init?(digits: UnsafeRawBufferPointer) {
        guard (Self.countMin...Self.countMax).contains(digits.count) else { return nil }
        var bad: UInt64 = 0
        let pin = ClearPIN { block in
            block[0] = UInt8(digits.count)
            for (index, digit) in digits.enumerated() {
                bad |= ~Mask.less(UInt64(digit &- 0x30), 10)
                block[index + 1] = digit &- 0x30
            }
        }
        guard bad == 0 else { return nil }
        self = pin
    }

    /// From digits in ASCII that lie in a secret block.
    public init?(digits: borrowing SecretKey) {
        let digits = digits.copy()
        guard let pin = digits.withBytes({ ClearPIN(digits: $0) }) else { return nil }
        self = pin
    }

    /// From a literal, for tests and demonstrations.
    public init?(digits: StaticString) {
        guard digits.hasPointerRepresentation else { return nil }
        let bytes = UnsafeRawBufferPointer(start: digits.utf8Start, count: digits.utf8CodeUnitCount)
        guard let pin = ClearPIN(digits: bytes) else { return nil }
        self = pin
    }

    /// A random PIN of 4 to 12 digits, each uniform.
    public static func random(count: Int) -> ClearPIN {
        precondition((countMin...countMax).contains(count), "a PIN has 4 to 12 digits")
        return ClearPIN { block in
            block[0] = UInt8(count)
            var index = 1
            while index <= count {
                let byte = UnsafeMutableRawBufferPointer(rebasing: block[index..<index + 1])
                LibCrypto.require(RAND_priv_bytes(byte.baseAddress, 1), "RAND_priv_bytes")
                // 250 is the largest multiple of ten: what lies above would favour the low digits.
                if block[index] < 250 {
                    block[index] %= 10
                    index += 1
                }
            }
        }
    }

    /// `fill` writes the count and the digits.
    init(_ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        block = SecretKey(count: 1 + Self.countMax, fill)
    }

    /// Whether both are the same PIN; in constant time.
    public borrowing func equals(_ other: borrowing ClearPIN) -> Bool { block.equals(other.block) }

    /// The digit at an index below 12; zero past the end.
    @inline(__always)
    borrowing func digit(_ index: Int) -> UInt64 {
        block.withBytes { block in
            precondition(block[0] >= Self.countMin, "a PIN block that was refused left no PIN")
            return UInt64(block[index + 1])
        }
    }
}
