// SPDX-License-Identifier: Apache-2.0
import CPrefetch

/// Records of one size that never move, in blocks of at most 16 KiB under directories of 64 blocks under one root.
///
/// A value like any other: a copy shares everything, and a change copies the block it touches and the pointers on the way
/// to it, once. So a copy of the whole costs one count, and no change after it costs more than a few kilobytes.
///
/// A record is reached through raw pointers, which ask for no counts on the way. Those that `write` gives are good until
/// the next change of the same array or the next copy of it; those of `read` as long as the array is neither.
struct BlockArray: Sendable {
    private static let blockBytesMax = 16 << 10
    private static let width = Directory.width

    private let shape: BlockShape
    private(set) var count: Int
    private var root: Root
    /// Blocks that hold memory of their own.
    private var allocated = 0

    /// - Parameters:
    ///   - stride: bytes a record; all zero to begin with.
    ///   - count: records that are there at once. They cost nothing until they are written.
    init(stride: Int, count: Int = 0) {
        precondition(0 < stride && stride <= Self.blockBytesMax, "a record fits into a block")
        shape = BlockShape(stride: stride, records: Self.blockBytesMax / stride)
        self.count = count
        let blocks = (count + shape.records - 1) / shape.records
        let zero = Block(bytes: shape.bytes)
        root = Root(capacity: (blocks + Self.width - 1) / Self.width, empty: Directory(filledWith: zero))
    }

    /// What the array holds in memory, shared or not.
    var residentBytes: Int { allocated * shape.bytes + root.capacity * (Directory.bytes + 24) }

    /// Where a record lies, for reading.
    @inline(__always)
    func read(_ index: Int) -> UnsafeRawPointer { view.read(index) }

    /// The same without a count on the array: good only while the array is kept as it is.
    var view: BlockView {
        @inline(__always) get { BlockView(bases: root.bases, shape: shape) }
    }

    /// Has what tells whether a record's block is shared fetched, for a change that is to follow.
    @inline(__always)
    func prefetchForWriting(_ index: Int) {
        // Safe: a reference is the address of its object, which is only fetched here and not looked at.
        let blocks = UnsafeRawPointer(root.blocks[shape.directory(index)])
        let place = shape.block(index) &* MemoryLayout<UnsafeRawPointer>.stride
        cprefetch(blocks.load(fromByteOffset: place, as: UnsafeRawPointer.self))
    }

    /// Where a record lies, for writing: what it shares with copies is copied first.
    @inline(__always)
    mutating func write(_ index: Int) -> UnsafeMutableRawPointer {
        if !isKnownUniquelyReferenced(&root) { root = Root(copying: root, capacity: root.capacity) }
        let (high, low) = (shape.directory(index), shape.block(index))
        // Safe: `high` is below the root's capacity, all of which is filled. The pointers stay this array's: no other holds the
        // root, and nobody but an array's own methods reaches what is under it.
        if !isKnownUniquelyReferenced(&root.directories[high]) { copyDirectory(high) }
        let directory = root.bases[high]
        if !isKnownUniquelyReferenced(&root.blocks[high][low]) { copyBlock(high, low) }
        return directory[low] + shape.offset(index)
    }

    @inline(never)
    private mutating func copyDirectory(_ high: Int) {
        let copy = Directory(copying: root.directories[high])
        root.directories[high] = copy
        (root.blocks[high], root.bases[high]) = (copy.blocks, copy.bases)
    }

    @inline(never)
    private mutating func copyBlock(_ high: Int, _ low: Int) {
        let blocks = root.blocks[high]
        let isNew = blocks[low] === root.empty.blocks[0]
        if isNew { allocated += 1 }
        let copy = isNew ? Block(bytes: shape.bytes) : Block(copying: blocks[low], bytes: shape.bytes)
        blocks[low] = copy
        root.bases[high][low] = copy.base
    }

    /// Adds a record at the end, of whatever bytes; the caller writes all of it.
    ///
    /// - Returns: its index.
    mutating func append() -> Int {
        let index = count
        if shape.directory(index) >= root.capacity {
            root = Root(copying: root, capacity: max(1, root.capacity * 2))
        }
        count += 1
        return index
    }

    /// Takes the last record away. Of an array of many blocks the one that has become empty stays for what may come next, and
    /// the one behind it is given back: so an array that grows and shrinks by a record asks for no memory.
    mutating func removeLast() {
        count -= 1
        guard count % shape.records == 0 else { return }
        let block = count / shape.records
        giveBack(block + 1)
        if block < Self.blocksWithoutSpare { giveBack(block) }
    }

    private static let blocksWithoutSpare = 16

