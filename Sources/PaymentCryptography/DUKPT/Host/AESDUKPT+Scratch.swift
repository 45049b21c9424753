// SPDX-License-Identifier: Apache-2.0

extension AESDUKPT {
    /// Room for one transaction after another, made once and wiped in the end: nothing is allocated for a transaction,
    /// and only the working key that is asked for is derived.
    ///
    /// ```
    /// var scratch = AESDUKPT.Scratch()
    /// try scratch.derive(initialKey: initialKey, ksn: ksn)
    /// try scratch.decryptPINBlock(block, pan: pan, into: &pin)
    /// ```
    ///
    /// With a `NodeCache`, a device's next transaction is one step away from its last.
    public struct Scratch: ~Copyable {
        /// Transaction key 32, working key 32, schedule.
        private let memory: SecretKey
        private var ksn = AESKeySerialNumber(initialKeyID: 0, counter: 0)
        private var length = AESKeyLength.aes128

        private static let workingAt = 32
        private static let scheduleAt = 64

        public init() { memory = SecretKey(count: Self.scheduleAt + AESSchedule.byteCount) { _ in } }

        private var schedule: AESSchedule { AESSchedule(at: memory.base + Self.scheduleAt) }

        private func key(at offset: Int) -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(start: memory.base + offset, count: length.rawValue)
        }

        /// Goes to a transaction of the device whose initial key this is (X9.24-3:2017 6.3.3).
        ///
        /// - Parameter initialKey: 16, 24 or 32 bytes.
        public mutating func derive(
            initialKey: borrowing SecretKey, ksn: AESKeySerialNumber
        ) throws(DUKPTError) {
            try begin(initialKey.count, ksn)
            key(at: 0).copyMemory(from: UnsafeRawBufferPointer(start: initialKey.base, count: initialKey.count))
            descend()
        }

        /// Goes to a transaction of any device of a base derivation key of 16, 24 or 32 bytes.
        public mutating func derive(bdk: borrowing SecretKey, ksn: AESKeySerialNumber) throws(DUKPTError) {
            try begin(bdk.count, ksn)
            deriveInitialKey(UnsafeRawBufferPointer(start: bdk.base, count: bdk.count))
            descend()
        }

        /// As `derive(initialKey:ksn:)`, from the nearest key on the way that the cache has.
        public mutating func derive(
            initialKey: borrowing SecretKey, ksn: AESKeySerialNumber, nodes: inout NodeCache
        ) throws(DUKPTError) {
            try begin(initialKey.count, ksn)
            let key = UnsafeRawBufferPointer(start: initialKey.base, count: initialKey.count)
            descend(nodes.paths.path(ksn.initialKeyID, initialKey: key), &nodes.paths)
        }

        /// As `derive(bdk:ksn:)`, from the nearest key on the way that the cache has.
        public mutating func derive(
            bdk: borrowing SecretKey, ksn: AESKeySerialNumber, nodes: inout NodeCache
        ) throws(DUKPTError) {
            try begin(bdk.count, ksn)
            let base = UnsafeRawBufferPointer(start: bdk.base, count: bdk.count)
            if nodes.base.isNew(base) { nodes.paths.removeAll() }
            let path = nodes.paths.path(ksn.initialKeyID, keyBytes: bdk.count)
            if path.isNew {
                deriveInitialKey(base)
                nodes.paths.setInitialKey(UnsafeRawBufferPointer(key(at: 0)), of: path.index)
            }
            descend(path.index, &nodes.paths)
        }

        /// The transaction, of which any working key can be asked for; this allocates.
        ///
        /// - Throws: `illegalCounter` where none was derived.
        public borrowing func transaction() throws(DUKPTError) -> AESDUKPTTransaction {
            guard isDerived else { throw .illegalCounter(0) }
            let transactionKey = UnsafeRawBufferPointer(key(at: 0))
            let copy = SecretKey(count: length.rawValue) { $0.copyMemory(from: transactionKey) }
            return AESDUKPTTransaction(ksn: ksn, transactionKey: copy, party: .host)
        }

        /// Leaves the transaction before behind; nothing is derived unless the next one is sound.
        private mutating func begin(_ keyCount: Int, _ ksn: AESKeySerialNumber) throws(DUKPTError) {
            self.ksn = AESKeySerialNumber(initialKeyID: 0, counter: 0)
            guard let length = AESKeyLength(rawValue: keyCount) else { throw .wrongKeyLength(keyCount) }
            guard ksn.isLegal else { throw .illegalCounter(ksn.counter) }
            self.length = length
            self.ksn = ksn
        }

