// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Foundation
import Glibc
import PaymentCryptography
import Testing

/// glibc's search, which its headers show to C with GNU extensions only.
@_silgen_name("memmem")
private func memmem(
    _ memory: UnsafeRawPointer, _ count: Int, _ part: UnsafeRawPointer, _ partCount: Int
) -> UnsafeMutableRawPointer?

/// All writable memory of this process, and secrets to look for in it.
///
/// What is looked for, and what is read, lie in pages of their own that the search leaves out. Work is done on a thread
/// that stays until the search is over, so that what it left on its stack, below the frames in use, is still there.
final class MemoryScan: @unchecked Sendable {
    // Unchecked: the pages are written by one thread at a time; the semaphores below hand them over.

    /// Where a part of a secret was found.
    struct Hit: CustomStringConvertible {
        let secret: String
        let place: String
        /// In the frames that the work has left: the compiler put it there, and nothing has overwritten it yet.
        let isOnStack: Bool
        var description: String { "\(secret) in \(place)" }
    }

    /// A secret that is looked for: in memory, in the order of its bytes and, by words of eight, in the opposite one.
    struct Secret {
        let name: String
        fileprivate let offset: Int
        let count: Int
    }

    private static let windowBytes = 1 << 20
    private static let stackBytes = 1 << 20
    private static let secretBytesMax = 1 << 16
    /// What is looked for: eight bytes, so that half a DES key is found.
    private static let partBytes = 8

    private let pages: UnsafeMutableRawBufferPointer
    /// Those that work was done on; the system keeps the memory of threads that are gone for the next.
    private var stacks: [Range<UInt>] = []
    private var secrets: [Secret] = []
    private var used = 0
    private var window: UnsafeMutableRawPointer { pages.baseAddress! + 2 * Self.secretBytesMax }

    /// Only when it is asked for: beside the servers and browsers of the other suites the process is too large to be
    /// searched while they run.
    static var isWanted: Bool { getenv("SCAN_MEMORY") != nil }

    /// Not under the address and thread sanitizers, which map terabytes.
    static var isPossible: Bool { dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil }

    init() {
        let count = 2 * Self.secretBytesMax + Self.windowBytes
        let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(start != MAP_FAILED, "no memory for the search")
        pages = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit { munmap(pages.baseAddress, pages.count) }

    // MARK: Secrets

    /// A random secret that lies in the left-out pages alone until it is taken.
    func plant(_ name: String, count: Int, below bound: UInt8 = .max) -> Secret {
        let secret = reserve(name, count)
        let bytes = self.bytes(secret)
        let file = open("/dev/urandom", O_RDONLY)
        precondition(file >= 0 && read(file, bytes.baseAddress, count) == count, "no random bytes")
        close(file)
        for index in 0..<count where bound < .max { bytes[index] %= bound }
        return secret
    }

    /// A secret that the work computes, to be looked for too.
    func remember(_ name: String, _ key: borrowing SecretKey) {
        let secret = reserve(name, key.count)
        key.withBytes { bytes(secret).copyMemory(from: $0) }
    }

    /// A secret made of another, byte by byte: as vectors they would be spilled into frames of this very function.
    @inline(never) @_optimize(none)
    func remember(_ name: String, of secret: Secret, _ change: (Int, UInt8) -> UInt8) {
        let other = reserve(name, secret.count)
        for index in 0..<secret.count { bytes(other)[index] = change(index, bytes(secret)[index]) }
    }

    /// A secret that `fill` writes.
    func remember(_ name: String, count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        fill(bytes(reserve(name, count)))
    }

    /// The schedule that libcrypto makes of a DES key, the first eight bytes of a secret.
    func rememberSchedule(of secret: Secret) {
        var schedule = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        remember("schedule of \(secret.name)", count: MemoryLayout<DES_key_schedule>.size) { schedule = $0 }
        let key = bytes(secret).baseAddress?.assumingMemoryBound(to: DES_cblock.self)
        DES_set_key_unchecked(key, schedule.baseAddress?.assumingMemoryBound(to: DES_key_schedule.self))
    }

    /// A planted secret as a key.
    func key(_ secret: Secret) -> SecretKey {
        SecretKey(count: secret.count) { $0.copyMemory(from: UnsafeRawBufferPointer(bytes(secret))) }
    }

    func bytes(_ secret: Secret) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: pages[secret.offset..<secret.offset + secret.count])
    }

    private func reserve(_ name: String, _ count: Int) -> Secret {
        precondition(used + count <= Self.secretBytesMax, "too many secrets")
        let secret = Secret(name: name, offset: used, count: count)
        secrets.append(secret)
        used += (count + 15) / 16 * 16
        return secret
    }

    // MARK: Search

    /// What is left of the secrets when the work is done and everything it made is gone.
    func residue(_ work: @escaping @Sendable () -> Void) -> [Hit] {
        let (done, searched, gone) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        let thread = Thread {
            self.stacks.append(Self.stackOfThisThread())
            work()
            done.signal()
            searched.wait()
            gone.signal()
        }
        thread.stackSize = Self.stackBytes
        thread.start()
        done.wait()
        let hits = search()
        searched.signal()
        gone.wait()
        return hits
    }

    /// Does the work and reports what is left: none of it on the heap, in the arena or in a variable; and where the
    /// code is optimised and its symbols are bound, none of it in a frame that was left either. (Code that is not
    /// optimised writes every value into its frame, and binding a symbol at its first use saves all vector registers.)
    ///
    /// - Parameter lookingAtStack: no for what lies in frames of libcrypto's own.
    func expectNothing(
        lookingAtStack: Bool = true, sourceLocation: SourceLocation = #_sourceLocation,
        _ work: @escaping @Sendable () -> Void
    ) {
        let hits = residue(work).filter { !$0.isOnStack || lookingAtStack && Self.isStackClean }
        #expect(hits.isEmpty, "\(hits)", sourceLocation: sourceLocation)
    }

    private static var isStackClean: Bool {
        #if DEBUG
            false
        #else
            getenv("LD_BIND_NOW") != nil
        #endif
    }

    /// Where parts of the secrets are, now.
    private func search() -> [Hit] {
        mirrorSecrets()
        let memory = open("/proc/self/mem", O_RDONLY)
        precondition(memory >= 0, "the process cannot read its memory")
        defer { close(memory) }
        var hits: [Hit] = []
        for mapping in Mapping.writable() {
            for range in mapping.without(UInt(bitPattern: pages.baseAddress), pages.count) {
                search(range, of: mapping, through: memory, &hits)
            }
        }
        return hits
    }

    private func search(_ range: Range<UInt>, of mapping: Mapping, through memory: Int32, _ hits: inout [Hit]) {
        // Windows overlap, so that a part across their border is seen.
        var start = range.lowerBound
        while start < range.upperBound {
            let count = min(Self.windowBytes, Int(range.upperBound - start))
            let got = pread(memory, window, count, off_t(start))
            guard got >= Self.partBytes else { return }
            for secret in secrets { look(for: secret, in: got, at: start, of: mapping, &hits) }
            guard got == Self.windowBytes else { return }
            start += UInt(Self.windowBytes - Self.partBytes + 1)
        }
    }

    private func look(for secret: Secret, in count: Int, at start: UInt, of mapping: Mapping, _ hits: inout [Hit]) {
        let size = min(Self.partBytes, secret.count)
        var offsets = Array(stride(from: 0, through: secret.count - size, by: size))
        if secret.count % size != 0 { offsets.append(secret.count - size) }
        for offset in offsets {
            for order in [0, Self.secretBytesMax] {
                let part = pages.baseAddress! + secret.offset + offset + order
                guard let found = memmem(window, count, part, size) else { continue }
                let address = start + UInt(bitPattern: found) - UInt(bitPattern: window)
                let bytes = order == 0 ? "bytes" : "reversed bytes"
                let stack = stacks.first { $0.contains(address) }
                let place =
                    stack.map { "a frame that was left, \($0.upperBound - address) bytes down the stack" }
                    ?? "\(mapping.name) at \(String(address, radix: 16))"
                hits.append(
                    Hit(
                        secret: "\(secret.name), \(bytes) \(offset)..<\(offset + size)", place: place,
                        isOnStack: stack != nil))
            }
        }
    }

    /// The stack of this thread, from its first frames down.
    private static func stackOfThisThread() -> Range<UInt> {
        var local: UInt8 = 0
        let top = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
        return top - UInt(stackBytes)..<top
    }

    /// The second half of the secrets' pages: each part in the opposite order, as a loaded big-endian word lies.
    private func mirrorSecrets() {
        for secret in secrets {
            let size = min(Self.partBytes, secret.count)
            for index in 0..<secret.count {
                let part = index / size * size
                let last = min(part + size, secret.count) - 1
                pages[Self.secretBytesMax + secret.offset + index] = pages[secret.offset + part + last - index]
            }
        }
    }
}

/// A stretch of the process's address space.
struct Mapping {
    let range: Range<UInt>
    let name: String

    /// Those that can be read and written, from `/proc/self/maps`, line by line: Foundation reads the first 4 KiB of a
    /// file that says it has no length.
    static func writable() -> [Mapping] {
        guard let file = fopen("/proc/self/maps", "r") else { return [] }
        defer { fclose(file) }
        var mappings: [Mapping] = []
        var buffer = [CChar](repeating: 0, count: 8_192)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\n" })
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, words[1].hasPrefix("rw") else { continue }
            mappings.append(
                Mapping(range: ends[0]..<ends[1], name: words.count > 5 ? String(words[5]) : "anonymous memory"))
        }
        return mappings
    }

    func without(_ start: UInt, _ count: Int) -> [Range<UInt>] {
        let hole = start..<start + UInt(count)
        return [
            range.lowerBound..<max(range.lowerBound, min(range.upperBound, hole.lowerBound)),
            max(range.lowerBound, min(range.upperBound, hole.upperBound))..<range.upperBound,
        ].filter { !$0.isEmpty }
    }
}
