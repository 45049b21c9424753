// SPDX-License-Identifier: Apache-2.0

/// Why a stream cannot be read on; the connection must be closed.
public enum FrameError: Error, Equatable, Sendable {
    /// A message longer than the decoder takes.
    case tooLong(declared: Int, maximum: Int)
    /// A length of zero.
    case empty
    /// Bytes that are no length in this framing.
    case badLength
}

/// Cuts a stream of bytes into messages.
///
/// It never holds back more than one frame of the maximum beyond what was appended last. After an error the stream has
/// lost its beat: every further call throws the same error.
public struct FrameDecoder: Sendable {
    /// How lengths stand on the stream.
    public let framing: Framing
    /// The longest message that is taken, without its length prefix.
    public let maximumLength: Int
    @usableFromInline var buffer: [UInt8] = []
    private var start = 0
    private var failure: FrameError?

    /// - Parameter maximumLength: 1 to what the framing can announce.
    public init(maximumLength: Int, framing: Framing = .binary2) {
        precondition((1...framing.lengthMax).contains(maximumLength), "a maximum the framing can announce")
        self.maximumLength = maximumLength
        self.framing = framing
    }

    /// Bytes that have been appended and not yet returned.
    public var bufferedBytes: Int { buffer.count - start }

    /// Adds received bytes. Bytes after an error are dropped by the next call of `next()`.
    @inlinable
    public mutating func append(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next whole message without its length prefix, or nil until more bytes come.
    public mutating func next() throws(FrameError) -> [UInt8]? {
        if let failure {
            buffer = []
            throw failure
        }
        let prefix = framing.prefixBytes
        guard buffer.count - start >= prefix else {
            discardRead()
            return nil
        }
        guard let length = framing.length(in: buffer.span, at: start) else { throw fail(.badLength) }
        guard length > 0 else { throw fail(.empty) }
        guard length <= maximumLength else { throw fail(.tooLong(declared: length, maximum: maximumLength)) }
        guard buffer.count - start - prefix >= length else {
            discardRead()
            return nil
        }
        let first = start + prefix
        start = first + length
        return Array(buffer[first..<start])
    }

    /// Moves what is left to the front. Called only when nothing more can be cut, so each byte moves at most once
    /// for every append.
    private mutating func discardRead() {
        guard start > 0 else { return }
        buffer.removeFirst(start)
        start = 0
    }

    private mutating func fail(_ error: FrameError) -> FrameError {
        failure = error
        buffer = []
        start = 0
        return error
    }

    /// A message behind its length in two big-endian bytes; it must be 1 to 65,535 bytes long.
    public static func frame(_ bytes: [UInt8]) -> [UInt8] { frame(bytes, framing: .binary2) }

    /// A message behind its length; it must not be empty nor longer than the framing can announce.
    public static func frame(_ bytes: [UInt8], framing: Framing) -> [UInt8] {
        precondition(!bytes.isEmpty, "an empty frame means nothing")
        var output = framing.prefix(for: bytes.count)
        output.reserveCapacity(output.count + bytes.count)
        output.append(contentsOf: bytes)
        return output
    }

    /// The length that two big-endian bytes announce, for decoders that look into a buffer of their own.
    @inlinable
    public static func length(_ b0: UInt8, _ b1: UInt8) -> Int { Int(b0) << 8 | Int(b1) }
}
