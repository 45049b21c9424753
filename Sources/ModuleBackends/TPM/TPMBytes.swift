// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import SecurityModule

/// Writes a command into room that its owner wipes. Numbers are big-endian; what does not fit makes it overflow.
struct TPMWriter {
    private let room: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private(set) var overflows = false

    init(_ room: UnsafeMutableRawBufferPointer) { self.room = room }

    mutating func number<T: FixedWidthInteger & UnsignedInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { raw($0) }
    }

    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard room.count - count >= bytes.count, !overflows else {
            overflows = true
            return
        }
        UnsafeMutableRawBufferPointer(rebasing: room[count..<count + bytes.count]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func raw(_ bytes: [UInt8]) { bytes.withUnsafeBytes { raw($0) } }

    /// A TPM2B: two bytes of length ahead.
    mutating func sized(_ bytes: [UInt8]) {
        number(UInt16(truncatingIfNeeded: bytes.count))
        raw(bytes)
    }

    mutating func sized(_ secret: borrowing SecretKey) {
        number(UInt16(truncatingIfNeeded: secret.count))
        secret.withBytes { raw($0) }
    }

    /// A TPM2B around a structure.
    mutating func sized(_ body: (inout TPMWriter) -> Void) {
        let start = count
        number(UInt16(0))
        body(&self)
        patch(UInt16(truncatingIfNeeded: count - start - 2), at: start)
    }

    /// Writes a number that is known only afterwards.
    mutating func patch<T: FixedWidthInteger & UnsignedInteger>(_ value: T, at offset: Int) {
        guard !overflows else { return }
        room.storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
    }

    /// The digest algorithm and the registers of a TPML_PCR_SELECTION with one bank.
    mutating func registers(_ numbers: [Int]) {
        var bits: [UInt8] = [0, 0, 0]
        for number in numbers where (0..<24).contains(number) { bits[number / 8] |= 1 << UInt8(number % 8) }
        number(UInt32(1))
        number(TPM.Algorithm.sha256)
        number(UInt8(3))
        raw(bits)
    }
}

/// Reads an answer, or a structure in it; nothing behind its end is looked at.
struct TPMReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var left: Int { bytes.count - offset }

    mutating func number<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type = T.self) throws(HardwareError) -> T {
        let raw = try take(MemoryLayout<T>.size)
        return T(bigEndian: raw.loadUnaligned(as: T.self))
    }

    mutating func take(_ count: Int) throws(HardwareError) -> UnsafeRawBufferPointer {
        guard count >= 0, left >= count else { throw .malformedAnswer }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// A TPM2B of at most `countMax` bytes.
    mutating func sized(max countMax: Int) throws(HardwareError) -> UnsafeRawBufferPointer {
        let count = Int(try number(UInt16.self))
        guard count <= countMax else { throw .malformedAnswer }
        return try take(count)
    }

    mutating func end() throws(HardwareError) { guard left == 0 else { throw .malformedAnswer } }
}
