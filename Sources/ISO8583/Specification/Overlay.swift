// SPDX-License-Identifier: Apache-2.0

/// Another layout of a field that holds for some message types or when other fields have some values.
struct Overlay: Sendable, Equatable {
    /// The message types it is for; empty for all.
    var types: [MTI]
    /// What must hold besides; fields behind the overlaid one are looked for where the overlay would put them.
    var conditions: [Condition]
    var layout: FieldSpec

    /// Whether a field behind the overlaid one decides.
    func looksAhead(from field: Int) -> Bool { conditions.contains { $0.field > field } }

    func isFor(_ mti: MTI) -> Bool { types.isEmpty || types.contains(mti) }
}

/// Which overlays the fields of one message have: four bits for each overlaid field of the specification.
struct OverlayChoices: Sendable, Equatable {
    /// Overlaid fields of one specification.
    static let slotsMax = 16
    /// Overlays of one field.
    static let overlaysMax = 15

    private var word: UInt64 = 0

    /// The overlay of a slot counted from 1; 0 for the field's own layout.
    subscript(slot: UInt8) -> Int {
        get { Int(word >> (4 * UInt64(slot - 1)) & 15) }
        set {
            let shift = 4 * UInt64(slot - 1)
            word = word & ~(15 << shift) | UInt64(newValue) << shift
        }
    }
}
