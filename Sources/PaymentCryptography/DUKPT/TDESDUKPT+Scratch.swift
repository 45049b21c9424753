// SPDX-License-Identifier: Apache-2.0

extension TDESDUKPT {
    /// Room for one transaction after another, made once and wiped in the end: nothing is allocated for a transaction,
    /// and only the working key that is asked for is derived. Used as `AESDUKPT.Scratch` is.
    public struct Scratch: ~Copyable {
        private var key: TDESDUKPTScratch
        /// Working key 16, its schedules.
        private let memory: SecretKey
        private static let schedulesAt = TDESDUKPT.keyBytes
        private var isDerived = false

        public init() {
            key = TDESDUKPTScratch()
            memory = SecretKey(count: Self.schedulesAt + TripleDES.byteCount) { _ in }
        }

        /// Goes to a transaction of the device whose initial key of 16 bytes this is (X9.24-1 A.2).
        public mutating func derive(initialKey: borrowing SecretKey, ksn: TDESKeySerialNumber) throws(DUKPTError) {
            isDerived = false
            guard initialKey.count == TDESDUKPT.keyBytes else { throw .wrongKeyLength(initialKey.count) }
            guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
            key.load(UnsafeRawBufferPointer(start: initialKey.base, count: initialKey.count))
            key.descend(ksn)
            isDerived = true
        }

        /// The working key of a usage, its schedules ready.
        private func workingKey(_ usage: TDESTransactionKeys.Usage) -> TripleDES {
            let working = UnsafeMutableRawBufferPointer(start: memory.base, count: TDESDUKPT.keyBytes)
            key.withKey { key in
                working.setWord(key.word(at: 0) ^ usage.variant, at: 0)
                working.setWord(key.word(at: 8) ^ usage.variant, at: 8)
            }
            return TripleDES(key: UnsafeRawBufferPointer(working), at: memory.base + Self.schedulesAt)
        }

        /// The PIN of an encrypted block of 8 bytes, in the place of the one that `pin` held; after an error `pin` holds
        /// none, and every use of it stops the process. An error too where no transaction was derived.
        ///
        /// - Parameter format: 0, 1 or 3.
        public mutating func decryptPINBlock(
            _ block: UnsafeRawBufferPointer, pan: PANDigits, format: PINBlockFormat = .format0, into pin: inout ClearPIN
        ) throws(PINBlockError) {
            guard block.count == 8, format != .format4, isDerived else {
                pin.replace(by: 0)
                throw PINBlockError()
            }
            var bad: UInt64 = 0
            let clear = workingKey(.pin).decrypt(block.word(at: 0))
            let word = PINBlock.word(clear, pan: pan, format: format, bad: &bad)
            pin.replace(by: word & ~bad)
            guard bad == 0 else { throw PINBlockError() }
        }
    }
}
