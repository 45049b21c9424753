// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import ModuleWire
import Testing
import Vocabulary

@Suite("Module wire: commands and replies")
struct CodecTests {
    private static func frames() throws -> [(name: String, frame: WireFrame)] {
        try Samples.requests().map { ("request " + $0.name, $0.request.frame(7)) }
            + Samples.replies().map { ("reply " + $0.name, $0.reply.frame(7)) }
    }

    /// The frame that the bytes of a frame decode to and encode again; nil when they are refused.
    private static func again(_ frame: WireFrame) -> WireFrame? {
        frame.kind >= 0x80
            ? (try? WireReply(frame))?.frame(frame.number) : (try? WireRequest(frame))?.frame(frame.number)
    }

    @Test("every request and every reply comes back as it was, and there is a sample of each kind")
    func roundTrip() throws {
        for (name, request) in try Samples.requests() {
            #expect(try WireRequest(request.frame(7)) == request, "\(name)")
        }
        for (name, reply) in try Samples.replies() { #expect(try WireReply(reply.frame(7)) == reply, "\(name)") }
        #expect(Set(try Samples.requests().map(\.request.kind)) == Set(WireKind.allCases))
        #expect(Set(try Samples.replies().map(\.reply.number)).count == WireKind.allCases.count + 1)
    }

    @Test("the bytes of version 1 are those in the file, so that two releases understand each other")
    func golden() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Vectors/module/wire-1.txt")
        let known = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let found = try Self.frames().map { "\($0.name): \(Hex.text($0.frame.encoded()))" }
        #expect(known.count == found.count)
        for (one, other) in zip(known, found) { #expect(one == other) }
    }

    @Test("a frame that is cut at any byte, or has one too many, is malformed")
    func cut() throws {
        for (name, frame) in try Self.frames() {
            var other = frame
            for count in 0..<frame.body.count {
                other.body = Array(frame.body[..<count])
                #expect(Self.again(other) == nil, "\(name) cut at \(count)")
            }
            other.body = frame.body + [0]
            #expect(Self.again(other) == nil, "\(name) and a byte")
        }
    }

    @Test("with one bit turned, anywhere, the frame is refused or is the only form of what it says then")
    func bitFlips() throws {
        var taken = 0
        for (name, frame) in try Self.frames() {
            // Every bit of the short ones, one a byte of the long ones.
            let bits =
                frame.body.count <= 32 ? Array(0..<frame.body.count * 8) : frame.body.indices.map { $0 * 8 + $0 % 7 }
            for bit in bits {
                var other = frame
                other.body[bit / 8] ^= 1 << (bit % 8)
                guard let again = Self.again(other) else { continue }
                taken += 1
                #expect(again == other, "\(name) bit \(bit)")
            }
        }
        #expect(taken > 500)
    }

    @Test("a kind that is none is an unknown command, and a reply is none")
    func kinds() {
        for kind in UInt8.min...UInt8.max where WireKind(rawValue: kind) == nil {
            #expect(throws: WireRefusal.unknownCommand) {
                try WireRequest(WireFrame(number: 1, kind: kind, body: []))
            }
        }
        #expect(throws: WireRefusal.malformed) { try WireReply(WireFrame(number: 1, kind: 3, body: [0])) }
        #expect(throws: WireRefusal.malformed) { try WireReply(WireFrame(number: 1, kind: 0xFE, body: [0])) }
    }