        /// Counter zero is no transaction's.
        private var isDerived: Bool { ksn.counter != 0 }

        private func deriveInitialKey(_ bdk: UnsafeRawBufferPointer) {
            schedule.setEncryptionKey(bdk)
            write(derivationData(.initialKey, length, initialKeyID: ksn.initialKeyID, counter: nil), at: 0)
        }

        private func descend() { DUKPTCounter.forEachStep(to: ksn.counter) { step(to: $0) } }

        private func descend(_ path: Int, _ paths: inout DerivationPaths) {
            paths.descend(path, to: ksn.counter, current: key(at: 0)) { step(to: $0) }
        }

        /// Replaces the key by the one of a counter one step below it.
        @inline(__always)
        private func step(to counter: UInt32) {
            schedule.setEncryptionKey(UnsafeRawBufferPointer(key(at: 0)))
            write(derivationData(.keyDerivation, length, initialKeyID: ksn.initialKeyID, counter: counter), at: 0)
        }

        /// Encrypts derivation data once for each 16 bytes of a key. There is room for 32 bytes in either place, so the
        /// half block that a key of 24 bytes leaves over is part of the wiped memory.
        private func write(_ data: Block, at offset: Int) {
            withUnsafeBytes(of: data) { input in
                guard let base = input.baseAddress else { return }
                schedule.encrypt(base, into: memory.base + offset)
            }
            guard length != .aes128 else { return }
            withUnsafeBytes(of: Block(high: data.high &+ 1 << 48, low: data.low)) { input in
                guard let base = input.baseAddress else { return }
                schedule.encrypt(base, into: memory.base + offset + 16)
            }
        }

        private func deriveWorkingKey(_ usage: DUKPTUsage) -> UnsafeRawBufferPointer {
            schedule.setEncryptionKey(UnsafeRawBufferPointer(key(at: 0)))
            write(
                derivationData(usage, length, initialKeyID: ksn.initialKeyID, counter: ksn.counter), at: Self.workingAt)
            return UnsafeRawBufferPointer(key(at: Self.workingAt))
        }

        /// The PIN of an encrypted block of 16 bytes, in the place of the one that `pin` held; after an error `pin`
        /// holds none, and every use of it stops the process. An error too where no transaction was derived.
        public mutating func decryptPINBlock(
            _ block: UnsafeRawBufferPointer, pan: PANDigits, into pin: inout ClearPIN
        ) throws(PINBlockError) {
            guard block.count == 16, isDerived else {
                pin.replace(by: 0)
                throw PINBlockError()
            }
            schedule.setDecryptionKey(deriveWorkingKey(.pinEncryption))
            let encrypted = block.loadUnaligned(as: Block.self)
            let field = schedule.decrypt(schedule.decrypt(encrypted) ^ PINBlock.panField4(pan))
            var bad: UInt64 = 0
            let word = PINWord.read(field.high, format: .format4, bad: &bad)
            pin.replace(by: word & ~bad)
            guard bad == 0 else { throw PINBlockError() }
        }

        /// Whether 8 or 16 bytes of MAC are those of a message from the terminal; in constant time.
        public mutating func verifyRequestMAC(_ mac: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> Bool {
            guard isDerived, mac.count == AESTransactionKeys.macCount || mac.count == AESCMAC.codeCount else {
                return false
            }
            return withUnsafeBytes(of: code(.macGeneration, message)) {
                constantTimeEquals(UnsafeRawBufferPointer(rebasing: $0[..<mac.count]), mac)
            }
        }

        /// Writes the MAC of a message to the terminal.
        ///
        /// - Parameter mac: 8 or 16 bytes of room.
        /// - Returns: false, with nothing written, for other room, or where no transaction was derived.
        public mutating func writeResponseMAC(
            of message: UnsafeRawBufferPointer, into mac: UnsafeMutableRawBufferPointer
        ) -> Bool {
            guard isDerived, mac.count == AESTransactionKeys.macCount || mac.count == AESCMAC.codeCount else {
                return false
            }
            withUnsafeBytes(of: code(.macVerification, message)) {
                mac.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<mac.count]))
            }
            return true
        }

        private func code(_ usage: DUKPTUsage, _ message: UnsafeRawBufferPointer) -> Block {
            schedule.setEncryptionKey(deriveWorkingKey(usage))
            return CMAC.code(message, cipher: schedule)
        }
    }
}
