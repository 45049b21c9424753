// SPDX-License-Identifier: Apache-2.0

extension MessageIndex {
    /// How far a message has been read.
    struct Place {
        /// How many fields have been.
        var position: Int
        /// Where the next begins.
        var offset: Int
        /// Whether there is no next.
        var isLast = false
    }

    /// Reads the fields that their plans recognise, and notes where they end: all, or up to one that is not recognised.
    ///
    /// The digits of fixed fields that stand one behind the other are looked at in one run.
    ///
    /// - Parameter plans: 0...192, which every field in a set is.
    mutating func recognise(_ bytes: RawSpan, _ plans: UnsafePointer<FieldPlan>) -> Place {
        let (fields, start) = (fields, start)
        // So that every position has a place, which is not looked at again.
        guard OffsetTable.haveFirstPlaces(fields) else { return Place(position: 0, offset: start) }
        var ends = self.ends.places.mutableSpan
        var run = Place(position: 0, offset: start)
        var (position, offset) = (0, start)
        var map = 0
        repeat {
            var word = map == 0 ? fields.primary : map == 1 ? fields.secondary : fields.tertiary
            // The plan of a bit lies as many before as the bit is high.
            let last = plans + (64 &* map &+ 64)
            map &+= 1
            while word != 0 {
                var bit = 63 &- word.leadingZeroBitCount
                while (last - bit).pointee.check == .fixedDigits {
                    offset &+= Int((last - bit).pointee.maximum)
                    ends[unchecked: position] = UInt16(truncatingIfNeeded: offset)
                    position &+= 1
                    word ^= 1 &<< UInt64(truncatingIfNeeded: bit)
                    if word == 0 { break }
                    bit = 63 &- word.leadingZeroBitCount
                }
                guard run.offset == offset || Self.areDigits(bytes, from: run.offset, to: offset) else { return run }
                run = Place(position: position, offset: offset)
                if word == 0 { break }
                guard let end = FieldPlan.end(last - bit, in: bytes, at: offset) else { return run }
                offset = end
                ends[unchecked: position] = UInt16(truncatingIfNeeded: offset)
                position &+= 1
                word ^= 1 &<< UInt64(truncatingIfNeeded: bit)
                run = Place(position: position, offset: offset)
            }
        } while map < 3
        return Place(position: position, offset: offset, isLast: true)
    }

    @inline(__always)
    private static func areDigits(_ bytes: RawSpan, from start: Int, to end: Int) -> Bool {
        end <= bytes.byteCount && Words.areDigits(bytes, from: start, to: end)
    }
}
