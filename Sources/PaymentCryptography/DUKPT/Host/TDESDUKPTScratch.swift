// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The wiped workspace of a derivation: the key that is being derived, and one DES schedule.
struct TDESDUKPTScratch: ~Copyable {
    private var block: SecretKey

    init() {
        block = SecretKey(count: 2 * TDESDUKPT.keyBytes + MemoryLayout<DES_key_schedule>.stride) { _ in }
    }

    /// Starts from a key of 16 bytes.
    mutating func load(_ key: UnsafeRawBufferPointer) {
        block.withMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[..<TDESDUKPT.keyBytes]).copyMemory(from: key)
        }
    }

    /// The key itself, for whoever owns the workspace.
    var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: block.base, count: TDESDUKPT.keyBytes)
    }

    /// Lends the key.
    borrowing func withKey<R: ~Copyable>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        block.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<TDESDUKPT.keyBytes])) }
    }

    /// From the initial key to the transaction key: one step for each one bit of the counter, from the highest.
    mutating func descend(_ ksn: TDESKeySerialNumber) {
        DUKPTCounter.forEachStep(to: ksn.counter) { step(register: ksn.register(counter: $0)) }
    }

    /// The non-reversible key generation (X9.24-1 A.2): replaces the key by the one of `register`.
    mutating func step(register: UInt64) {
        block.withMutableBytes { block in
            guard let base = block.baseAddress else { return }
            let (left, right) = (block.word(at: 0), block.word(at: 8))
            let schedule = (base + 2 * TDESDUKPT.keyBytes).assumingMemoryBound(to: DES_key_schedule.self)
            let bytes = UnsafeRawBufferPointer(block)
            TripleDES.set(bytes, 0, schedule)
            let newRight = TripleDES.encrypt(register ^ right, schedule) ^ right
            block.setWord(left ^ TDESDUKPT.halfMask, at: 0)
            TripleDES.set(bytes, 0, schedule)
            let masked = right ^ TDESDUKPT.halfMask
            let newLeft = TripleDES.encrypt(register ^ masked, schedule) ^ masked
            block.setWord(newLeft, at: 0)
            block.setWord(newRight, at: 8)
        }
    }

    /// The typed keys of the transaction whose key this now is.
    borrowing func workingKeys(ksn: TDESKeySerialNumber) -> TDESTransactionKeys {
        withKey { TDESTransactionKeys(ksn: ksn, transactionKey: $0, party: .host) }
    }
}
