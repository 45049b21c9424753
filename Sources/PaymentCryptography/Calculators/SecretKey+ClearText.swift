// SPDX-License-Identifier: Apache-2.0

extension SecretKey {
    /// A key from hexadecimal text. For test keys, known answers and calculators of this package only, and in no public
    /// interface: the text itself cannot be wiped.
    ///
    /// - Returns: nil for no digits, an odd number of them, or anything else.
    package init?(hex: some StringProtocol) {
        let digits = hex.utf8
        guard !digits.isEmpty, digits.count % 2 == 0, digits.count <= 2 * Self.countMax else { return nil }
        var bad: UInt8 = 0
        let key = SecretKey(count: digits.count / 2) { block in
            var index = 0
            for digit in digits {
                let letter = digit | 0x20
                let value: UInt8
                switch digit {
                case 0x30...0x39: value = digit - 0x30
                case _ where (0x61...0x66).contains(letter): value = letter - 0x61 + 10
                default: (value, bad) = (0, 1)
                }
                block[index / 2] = block[index / 2] << 4 | value
                index += 1
            }
        }
        guard bad == 0 else { return nil }
        self = key
    }
}
