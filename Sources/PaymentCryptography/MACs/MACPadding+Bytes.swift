// SPDX-License-Identifier: Apache-2.0

extension MACPadding {
    /// The message in whole blocks of `blockCount` bytes; an empty message is one block.
    public func padded(_ message: [UInt8], blockCount: Int = 8) -> [UInt8] {
        precondition((1...64).contains(blockCount), "a block has 1 to 64 bytes")
        var output: [UInt8] = []
        output.reserveCapacity(message.count + 2 * blockCount)
        if self == .method3 {
            let bits = UInt64(message.count) * 8
            output = (0..<blockCount).map { place in
                let shift = UInt64(8 * (blockCount - 1 - place))
                return shift < 64 ? UInt8(truncatingIfNeeded: bits >> shift) : 0
            }
        }
        output += message
        if self == .method2 { output.append(0x80) }
        let rest = output.count % blockCount
        let fill = rest > 0 ? blockCount - rest : message.isEmpty && self != .method2 ? blockCount : 0
        output += [UInt8](repeating: 0, count: fill)
        return output
    }
}
