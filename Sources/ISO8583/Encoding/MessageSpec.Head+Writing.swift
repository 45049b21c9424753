// SPDX-License-Identifier: Apache-2.0

extension MessageSpec.Head {
    /// How many bitmaps announce the fields.
    private func maps(_ fields: FieldSet) -> Int {
        if fields.tertiary != 0 { return 3 }
        return fields.secondary != 0 || secondary == .always ? 2 : 1
    }

    /// Bytes of message type and bitmaps.
    func bytes(announcing fields: FieldSet) -> Int { mtiBytes + bitmapBytes * maps(fields) }

    /// Writes message type and bitmaps; returns where the fields begin.
    func write(_ mti: MTI, _ fields: FieldSet, to output: inout MutableSpan<UInt8>) -> Int {
        write(mti, to: &output)
        var offset = mtiBytes
        let maps = maps(fields)
        for map in 0..<maps {
            // The first bit of each announces the next.
            let next: UInt64 = map + 1 < maps ? 1 << 63 : 0
            let word = next | (map == 0 ? fields.primary : map == 1 ? fields.secondary : fields.tertiary)
            if bitmapEncoding == .binary {
                var raw = output.mutableBytes
                raw.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
            } else {
                for index in 0..<16 {
                    let nibble = UInt8(word >> UInt64(60 - 4 * index) & 15)
                    output[offset + index] = EBCDIC.byte(FieldSpec.hexCharacter(nibble), bitmapEncoding)
                }
            }
            offset += bitmapBytes
        }
        return offset
    }

    private func write(_ mti: MTI, to output: inout MutableSpan<UInt8>) {
        if mtiEncoding == .bcd {
            output[0] = UInt8(truncatingIfNeeded: mti.rawValue >> 8)
            output[1] = UInt8(truncatingIfNeeded: mti.rawValue)
        } else if mtiEncoding == .ascii {
            let digits = UInt32(mti.rawValue)
            let pairs = (digits & 0xFF00) << 8 | digits & 0xFF
            let characters = 0x3030_3030 | (pairs & 0x00F0_00F0) << 4 | pairs & 0x000F_000F
            var raw = output.mutableBytes
            raw.storeBytes(of: characters.bigEndian, toByteOffset: 0, as: UInt32.self)
        } else {
            for index in 0..<4 {
                let digit = 0x30 + UInt8(mti.rawValue >> UInt16(12 - 4 * index) & 15)
                output[index] = EBCDIC.byte(digit, mtiEncoding)
            }
        }
    }
}
