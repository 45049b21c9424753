// SPDX-License-Identifier: Apache-2.0
import Vocabulary

/// Why a stream cannot be read on; the connection must be closed.
public enum FrameError: Error, Equatable, Sendable {
    /// A frame longer than the decoder takes, without its length.
    case tooLong(declared: Int, maximum: Int)
    /// A frame that has no room for a message behind address and header.
    case tooShort(declared: Int, minimum: Int)
    /// A length of zero, where that is no sign of life.
    case empty
    /// Bytes that are no length in this framing.
    case badLength
}

/// What came in one frame.
public struct Frame: Equatable, Sendable {
    /// The addresses, where the framing has them.
    public var tpdu: TPDU?
    /// The header; empty where the framing has none.
    public var header: [UInt8] = []
    /// The message; empty for a sign of life.
    public var message: [UInt8] = []
    /// Whether the frame is for the session and holds no message of ISO 8583.
    public var isSessionControl = false

    /// Whether the frame is a sign of life.
    public var isKeepAlive: Bool { message.isEmpty }
}

/// Cuts a stream of bytes into messages.
///
/// It never holds back more than one frame of the maximum beyond what was appended last. After an error the stream has
/// lost its beat: every further call throws the same error.
public struct FrameDecoder: Sendable {
    /// What stands before messages on the stream.
    public let framing: Framing
    /// The longest frame that is taken, without its length.
    public let maximumLength: Int
    @usableFromInline var buffer: [UInt8] = []
    private var start = 0
    private var failure: FrameError?
    /// When bytes came last, and when the first byte of the frame that is not whole yet came.
    private var lastAppend: Instant?
    private var partialSince: Instant?

    /// - Parameter maximumLength: at least one byte more than the framing's lead, at most what it can announce.
    public init(maximumLength: Int, framing: Framing = .binary2) {
        precondition(
            framing.leadBytes + 1...framing.leadBytes + framing.messageBytesMax ~= maximumLength,
            "a maximum the framing can announce")
        self.maximumLength = maximumLength
        self.framing = framing
    }

    /// Bytes that have been appended and not yet returned.
    public var bufferedBytes: Int { buffer.count - start }

    /// Adds received bytes. Bytes after an error are dropped by the next call of `next()`.
    @inlinable
    public mutating func append(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// Adds received bytes and remembers when they came, for `isOverdue(at:after:)`.
    public mutating func append(_ bytes: some Sequence<UInt8>, at now: Instant) {
        append(bytes)
        lastAppend = now
        if partialSince == nil, bufferedBytes > 0 { partialSince = now }
    }

    /// Whether a frame has begun and not become whole within `limit` since its first byte. Depends on nothing but what
    /// was appended with its time, once every whole frame has been taken.
    public func isOverdue(at now: Instant, after limit: Interval) -> Bool {
        guard failure == nil, let partialSince else { return false }
        return now - partialSince > limit
    }

    /// The next message without what stands before it, or nil until more bytes come. Signs of life and frames of session
    /// control are passed over.
    public mutating func next() throws(FrameError) -> [UInt8]? {
        while let frame = try nextFrame() {
            if !frame.isKeepAlive, !frame.isSessionControl { return frame.message }
        }
        return nil
    }

    /// The next whole frame, or nil until more bytes come.
    public mutating func nextFrame() throws(FrameError) -> Frame? {
        if let failure {
            buffer = []
            throw failure
        }
        let prefix = framing.prefixBytes
        guard buffer.count - start >= prefix else {
            discardRead()
            return nil
        }
        guard let (length, isSessionControl) = framing.length(in: buffer.span, at: start) else {
            throw fail(.badLength)
        }
        guard length > 0 else {
            guard framing.empty == .keepAlive else { throw fail(.empty) }
            take(prefix)
            return Frame(isSessionControl: isSessionControl)
        }
        guard length <= maximumLength else { throw fail(.tooLong(declared: length, maximum: maximumLength)) }
        guard length > framing.leadBytes else {
            throw fail(.tooShort(declared: length, minimum: framing.leadBytes + 1))
        }
        guard buffer.count - start - prefix >= length else {
            discardRead()
            return nil
        }
        let first = start + prefix
        take(prefix + length)
        var frame = Frame(isSessionControl: isSessionControl)
        var body = first
        if framing.hasTPDU {
            frame.tpdu = TPDU(buffer[body..<body + TPDU.count])
            body += TPDU.count
        }
        if framing.headerBytes > 0 { frame.header = Array(buffer[body..<body + framing.headerBytes]) }
        frame.message = Array(buffer[body + framing.headerBytes..<start])
        return frame
    }

    private mutating func take(_ count: Int) {
        start += count
        partialSince = bufferedBytes > 0 ? lastAppend : nil
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
}
