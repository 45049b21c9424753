// SPDX-License-Identifier: Apache-2.0

extension TDESDUKPT {
    /// Room for one transaction after another, made once and wiped in the end: nothing is allocated for a transaction,
    /// and only the working key that is asked for is derived. Used as `AESDUKPT.Scratch` is.
    public struct Scratch: ~Copyable {
        private var key: TDESDUKPTScratch
        /// Working key 16, its schedules.
        private let memory: SecretKey
        private static let schedulesAt = TDESDUKPT.keyBytes
        /// Nil where no transaction was derived.
        private var ksn: TDESKeySerialNumber?

        public init() {
            key = TDESDUKPTScratch()
            memory = SecretKey(count: Self.schedulesAt + TripleDES.byteCount) { _ in }
        }

        /// Goes to a transaction of the device whose initial key of 16 bytes this is (X9.24-1 A.2).
        public mutating func derive(initialKey: borrowing SecretKey, ksn: TDESKeySerialNumber) throws(DUKPTError) {
            try begin(initialKey.count, ksn)
            key.load(UnsafeRawBufferPointer(start: initialKey.base, count: initialKey.count))
            key.descend(ksn)
            self.ksn = ksn
        }

        /// Goes to a transaction of any device of a base derivation key of 16 bytes.
        public mutating func derive(bdk: borrowing SecretKey, ksn: TDESKeySerialNumber) throws(DUKPTError) {
            try begin(bdk.count, ksn)
            deriveInitialKey(UnsafeRawBufferPointer(start: bdk.base, count: bdk.count), ksn)
            key.descend(ksn)
            self.ksn = ksn
        }

        /// As `derive(initialKey:ksn:)`, from the nearest key on the way that the cache has.
        public mutating func derive(
            initialKey: borrowing SecretKey, ksn: TDESKeySerialNumber, nodes: inout NodeCache
        ) throws(DUKPTError) {
            try begin(initialKey.count, ksn)
            let initial = UnsafeRawBufferPointer(start: initialKey.base, count: initialKey.count)
            descend(nodes.paths.path(ksn.initialKeyID, initialKey: initial), ksn, &nodes.paths)
        }

        /// As `derive(bdk:ksn:)`, from the nearest key on the way that the cache has.
        public mutating func derive(
            bdk: borrowing SecretKey, ksn: TDESKeySerialNumber, nodes: inout NodeCache
        ) throws(DUKPTError) {
            try begin(bdk.count, ksn)
            let base = UnsafeRawBufferPointer(start: bdk.base, count: bdk.count)
            if nodes.base.isNew(base) { nodes.paths.removeAll() }
            let path = nodes.paths.path(ksn.initialKeyID, keyBytes: TDESDUKPT.keyBytes)
            if path.isNew {
                deriveInitialKey(base, ksn)
                nodes.paths.setInitialKey(UnsafeRawBufferPointer(key.room), of: path.index)
            }
            descend(path.index, ksn, &nodes.paths)
        }

        /// The working keys of the transaction; this allocates.
        ///
        /// - Throws: `illegalCounter` where none was derived.
        public borrowing func transactionKeys() throws(DUKPTError) -> TDESTransactionKeys {
            guard let ksn else { throw .illegalCounter(0) }
            return key.workingKeys(ksn: ksn)
        }

        /// Leaves the transaction before behind; nothing is derived unless the next one is sound.
        private mutating func begin(_ keyCount: Int, _ ksn: TDESKeySerialNumber) throws(DUKPTError) {
            self.ksn = nil
            guard keyCount == TDESDUKPT.keyBytes else { throw .wrongKeyLength(keyCount) }
            guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
        }

        private mutating func deriveInitialKey(_ bdk: UnsafeRawBufferPointer, _ ksn: TDESKeySerialNumber) {
            TDESDUKPT.writeInitialKey(bdk, ksn, schedulesAt: memory.base + Self.schedulesAt, into: key.room)
        }

        private mutating func descend(_ path: Int, _ ksn: TDESKeySerialNumber, _ paths: inout DerivationPaths) {
            paths.descend(path, to: ksn.counter, current: key.room) { key.step(register: ksn.register(counter: $0)) }
            self.ksn = ksn
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
            guard block.count == 8, format != .format4, ksn != nil else {
                pin.replace(by: 0)
                throw PINBlockError()
            }
            var bad: UInt64 = 0
            let clear = workingKey(.pin).decrypt(block.word(at: 0))
            let word = PINBlock.word(clear, pan: pan, format: format, bad: &bad)
            pin.replace(by: word & ~bad)
            guard bad == 0 else { throw PINBlockError() }
        }

        /// Whether 8 bytes of MAC are those of a message from the terminal (ANSI X9.19); in constant time.
        public mutating func verifyRequestMAC(_ mac: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> Bool {
            guard ksn != nil, mac.count == TDESTransactionKeys.macCount else { return false }
            let code = RetailMAC.word(workingKey(.requestMAC), message: message, padding: .method1)
            return withUnsafeBytes(of: code.bigEndian) { constantTimeEquals($0, mac) }
        }

        /// Writes the MAC of a message to the terminal (ANSI X9.19).
        ///
        /// - Parameter mac: 8 bytes of room.
        /// - Returns: false, with nothing written, for other room, or where no transaction was derived.
        public mutating func writeResponseMAC(
            of message: UnsafeRawBufferPointer, into mac: UnsafeMutableRawBufferPointer
        ) -> Bool {
            guard ksn != nil, mac.count == TDESTransactionKeys.macCount else { return false }
            mac.setWord(RetailMAC.word(workingKey(.responseMAC), message: message, padding: .method1), at: 0)
            return true
        }
    }
}
