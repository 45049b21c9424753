// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// A message of a captured connection.
public struct CapturedMessage: Sendable {
    /// The packet that holds its last byte, from 1.
    public let packet: Int
    public let source: String
    public let destination: String
    public let frame: OpenedFrame
    public let spec: MessageSpec

    static let messagesMax = 100_000

    /// The messages of both directions of every connection, in the order in which they were whole. What stands behind a
    /// length that is none, or that no message has, is left out; so are signs of life.
    ///
    /// - Parameters:
    ///   - framing: by name; without one the framing that suits the first message of each stream best.
    ///   - name: of the specification; without one each message is read by that which suits it best.
    /// - Throws: also `noMessages` where no stream begins with one.
    public static func all(
        _ capture: [UInt8], framing: String? = nil, spec name: String? = nil, library: SpecLibrary = SpecLibrary()
    ) throws(CaptureFault) -> [CapturedMessage] {
        let layouts: [FrameLayout]
        let specs: [MessageSpec]
        do throws(MessageInputError) {
            layouts = try MessageInput.layouts(framing)
            specs = try MessageInput.specs(name, library)
        } catch { throw .input(error) }
        var messages: [CapturedMessage] = []
        do throws(CaptureError) {
            for stream in try CapturedStream.all(capture) {
                messages += try read(stream, layouts, specs, room: messagesMax - messages.count)
            }
            guard !messages.isEmpty else { throw .noMessages }
        } catch { throw .capture(error) }
        let order = messages.indices.sorted { (messages[$0].packet, $0) < (messages[$1].packet, $1) }
        return order.map { messages[$0] }
    }

    private static func read(
        _ stream: CapturedStream, _ layouts: [FrameLayout], _ specs: [MessageSpec], room: Int
    ) throws(CaptureError) -> [CapturedMessage] {
        var best: (guess: MessageGuess, layout: FrameLayout)?
        for layout in layouts {
            guard let first = frames(stream, layout, limit: 1).first,
                let guess = MessageGuess.all(first.bytes, specs: specs, layouts: [layout]).first,
                guess.score > best?.guess.score ?? 0
            else { continue }
            best = (guess, layout)
        }
        guard let best else { return [] }
        let found = frames(stream, best.layout, limit: room + 1)
        guard found.count <= room else { throw .tooLarge }
        return found.compactMap { item in
            guard let frame = try? best.layout.open(item.bytes),
                let guess = MessageGuess.all(item.bytes, specs: specs, layouts: [best.layout]).first
            else { return nil }
            return CapturedMessage(
                packet: stream.packet(endingAt: item.end), source: stream.source, destination: stream.destination,
                frame: frame, spec: guess.spec)
        }
    }

    /// The frames of a stream that hold messages, each with its end in the stream.
    private static func frames(
        _ stream: CapturedStream, _ layout: FrameLayout, limit: Int
    ) -> [(bytes: [UInt8], end: Int)] {
        guard var framing = layout.framing else { return [] }
        framing.empty = .keepAlive
        let maximum = min(framing.leadBytes + framing.messageBytesMax, 1 << 16)
        var decoder = FrameDecoder(maximumLength: maximum, framing: framing)
        decoder.append(stream.bytes)
        var found: [(bytes: [UInt8], end: Int)] = []
        while found.count < limit, let frame = try? decoder.nextFrame() {
            guard !frame.isKeepAlive, !frame.isSessionControl else { continue }
            let bytes = framing.frame(frame.message, tpdu: frame.tpdu, header: frame.header)
            found.append((bytes, stream.bytes.count - decoder.bufferedBytes))
        }
        return found
    }
}

extension CapturedMessage {
    /// Where the message comes from, for people.
    public var label: String { "packet \(packet): \(source) to \(destination)" }

    /// What a tool says about the message, with where it comes from.
    public func labelled(_ json: JSON) -> JSON {
        .object(
            [
                .init("packet", .integer(Int64(packet))), .init("source", .string(source)),
                .init("destination", .string(destination)),
            ] + (json.members ?? []))
    }
}

/// Why no messages come out of a capture.
public enum CaptureFault: Error, Equatable, Sendable, CustomStringConvertible {
    case capture(CaptureError)
    case input(MessageInputError)

    public var description: String {
        switch self {
        case .capture(let error): "\(error)"
        case .input(let error): "\(error)"
        }
    }
}
