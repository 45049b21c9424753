// SPDX-License-Identifier: Apache-2.0
/// One segment of TCP as it was captured.
struct Segment: Equatable {
    /// `address:port`, with brackets around an address of IPv6.
    var source: String
    var destination: String
    var sequence: UInt32
    var isSYN: Bool
    var payload: ArraySlice<UInt8>
    /// The packet's number from 1.
    var packet: Int
}

/// Reads the packets of a classic pcap file (IETF draft-ietf-opsawg-pcap), both byte orders, microseconds or
/// nanoseconds.
struct PacketReader {
    static let bytesMax = 64 << 20
    static let packetsMax = 1_000_000
    private static let packetBytesMax = 1 << 18

    private let bytes: [UInt8]
    private let isLittle: Bool
    private let linkType: UInt32
    private var offset = 24
    private var packet = 0

    init(_ bytes: [UInt8]) throws(CaptureError) {
        guard bytes.count <= Self.bytesMax else { throw .tooLarge }
        guard bytes.count >= 24 else { throw .notPcap }
        switch Array(bytes[..<4]) {
        case [0xD4, 0xC3, 0xB2, 0xA1], [0x4D, 0x3C, 0xB2, 0xA1]: isLittle = true
        case [0xA1, 0xB2, 0xC3, 0xD4], [0xA1, 0xB2, 0x3C, 0x4D]: isLittle = false
        default: throw .notPcap
        }
        self.bytes = bytes
        linkType = Self.word(bytes, 20, isLittle) & 0x0FFF_FFFF
        guard [0, 1, 12, 14, 101, 108, 113, 228, 229, 276].contains(linkType) else { throw .linkType(linkType) }
    }

    private static func word(_ bytes: [UInt8], _ offset: Int, _ isLittle: Bool) -> UInt32 {
        let four = bytes[offset..<offset + 4]
        return isLittle
            ? four.reversed().reduce(0) { $0 << 8 | UInt32($1) } : four.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The next segment with TCP; packets of other kinds, fragments and damaged ones are passed over.
    mutating func next() throws(CaptureError) -> Segment? {
        while offset < bytes.count {
            packet += 1
            guard packet <= Self.packetsMax else { throw .tooLarge }
            guard bytes.count - offset >= 16 else { throw .truncated(packet: packet) }
            let count = Int(Self.word(bytes, offset + 8, isLittle))
            offset += 16
            guard count <= Self.packetBytesMax, count <= bytes.count - offset else { throw .truncated(packet: packet) }
            let data = bytes[offset..<offset + count]
            offset += count
            if let segment = link(data) { return segment }
        }
        return nil
    }

    // MARK: - Layers

    private func number(_ data: ArraySlice<UInt8>, _ at: Int) -> Int {
        Int(data[data.startIndex + at]) << 8 | Int(data[data.startIndex + at + 1])
    }

    private func link(_ data: ArraySlice<UInt8>) -> Segment? {
        switch linkType {
        case 1:
            var at = 12
            while data.count >= at + 2, [0x8100, 0x88A8].contains(number(data, at)) { at += 4 }
            guard data.count >= at + 2, [0x0800, 0x86DD].contains(number(data, at)) else { return nil }
            return network(data.dropFirst(at + 2))
        case 0, 108: return network(data.dropFirst(4))
        case 113: return network(data.dropFirst(16))
        case 276: return network(data.dropFirst(20))
        default: return network(data)
        }
    }

    private func network(_ data: ArraySlice<UInt8>) -> Segment? {
        guard let first = data.first else { return nil }
        return first >> 4 == 4 ? version4(data) : first >> 4 == 6 ? version6(data) : nil
    }

    private func version4(_ data: ArraySlice<UInt8>) -> Segment? {
        let start = data.startIndex
        guard data.count >= 20, data[start + 9] == 6 else { return nil }
        let (header, total) = (Int(data[start] & 15) * 4, number(data, 2))
        // Offload leaves the length zero.
        let length = total == 0 ? data.count : min(total, data.count)
        // No fragments: neither an offset nor more of them.
        guard header >= 20, length >= header, number(data, 6) & 0x3FFF == 0 else { return nil }
        func address(_ at: Int) -> String {
            data[start + at..<start + at + 4].map { String($0) }.joined(separator: ".")
        }
        return transport(data.prefix(length).dropFirst(header), address(12), address(16))
    }

    private func version6(_ data: ArraySlice<UInt8>) -> Segment? {
        let start = data.startIndex
        guard data.count >= 40 else { return nil }
        let length = number(data, 4)
        var rest = data.dropFirst(40)
        if length > 0 { rest = rest.prefix(length) }
        var kind = data[start + 6]
        // Hop-by-hop, routing and destination options.
        while [0, 43, 60].contains(kind) {
            guard rest.count >= 8 else { return nil }
            let count = (Int(rest[rest.startIndex + 1]) + 1) * 8
            guard rest.count >= count else { return nil }
            kind = rest[rest.startIndex]
            rest = rest.dropFirst(count)
        }
        guard kind == 6 else { return nil }
        func address(_ at: Int) -> String {
            let groups = (0..<8).map { String(number(data, at + 2 * $0), radix: 16) }
            return "[\(groups.joined(separator: ":"))]"
        }
        return transport(rest, address(8), address(24))
    }

    private func transport(_ data: ArraySlice<UInt8>, _ source: String, _ destination: String) -> Segment? {
        let start = data.startIndex
        guard data.count >= 20 else { return nil }
        let header = Int(data[start + 12] >> 4) * 4
        guard header >= 20, data.count >= header else { return nil }
        let sequence = data[start + 4..<start + 8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Segment(
            source: "\(source):\(number(data, 0))", destination: "\(destination):\(number(data, 2))",
            sequence: sequence, isSYN: data[start + 13] & 2 != 0, payload: data.dropFirst(header), packet: packet)
    }
}
