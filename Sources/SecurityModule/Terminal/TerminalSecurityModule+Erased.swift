// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// The module whose hardware has destroyed its keys: TAMPERED, whether its image says so or not.
    ///
    /// An image that does not, is one whose latch could not be stored any more, or an older one that was put back. What it
    /// says is believed without its MAC, since the key of that is gone; it names a terminal that never trades again. The
    /// cause nobody knows any more: T02, as when tamper power was lost.
    ///
    /// - Returns: nil for bytes that are not an image.
    public init?(erasedState image: [UInt8], hardware: EmulatedHardware, now: Instant) {
        guard !Self.isLatched(image) else {
            // Whatever key is handed in: a latched image has none.
            self.init(sealedState: image, storageKey: .random(count: 32), hardware: hardware, now: now)
            return
        }
        guard let record = Self.record(of: image), record.latch == nil else { return nil }
        self.init(record: record, keys: ModuleKeys(), hardware: hardware)
        if hardware.nvCounter > record.version { skipWhatANewerImageUsed() }
        isPoweredUp = true
        raise(.t02, tick(now))
    }

    /// The record that an image begins with; nothing of it has been verified.
    private static func record(of image: [UInt8]) -> ModuleRecord? {
        guard image.starts(with: magic) else { return nil }
        do {
            var reader = ByteReader(Array(image.dropFirst(magic.count + 1)))
            return try ModuleRecord(decoding: try reader.sized())
        } catch { return nil }
    }
}
