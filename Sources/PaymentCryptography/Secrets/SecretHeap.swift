// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Where secrets lie: libcrypto's secure heap, one arena with guard pages that is kept out of swap (`mlock`) and out of
/// core dumps (`MADV_DONTDUMP`) as far as the system allows.
enum SecretHeap {
    /// Room for some ten thousand keys; beyond it secrets lie on the common heap and are still wiped.
    private static let arenaBytes = 4 << 20
    private static let blockBytesMin = 32
    /// Left to libcrypto itself: the random generators that each thread gets at its first use lie there or nowhere, so
    /// that with a full arena no new thread would have random bytes.
    private static let reserveBytes = 1 << 20

    /// 1: locked; 2: in use, but the system would not lock it (`RLIMIT_MEMLOCK`); 0: not available.
    static let status: Int32 = CRYPTO_secure_malloc_init(arenaBytes, blockBytesMin)

    /// A zeroed block. Stops the process when memory is exhausted, as every Swift allocation does.
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        _ = status  // The first use opens the arena; without one libcrypto falls back to the common heap.
        if CRYPTO_secure_used() + count <= arenaBytes - reserveBytes, let block = CRYPTO_secure_zalloc(count, nil, 0) {
            return block
        }
        guard let block = CRYPTO_zalloc(count, nil, 0) else { preconditionFailure("out of memory for a secret") }
        return block
    }

    /// Wipes the block and gives it back, whichever heap it came from.
    static func free(_ block: UnsafeMutableRawPointer, count: Int) {
        CRYPTO_secure_clear_free(block, count, nil, 0)
    }
}