    private mutating func giveBack(_ block: Int) {
        let (high, low) = (block / Self.width, block % Self.width)
        let zero = root.empty.blocks[0]
        guard high < root.capacity, root.blocks[high][low] !== zero else { return }
        _ = write(block * shape.records)
        root.blocks[high][low] = zero
        root.bases[high][low] = zero.base
        allocated -= 1
    }
}

/// A `BlockArray` as bare pointers. It keeps nothing alive: whoever holds one sees to it that the array stays as it is.
struct BlockView {
    fileprivate let bases: UnsafePointer<UnsafePointer<UnsafeRawPointer>>
    private let shape: BlockShape

    fileprivate init(bases: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutableRawPointer>>, shape: BlockShape) {
        // Safe: pointers to what is mutable have the same form as pointers to what is not.
        self.bases = UnsafeRawPointer(bases).assumingMemoryBound(to: UnsafePointer<UnsafeRawPointer>.self)
        self.shape = shape
    }

    @inline(__always)
    func read(_ index: Int) -> UnsafeRawPointer {
        bases[shape.directory(index)][shape.block(index)] + shape.offset(index)
    }
}

/// How records lie in blocks: where one is takes a few instructions, which every look at a card pays many times.
private struct BlockShape: BitwiseCopyable {
    private let stride: Int
    /// Binary logarithm of the records in a block.
    private let shift: UInt

    /// - Parameter records: how many a block has room for; it holds the power of two below.
    init(stride: Int, records: Int) {
        self.stride = stride
        shift = UInt(Int.bitWidth - 1 - records.leadingZeroBitCount)
    }

    /// Records in a block.
    var records: Int { 1 &<< Int(bitPattern: shift) }
    /// Bytes in a block.
    var bytes: Int { records * stride }

    /// Which directory a record is under, which of its blocks it lies in, and how many bytes from where that begins.
    @inline(__always)
    func directory(_ index: Int) -> Int { Int(bitPattern: UInt(bitPattern: index) &>> (shift &+ Directory.shift)) }
    @inline(__always)
    func block(_ index: Int) -> Int {
        Int(bitPattern: UInt(bitPattern: index) &>> shift & UInt(bitPattern: Directory.width &- 1))
    }
    @inline(__always)
    func offset(_ index: Int) -> Int { (index & (records &- 1)) &* stride }
}

/// The memory of some records. Written only by an array that alone holds it; that is what makes it safe to share.
private final class Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer

    init(bytes: Int) {
        base = .allocate(byteCount: bytes, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    init(copying other: Block, bytes: Int) {
        base = .allocate(byteCount: bytes, alignment: 64)
        base.copyMemory(from: other.base, byteCount: bytes)
    }

    deinit { base.deallocate() }
}

/// 64 blocks and where they lie. Written only by an array that alone holds it.
private final class Directory: @unchecked Sendable {
    static let shift: UInt = 6
    static let width = 1 << 6
    static let bytes = width * 16

    let blocks: UnsafeMutablePointer<Block>
    let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>

    init(filledWith block: Block) {
        (blocks, bases) = (.allocate(capacity: Self.width), .allocate(capacity: Self.width))
        blocks.initialize(repeating: block, count: Self.width)
        bases.initialize(repeating: block.base, count: Self.width)
    }

    init(copying other: Directory) {
        (blocks, bases) = (.allocate(capacity: Self.width), .allocate(capacity: Self.width))
        blocks.initialize(from: other.blocks, count: Self.width)
        bases.initialize(from: other.bases, count: Self.width)
    }

    deinit {
        blocks.deinitialize(count: Self.width)
        blocks.deallocate()
        bases.deallocate()
    }
}

/// All directories and where their tables lie. Written only by an array that alone holds it.
private final class Root: @unchecked Sendable {
    let capacity: Int
    let directories: UnsafeMutablePointer<Directory>
    let blocks: UnsafeMutablePointer<UnsafeMutablePointer<Block>>
    let bases: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutableRawPointer>>
    /// One block of zeros again and again: what was never written.
    let empty: Directory

    init(capacity: Int, empty: Directory) {
        (self.capacity, self.empty) = (capacity, empty)
        directories = .allocate(capacity: capacity)
        (blocks, bases) = (.allocate(capacity: capacity), .allocate(capacity: capacity))
        directories.initialize(repeating: empty, count: capacity)
        blocks.initialize(repeating: empty.blocks, count: capacity)
        bases.initialize(repeating: empty.bases, count: capacity)
    }

    convenience init(copying other: Root, capacity: Int) {
        self.init(capacity: capacity, empty: other.empty)
        for index in 0..<min(capacity, other.capacity) {
            directories[index] = other.directories[index]
            (blocks[index], bases[index]) = (other.blocks[index], other.bases[index])
        }
    }

    deinit {
        directories.deinitialize(count: capacity)
        directories.deallocate()
        blocks.deallocate()
        bases.deallocate()
    }
}
