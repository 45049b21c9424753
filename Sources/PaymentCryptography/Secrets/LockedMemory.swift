// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Pages of secrets: between two guard pages, locked into memory and left out of core dumps as far as the system allows.
/// Wiped and unmapped in the end.
struct LockedMemory: ~Copyable, @unchecked Sendable {
    // Unchecked: whoever owns the pages says who writes them; the bounds never change.
    let base: UnsafeMutableRawPointer
    /// Whole pages.
    let byteCount: Int
    let isLocked: Bool
    let isLeftOutOfDumps: Bool
    private let mapping: UnsafeMutableRawPointer
    private let mappedCount: Int

    /// Zeroed pages, at least so many bytes. Stops the process when memory is exhausted, as every Swift allocation does.
    init(byteCount wanted: Int) {
        let page = Int(getpagesize())
        byteCount = (wanted + page - 1) / page * page
        mappedCount = byteCount + 2 * page
        guard let start = mmap(nil, mappedCount, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED,
            mprotect(start + page, byteCount, PROT_READ | PROT_WRITE) == 0
        else { preconditionFailure("out of memory for secrets") }
        mapping = start
        base = start + page
        isLocked = mlock(base, byteCount) == 0
        isLeftOutOfDumps = madvise(base, byteCount, Self.leaveOutOfDumps) == 0
    }

    /// Zeroes a part of the pages, which no optimiser leaves out.
    func wipe(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "what is wiped lies in the pages")
        explicit_bzero(base + range.lowerBound, range.count)
    }

    deinit {
        wipe(0..<byteCount)
        munmap(mapping, mappedCount)
    }

    /// `MADV_DONTDUMP`, which glibc's headers show to C with GNU extensions only.
    private static var leaveOutOfDumps: Int32 { 16 }
}
