// SPDX-License-Identifier: Apache-2.0

/// Writes captures as a test needs them.
struct CaptureFile {
    enum Link: UInt32, CaseIterable { case loopback = 0, ethernet = 1, raw = 101, cooked = 113 }

    var isLittle = true
    var nanoseconds = false
    var link = Link.ethernet
    var isVersion6 = false
    private var packets: [[UInt8]] = []

    init(isLittle: Bool = true, nanoseconds: Bool = false, link: Link = .ethernet, isVersion6: Bool = false) {
        self.isLittle = isLittle
        self.nanoseconds = nanoseconds
        self.link = link
        self.isVersion6 = isVersion6
    }

    private func word(_ value: UInt32) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return isLittle ? bytes.reversed() : bytes
    }

    /// A segment from a port to a port of the same machine.
    mutating func add(
        from source: UInt16, to destination: UInt16, _ sequence: UInt32, _ payload: [UInt8], syn: Bool = false
    ) {
        func pair(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
        let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sequence >> UInt32($0)) }
        let tcp =
            pair(Int(source)) + pair(Int(destination)) + number + [0, 0, 0, 0, 0x60, syn ? 2 : 0x10, 1, 0, 0, 0, 0, 0]
            + [1, 1, 1, 0] + payload
        let address4: [UInt8] = [127, 0, 0, 1]
        let address6 = [UInt8](repeating: 0, count: 15) + [1]
        let ip: [UInt8] =
            isVersion6
            ? [0x60, 0, 0, 0] + pair(tcp.count + 8) + [60, 64] + address6 + address6 + [6, 0, 1, 4, 0, 0, 0, 0]
            : [0x45, 0] + pair(20 + tcp.count) + [0, 0, 0x40, 0, 64, 6, 0, 0] + address4 + address4
        let kind: [UInt8] = isVersion6 ? [0x86, 0xDD] : [8, 0]
        let head: [UInt8] =
            switch link {
            case .loopback: [2, 0, 0, 0]
            case .ethernet: [UInt8](repeating: 0, count: 12) + [0x81, 0, 0, 1] + kind
            case .raw: []
            case .cooked: [UInt8](repeating: 0, count: 14) + kind
            }
        // Short frames of Ethernet are filled up behind the packet.
        packets.append(head + ip + tcp + (link == .ethernet ? [0, 0] : []))
    }

    var bytes: [UInt8] {
        var output = word(nanoseconds ? 0xA1B2_3C4D : 0xA1B2_C3D4) + (isLittle ? [2, 0, 4, 0] : [0, 2, 0, 4])
        output += word(0) + word(0) + word(65_535) + word(link.rawValue)
        for packet in packets {
            output += word(1) + word(2) + word(UInt32(packet.count)) + word(UInt32(packet.count)) + packet
        }
        return output
    }
}
