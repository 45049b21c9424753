// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import Vocabulary

/// How the emulated noise source behaves: soundly, or in one of the ways in which such sources fail.
public enum NoiseModel: Equatable, Sendable {
    case sound
    /// One value for ever.
    case stuck(UInt8)
    /// So many of 256 samples are zero; the rest are sound.
    case biased(UInt8)
    /// So many values, over and over in the same order.
    case periodic(UInt8)
    /// Two values in turn.
    case alternating(UInt8, UInt8)
    /// Every so many samples one value comes `length` times in a row; the rest are sound.
    case bursts(length: UInt8, every: UInt16)

    /// What the source gives.
    ///
    /// - Parameters:
    ///   - sound: what a sound source would give.
    ///   - position: how many samples came before.
    func sample(_ sound: UInt8, at position: UInt64) -> UInt8 {
        switch self {
        case .sound: sound
        case .stuck(let value): value
        case .biased(let zeros): sound < zeros ? 0 : sound
        case .periodic(let period): UInt8(truncatingIfNeeded: position % UInt64(max(period, 1)))
        case .alternating(let first, let second): position % 2 == 0 ? first : second
        case .bursts(let length, let every):
            position % UInt64(max(every, 1)) < UInt64(length)
                ? UInt8(truncatingIfNeeded: position / UInt64(max(every, 1)) &* 37) : sound
        }
    }
}

// MARK: - In a file

extension NoiseModel {
    private enum Kind: UInt8 { case sound = 0, stuck, biased, periodic, alternating, bursts }

    func write(to writer: inout ByteWriter) {
        func write(_ kind: Kind, _ values: UInt8...) {
            writer.byte(kind.rawValue)
            writer.raw(values)
        }
        switch self {
        case .sound: write(.sound)
        case .stuck(let value): write(.stuck, value)
        case .biased(let zeros): write(.biased, zeros)
        case .periodic(let period): write(.periodic, period)
        case .alternating(let first, let second): write(.alternating, first, second)
        case .bursts(let length, let every):
            write(.bursts, length)
            writer.unsigned(every)
        }
    }

    init(from reader: inout ByteReader) throws(CodecError) {
        switch try reader.raw(Kind.self, "noise model") {
        case .sound: self = .sound
        case .stuck: self = .stuck(try reader.byte())
        case .biased: self = .biased(try reader.byte())
        case .periodic: self = .periodic(try reader.byte())
        case .alternating:
            let first = try reader.byte()
            self = .alternating(first, try reader.byte())
        case .bursts:
            let length = try reader.byte()
            self = .bursts(length: length, every: try reader.unsigned())
        }
    }
}
