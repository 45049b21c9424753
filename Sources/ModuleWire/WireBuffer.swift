// SPDX-License-Identifier: Apache-2.0

/// Bytes as they come from a line, and the frames in them. It never holds more than one frame and one portion beside it, if
/// the owner takes frames before it reads on.
public struct WireBuffer: Sendable {
    private var bytes: [UInt8] = []
    /// Where the first byte stands that has not been taken.
    private var start = 0

    public init() {}

    /// Bytes that have not been taken.
    public var count: Int { bytes.count - start }

    public mutating func append(_ portion: UnsafeRawBufferPointer) {
        // What has been taken goes with the next portion, so that a frame costs one move at most.
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: portion)
    }

    /// Whether `next` has something to give or to throw.
    public var isReady: Bool { WireFrame.isReady(in: bytes[start...]) }

    /// Takes the next whole frame.
    /// - Returns: nil while there is none.
    /// - Throws: `.frameLength`: nothing that follows can be read.
    public mutating func next() throws(WireRefusal) -> WireFrame? {
        guard let (frame, count) = try WireFrame.first(in: bytes[start...]) else { return nil }
        start += count
        return frame
    }
}
