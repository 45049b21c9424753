// SPDX-License-Identifier: Apache-2.0

/// Bytes by the C library, behind one check of bounds each.
extension MutableRawSpan {
    /// Copies bytes.
    @inline(__always)
    mutating func copy(_ source: RawSpan, from start: Int, to end: Int, at offset: Int) {
        let count = end &- start
        precondition(start >= 0 && count >= 0 && end <= source.byteCount && offset >= 0)
        precondition(count <= byteCount &- offset)
        if count > 32 {
            // Safe: both ranges were checked just now.
            withUnsafeMutableBytes { output in
                source.withUnsafeBytes { input in
                    guard let output = output.baseAddress, let input = input.baseAddress else { return }
                    (output + offset).copyMemory(from: input + start, byteCount: count)
                }
            }
            return
        }
        var done = 0
        while count &- done >= 8 {
            let word = source.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ done, as: UInt64.self)
            storeBytes(of: word, toUncheckedByteOffset: offset &+ done, as: UInt64.self)
            done &+= 8
        }
        if count >= 8 {
            // The last eight, some of them again.
            let word = source.unsafeLoadUnaligned(fromUncheckedByteOffset: end &- 8, as: UInt64.self)
            storeBytes(of: word, toUncheckedByteOffset: offset &+ count &- 8, as: UInt64.self)
            return
        }
        if count >= 4 {
            let first = source.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self)
            let last = source.unsafeLoadUnaligned(fromUncheckedByteOffset: end &- 4, as: UInt32.self)
            storeBytes(of: first, toUncheckedByteOffset: offset, as: UInt32.self)
            storeBytes(of: last, toUncheckedByteOffset: offset &+ count &- 4, as: UInt32.self)
            return
        }
        while done < count {
            let byte = source.unsafeLoad(fromUncheckedByteOffset: start &+ done, as: UInt8.self)
            storeBytes(of: byte, toUncheckedByteOffset: offset &+ done, as: UInt8.self)
            done &+= 1
        }
    }

    /// Moves bytes to where they may overlap.
    mutating func move(_ count: Int, from start: Int, to place: Int) {
        precondition(count >= 0 && start >= 0 && place >= 0 && count <= byteCount - max(start, place))
        withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            (base + place).copyMemory(from: base + start, byteCount: count)
        }
    }

    /// Makes bytes all the same.
    mutating func fill(_ count: Int, at start: Int, with byte: UInt8 = 0) {
        precondition(count >= 0 && start >= 0 && count <= byteCount - start)
        withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            (base + start).initializeMemory(as: UInt8.self, repeating: byte, count: count)
        }
    }
}
