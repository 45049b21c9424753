// SPDX-License-Identifier: Apache-2.0

/// Fields are written behind the others and then moved to where they belong, which most are already.
extension MessageBuilder {
    /// Bytes before the first field: room for a message's head, and so that the word before a field's end is there.
    static let lead = 4 + 3 * 16

    /// Where a field that has been set lies, with its prefix, in `values`.
    func extent(of field: Int) -> Range<Int> {
        let extent = ends.extent(fields.position(of: field), start: 0)
        return Self.lead + extent.lowerBound..<Self.lead + extent.upperBound
    }

    func isOdd(_ field: Int) -> Bool { odd.contains(field) }

    /// Notes whether packed digits are odd in number.
    mutating func setOdd(_ field: Int, _ length: Int) {
        if length % 2 == 1 { odd.insert(field) } else { odd.remove(field) }
    }

    /// Makes room for a value of that length, zeros, writes its prefix, and returns its start; nil for a length the
    /// field cannot have.
    mutating func open(_ field: Int, _ layout: FieldSpec, length: Int) -> Int? {
        guard length <= layout.acceptedMaximum, length >= Int(layout.minimum) else {
            fail(field, layout.badLength(length))
            return nil
        }
        if opened >= 0 { clear(opened, at: Self.lead + size) }
        let prefix = Int(layout.prefixBytes)
        let count = prefix + layout.encodedLength(length)
        guard let start = room(field, count) else { return nil }
        opened = count
        if layout.encoding == .bcd { setOdd(field, length) }
        if prefix > 0 {
            var output = values.mutableSpan
            layout.write(announcement: layout.announcement(of: length), to: &output, at: start)
        }
        return start + prefix
    }

    /// Ends what `open` began, if it did.
    mutating func closeOpened(_ field: Int) {
        guard opened >= 0 else { return }
        close(field, opened)
        opened = -1
    }

    /// Zeros behind the fields for another with its prefix, which is no longer among them.
    @inline(__always)
    mutating func room(_ field: Int, _ count: Int) -> Int? {
        if field <= last { remove(field) }
        guard count <= OffsetTable.offsetMax &- size else {
            fail(field, .messageTooLong(length: size + count, maximum: spec.messageBytesMax))
            return nil
        }
        let start = Self.lead &+ size
        // Twice, for a field that has to be moved.
        let needed = start &+ 2 &* count &+ 8
        if needed > values.count { grow(needed) }
        return start
    }

    @inline(never)
    private mutating func grow(_ count: Int) {
        values.append(contentsOf: repeatElement(0, count: max(count - values.count, values.count)))
    }

    /// Counts a field in that was written behind the others.
    @inline(__always)
    mutating func close(_ field: Int, _ count: Int) {
        if field > last {
            last = field
            ends[self.count] = size &+ count
        } else {
            moveIntoPlace(field, count)
        }
        self.count &+= 1
        size &+= count
        fields.insert(field)
    }

    @inline(never)
    private mutating func moveIntoPlace(_ field: Int, _ count: Int) {
        let position = fields.position(of: field)
        let place = Self.lead + (position == 0 ? 0 : ends[position - 1])
        let end = Self.lead + size
        ends.insert(position, size: count, of: self.count)
        // The fields behind and this one move up; then this one moves down to its place.
        move(end + count - place, from: place, to: place + count)
        move(count, from: end + count, to: place)
        clear(count, at: end + count)
    }

    /// Takes a field out again.
    public mutating func remove(_ field: Int) {
        guard fields.contains(field) else { return }
        let extent = extent(of: field)
        let end = Self.lead + size
        ends.remove(fields.position(of: field), of: count)
        move(end - extent.upperBound, from: extent.upperBound, to: extent.lowerBound)
        clear(extent.count, at: end - extent.count)
        size -= extent.count
        count -= 1
        fields.remove(field)
        if field == last { last = fields.last ?? 0 }
    }

    // MARK: - Bytes

    mutating func clear(_ count: Int, at start: Int) {
        var span = values.mutableSpan
        var output = span.mutableBytes
        output.fill(count, at: start)
    }

    /// Moves bytes to where they may overlap.
    private mutating func move(_ count: Int, from start: Int, to place: Int) {
        var span = values.mutableSpan
        var output = span.mutableBytes
        output.move(count, from: start, to: place)
    }
}
