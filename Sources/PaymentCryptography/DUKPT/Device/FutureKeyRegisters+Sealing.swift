// SPDX-License-Identifier: Apache-2.0

/// The state of a device at rest.
extension FutureKeyRegisters {
    private static var headerBytes: Int { 24 }
    private static var formatVersion: UInt8 { 1 }

    /// Version, shape, identifier, next counter, valid registers, registers; sealed under the key.
    borrowing func sealed(under key: borrowing SecretKey, initialKeyID: UInt64, label: StaticString) -> [UInt8] {
        let state = keys.withBytes { keys in
            SecretKey(count: Self.headerBytes + keys.count) { state in
                state[0] = Self.formatVersion
                state[1] = UInt8(shape.bits)
                state[2] = UInt8(shape.keyBytes)
                state.setWord(initialKeyID, at: 4)
                state.setWord(next, at: 12)
                state.storeBytes(of: valid.bigEndian, toByteOffset: 20, as: UInt32.self)
                UnsafeMutableRawBufferPointer(rebasing: state[Self.headerBytes...]).copyMemory(from: keys)
            }
        }
        return state.sealed(under: key, label: label)
    }

    /// - Returns: nil when the bytes are not a state of this shape that the key sealed.
    static func open(
        _ sealed: [UInt8], under key: borrowing SecretKey, label: StaticString,
        shape: (_ keyBytes: Int) -> Shape?
    ) -> Opened? {
        guard let state = SecretKey(sealed: sealed, under: key, label: label), state.count > headerBytes else {
            return nil
        }
        let header = state.withBytes { ($0[0], Int($0[1]), Int($0[2]), $0.word(at: 4), $0.word(at: 12)) }
        let valid = state.withBytes { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 20, as: UInt32.self)) }
        guard header.0 == formatVersion, let shape = shape(header.2), shape.bits == header.1,
            state.count == headerBytes + shape.bits * shape.keyBytes,
            isConsistent(next: header.4, valid: valid, shape: shape)
        else { return nil }
        let keys = state.withBytes { state in
            SecretKey(count: state.count - headerBytes) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: state[headerBytes...]))
            }
        }
        return Opened(
            registers: FutureKeyRegisters(shape: shape, keys: keys, valid: valid, next: header.4),
            initialKeyID: header.3)
    }

    /// Registers and the identifier they belong to.
    struct Opened: ~Copyable {
        let registers: FutureKeyRegisters
        let initialKeyID: UInt64

        consuming func take() -> FutureKeyRegisters { registers }
    }

    /// Invariants 1 to 3, of the mask.
    static func isConsistent(next: UInt64, valid: UInt32, shape: Shape) -> Bool {
        let end = UInt64(1) << UInt64(shape.bits)
        guard next != 0, next <= end, next.nonzeroBitCount <= shape.onesMax else { return false }
        let lowest = next & (0 &- next)
        let expected = ((~next & ~(lowest - 1)) | lowest) & (end - 1)
        return UInt64(valid) == expected
    }
}
