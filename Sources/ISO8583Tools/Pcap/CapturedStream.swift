// SPDX-License-Identifier: Apache-2.0
/// What one end of a TCP connection sent, put in order by sequence numbers.
public struct CapturedStream: Sendable {
    static let streamsMax = 4_096
    static let bytesMax = 16 << 20

    /// `address:port`.
    public let source: String
    public let destination: String
    /// The bytes up to the first that was not captured.
    public private(set) var bytes: [UInt8] = []
    /// Whether bytes behind these were captured and some between them were not.
    public private(set) var hasGap = false
    /// Up to where which packet's bytes reach, in ascending order.
    private(set) var marks: [(end: Int, packet: Int)] = []

    /// Every stream of a capture, in the order of their first packets.
    ///
    /// - Parameter capture: a classic pcap file of Ethernet, loopback or raw IP.
    public static func all(_ capture: [UInt8]) throws(CaptureError) -> [CapturedStream] {
        var reader = try PacketReader(capture)
        var builders: [Builder] = []
        // For looking up alone.
        var places: [String: Int] = [:]
        while let segment = try reader.next() {
            let key = "\(segment.source) \(segment.destination)"
            var place = places[key]
            // A connection opened anew between the same ports, but not the same packet sent again.
            if segment.isSYN, let old = place, builders[old].base != segment.sequence &+ 1 { place = nil }
            if place == nil {
                guard builders.count < streamsMax else { throw .tooLarge }
                place = builders.count
                places[key] = builders.count
                builders.append(Builder(segment))
            }
            if let place { try builders[place].add(segment) }
        }
        return builders.map { $0.stream() }.filter { !$0.bytes.isEmpty }
    }

    private init(_ source: String, _ destination: String) {
        self.source = source
        self.destination = destination
    }

    /// The packet that holds the byte before `end`.
    func packet(endingAt end: Int) -> Int { marks.first { $0.end >= end }?.packet ?? 0 }

    private struct Builder {
        let source: String
        let destination: String
        /// The number of the stream's first byte.
        let base: UInt32
        var segments: [(start: Int, segment: Segment)] = []
        var count = 0

        init(_ first: Segment) {
            source = first.source
            destination = first.destination
            base = first.isSYN ? first.sequence &+ 1 : first.sequence
        }

        mutating func add(_ segment: Segment) throws(CaptureError) {
            guard !segment.payload.isEmpty else { return }
            count += segment.payload.count
            guard count <= CapturedStream.bytesMax else { throw .tooLarge }
            // Numbers wrap around; what lies before the base was sent before the capture began to see the stream.
            let sequence = segment.isSYN ? segment.sequence &+ 1 : segment.sequence
            segments.append((Int(Int32(bitPattern: sequence &- base)), segment))
        }

        /// Of bytes that were sent twice the first count.
        func stream() -> CapturedStream {
            var stream = CapturedStream(source, destination)
            let order = segments.indices.sorted {
                (segments[$0].start, segments[$0].segment.packet) < (segments[$1].start, segments[$1].segment.packet)
            }
            guard var next = order.first.map({ segments[$0].start }) else { return stream }
            // A gap before everything only means that the capture began late.
            for index in order {
                let (start, segment) = segments[index]
                guard start <= next else {
                    stream.hasGap = true
                    break
                }
                let fresh = segment.payload.dropFirst(next - start)
                guard !fresh.isEmpty else { continue }
                stream.bytes += fresh
                next += fresh.count
                stream.marks.append((stream.bytes.count, segment.packet))
            }
            return stream
        }
    }
}