    @Test("a batch has 256 commands at most, a message 8,192 bytes, a range ends by its limit")
    func limits() throws {
        let pan = try Samples.pan()
        func isTaken(_ request: WireRequest) -> Bool { (try? WireRequest(request.frame(1))) == request }
        for (count, fits) in [(255, true), (256, true), (257, false)] {
            #expect(isTaken(.cardKeys([PAN](repeating: pan, count: count))) == fits)
            #expect(isTaken(.open([OpenCommand](repeating: try Samples.bare(), count: count))) == fits)
            #expect(isTaken(.seal([SealCommand](repeating: try Samples.bareSeal(), count: count))) == fits)
        }
        for (count, fits) in [(8_191, true), (8_192, true), (8_193, false)] {
            var command = try Samples.bare()
            command.message = Samples.bytes(count)
            #expect(isTaken(.open([command])) == fits)
        }
        for (end, fits) in [((1 << 20) - 1, true), (1 << 20, true), ((1 << 20) + 1, false)] {
            var command = try Samples.bare()
            command.mac = end - 8..<end
            #expect(isTaken(.open([command])) == fits)
            command = try Samples.bare()
            command.macStart = end
            #expect(isTaken(.open([command])) == fits)
        }
        for (count, fits) in [(64, true), (65, false)] {
            #expect(isTaken(.makeZoneKeys(ZoneID(String(repeating: "Z", count: count)))) == fits)
        }
        for (count, fits) in [(256, true), (257, false)] { #expect(isTaken(.nonce(Samples.bytes(count))) == fits) }
        for (count, fits) in [(64, false), (65, true), (66, false)] {
            #expect(isTaken(.hello(WireHello(role: .host, publicKey: Samples.bytes(count)))) == fits)
        }
        for (digits, fits) in [
            ([UInt8](repeating: 9, count: 12), true), ([UInt8](repeating: 9, count: 13), false), ([10], false),
        ] {
            var command = try Samples.offset()
            command.pin?.reference = .offset(digits)
            #expect(isTaken(.open([command])) == fits)
        }
    }

    @Test("a request for a certificate has 1,024 bytes at most, a certificate 8,192, an identity 33")
    func keyLoadingLimits() throws {
        func isTaken(_ request: WireRequest) -> Bool { (try? WireRequest(request.frame(1))) == request }
        for (count, fits) in [(1_023, true), (1_024, true), (1_025, false)] {
            var order = Samples.certifyOrder
            order.request = Samples.bytes(count)
            #expect(isTaken(.certify(order)) == fits)
            var keys = try Samples.sendKeysOrder()
            keys.randomNumber = Samples.bytes(count)
            #expect(isTaken(.sendKeys(keys)) == fits)
        }
        for (count, fits) in [(8_191, true), (8_192, true), (8_193, false)] {
            var keys = try Samples.sendKeysOrder()
            keys.device = Samples.bytes(count)
            #expect(isTaken(.sendKeys(keys)) == fits)
        }
        for (count, fits) in [(32, false), (33, true), (34, false)] {
            var order = Samples.certifyOrder
            order.identity = Samples.bytes(count)
            #expect(isTaken(.certify(order)) == fits)
        }
    }

    @Test("a role includes what it is for and nothing else")
    func roles() {
        let table: [(WireRole, [WireKind])] = [
            (
                .host,
                [
                    .hello, .status, .open, .seal, .cardKeys, .nonce, .sealPAN, .openPAN, .zoneSeal, .zoneKeyNumber,
                    .makeZoneKeys, .readZoneKeys, .useZoneKeys, .verifyLog, .openJournal,
                ]
            ), (.issuing, [.hello, .status, .cardKeys, .sealPAN, .pinReference, .provision, .linkKey]),
            (.monitor, [.hello, .status]),
            (.keyLoading, [.hello, .status, .certify, .sendKeys, .beginCeremony]),
            (.custodian, [.hello, .status, .takeSheet]),
        ]
        #expect(table.map(\.0) == WireRole.allCases)
        for (role, kinds) in table { #expect(WireKind.allCases.filter { role.includes($0) } == kinds) }
    }
}

@Suite("Module wire: frames")
struct FrameTests {
    private static func stream() throws -> (frames: [WireFrame], bytes: [UInt8]) {
        let requests: [WireRequest] = [.nonce(Samples.bytes(20)), .status, .open([try Samples.bare()])]
        let frames = requests.enumerated().map { $1.frame(UInt32($0)) }
        return (frames, frames.flatMap { $0.encoded() })
    }

    private static func taken(_ portions: [ArraySlice<UInt8>]) throws -> [WireFrame] {
        var buffer = WireBuffer()
        var frames: [WireFrame] = []
        for portion in portions {
            portion.withUnsafeBytes { buffer.append($0) }
            while buffer.isReady { frames.append(try require(try buffer.next())) }
            #expect(try buffer.next() == nil)
        }
        #expect(buffer.count == 0)
        return frames
    }

    @Test("frames come whole however the line cuts them: in two at every byte, and byte by byte")
    func splits() throws {
        let (frames, bytes) = try Self.stream()
        for cut in 0...bytes.count {
            #expect(try Self.taken([bytes[..<cut], bytes[cut...]]) == frames, "cut at \(cut)")
        }
        #expect(try Self.taken(bytes.indices.map { bytes[$0...$0] }) == frames)
    }

    @Test("a length that no frame has is refused as soon as it is there", arguments: [0, 4, 1 << 20 + 1, 0xFFFF_FFFF])
    func lengths(length: Int) {
        var buffer = WireBuffer()
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }.withUnsafeBytes { buffer.append($0) }
        #expect(buffer.isReady)
        #expect(throws: WireRefusal.frameLength) { try buffer.next() }
    }

    @Test("the shortest and the longest frame are taken")
    func longest() throws {
        for count in [0, WireLimits.frameBytes - 5] {
            let frame = WireFrame(number: .max, kind: 2, body: Samples.bytes(count))
            #expect(try Self.taken([frame.encoded()[...]]) == [frame])
        }
    }
}
