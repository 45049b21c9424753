// SPDX-License-Identifier: Apache-2.0

/// The forty codes of the warning catalogue, in the order of its file; the raw value is the code as people read it.
///
/// ## Topics
/// - What it does: ``severity``, ``halts``, ``zeroises``, ``level(at:)``
/// - Who clears it: ``clearance``, ``clearance(at:)``
/// - What it says: ``entry``
/// - In records: ``wireNumber``, ``init(wireNumber:)``
public enum WarningCode: String, CaseIterable, Sendable {
    case h01 = "H01"
    case h02 = "H02"
    case h03 = "H03"
    case h04 = "H04"
    case h05 = "H05"
    case h06 = "H06"
    case h07 = "H07"
    case s01 = "S01"
    case s02 = "S02"
    case s03 = "S03"
    case s04 = "S04"
    case s05 = "S05"
    case s06 = "S06"
    case k01 = "K01"
    case k02 = "K02"
    case k03 = "K03"
    case k04 = "K04"
    case k05 = "K05"
    case k06 = "K06"
    case k07 = "K07"
    case t01 = "T01"
    case t02 = "T02"
    case t03 = "T03"
    case t04 = "T04"
    case t05 = "T05"
    case t06 = "T06"
    case l01 = "L01"
    case l02 = "L02"
    case l03 = "L03"
    case a01 = "A01"
    case a02 = "A02"
    case a03 = "A03"
    case a04 = "A04"
    case a05 = "A05"
    case c01 = "C01"
    case c02 = "C02"
    case p01 = "P01"
    case p02 = "P02"
    case p03 = "P03"
    case p04 = "P04"

    /// The number that stands for the code in records and on the wire: the class above, the number below. It never
    /// changes and is never given to another code.
    public var wireNumber: UInt8 {
        switch self {
        case .h01: 0x11
        case .h02: 0x12
        case .h03: 0x13
        case .h04: 0x14
        case .h05: 0x15
        case .h06: 0x16
        case .h07: 0x17
        case .s01: 0x21
        case .s02: 0x22
        case .s03: 0x23
        case .s04: 0x24
        case .s05: 0x25
        case .s06: 0x26
        case .k01: 0x31
        case .k02: 0x32
        case .k03: 0x33
        case .k04: 0x34
        case .k05: 0x35
        case .k06: 0x36
        case .k07: 0x37
        case .t01: 0x41
        case .t02: 0x42
        case .t03: 0x43
        case .t04: 0x44
        case .t05: 0x45
        case .t06: 0x46
        case .l01: 0x51
        case .l02: 0x52
        case .l03: 0x53
        case .a01: 0x61
        case .a02: 0x62
        case .a03: 0x63
        case .a04: 0x64
        case .a05: 0x65
        case .c01: 0x71
        case .c02: 0x72
        case .p01: 0x81
        case .p02: 0x82
        case .p03: 0x83
        case .p04: 0x84
        }
    }

    /// The code of a wire number; nil for a number that stands for none.
    public init?(wireNumber: UInt8) {
        guard let index = Self.positions[Int(wireNumber)] else { return nil }
        self = Self.allCases[Int(index)]
    }

    /// The place of the code among `allCases`.
    var position: Int { Int(Self.positions[Int(wireNumber)] ?? 0) }

    private static let positions: [UInt8?] = {
        var positions = [UInt8?](repeating: nil, count: 256)
        for (index, code) in allCases.enumerated() { positions[Int(code.wireNumber)] = UInt8(index) }
        return positions
    }()
}
