// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import ISO8583
import ISO8583Tools

/// A message on the command line: hexadecimal, `@` and a file that holds it, or `-` for the standard input.
struct MessageArgument: ExpressibleByArgument, Sendable {
    private let text: String

    init(argument: String) { text = argument }

    func bytes() throws -> [UInt8] {
        do {
            if text == "-" {
                let limit = 4 * MessageInput.bytesMax
                return try MessageInput.bytes(hex: FileHandle.standardInput.read(upToCount: limit) ?? Data())
            }
            guard text.hasPrefix("@") else { return try MessageInput.bytes(hex: text.utf8) }
            return try MessageInput.bytes(hex: ISO8583File.bytes(String(text.dropFirst())))
        } catch let error as MessageInputError {
            throw ValidationError("the message: \(error)")
        }
    }
}

/// Files that the tools read.
enum ISO8583File {
    static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("the file \(path) cannot be read")
        }
        return [UInt8](data)
    }
}

/// How messages are to be read.
struct MessageOptions: ParsableArguments {
    @Option(help: "The framing: body, or such as len2+tpdu5+header6; found by trying if not given.")
    var framing: String?
    @Option(help: "The specification by its id; found by trying if not given.")
    var spec: String?
    @Option(help: "A file of specifications, searched before those that come along.")
    var specs: String?

    func specifications() throws -> SpecLibrary {
        var library = SpecLibrary()
        guard let specs else { return library }
        let file = try ISO8583File.bytes(specs)
        do { try library.add(json: file) } catch { throw ValidationError("--specs: \(error)") }
        return library
    }

    func read(_ argument: MessageArgument) throws -> MessageInput {
        let bytes = try argument.bytes()
        do {
            return try MessageInput(bytes, framing: framing, spec: spec, library: specifications())
        } catch let error as MessageInputError {
            throw ValidationError("\(error)")
        }
    }
}

/// One message, or all of a capture.
struct MessageSource: ParsableArguments {
    @Argument(help: "The message in hexadecimal, @FILE or - for the standard input.")
    var message: MessageArgument?
    @Option(help: "A pcap file whose TCP streams hold the messages.")
    var pcap: String?

    func validate() throws {
        guard (message == nil) != (pcap == nil) else {
            throw ValidationError("a message or --pcap: one of them is needed")
        }
    }

    /// Each message with where it comes from; without a place for a message of the command line.
    func messages(_ options: MessageOptions) throws -> [(
        place: CapturedMessage?, frame: OpenedFrame, spec: MessageSpec
    )] {
        if let message {
            let input = try options.read(message)
            return [(nil, input.frame, input.spec)]
        }
        let capture = try ISO8583File.bytes(pcap ?? "")
        let specifications = try options.specifications()
        do throws(CaptureFault) {
            let messages = try CapturedMessage.all(
                capture, framing: options.framing, spec: options.spec, library: specifications)
            return messages.map { ($0, $0.frame, $0.spec) }
        } catch { throw ValidationError("--pcap: \(error)") }
    }
}
