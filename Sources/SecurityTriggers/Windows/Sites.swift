// SPDX-License-Identifier: Apache-2.0
import CPrefetch
import Vocabulary

/// What an event says of where it happened. What changes of a terminal makes a new site, so that earlier events keep theirs.
struct Site: Equatable, Sendable {
    var terminal: TerminalID
    var merchant: MerchantID?
    var mcc: MCC?
    var place: Position?
    /// Local time less UTC, quarter hours.
    var offset: Int8 = 0
}

/// A site as it lies in memory, 40 bytes: what tells sites apart in four words, and the numbers of its names.
struct SiteRecord: BitwiseCopyable, Equatable {
    /// `TerminalID.packed`.
    let terminal: UInt64
    /// `MerchantID.number`; 0 without one, see `merchantNumber`.
    let merchant: UInt64
    /// Latitude and longitude; 0 without a place.
    fileprivate let position: UInt64
    /// From the lowest bit: MCC 16, offset 8, whether there is a place, whether there is a merchant.
    fileprivate let traits: UInt32
    /// The number of the terminal; `unseen` where only the transaction in hand names it.
    let terminalNumber: UInt32
    /// `none` without a merchant.
    let merchantNumber: UInt32

    static let none = UInt32.max
    static let unseen = UInt32.max - 1
    static let mccMissing = UInt16.max
    private static let placeBit: UInt32 = 1 << 24
    private static let merchantBit: UInt32 = 1 << 25

    @inline(__always)
    init(_ site: Site, terminalNumber: UInt32, merchantNumber: UInt32) {
        (terminal, merchant) = (site.terminal.packed, site.merchant?.number ?? 0)
        (self.terminalNumber, self.merchantNumber) = (terminalNumber, merchantNumber)
        position = site.place.map { Self.bits($0.latitude) << 32 | Self.bits($0.longitude) } ?? 0
        let mcc = site.mcc.map { $0.code > 9_999 ? Self.mccMissing : $0.code } ?? Self.mccMissing
        traits =
            UInt32(mcc) | UInt32(UInt8(bitPattern: site.offset)) << 16
            | (site.place == nil ? 0 : Self.placeBit) | (site.merchant == nil ? 0 : Self.merchantBit)
    }

    private static func bits(_ degrees: Int32) -> UInt64 { UInt64(UInt32(bitPattern: degrees)) }

    /// One to look for, without the numbers of its names.
    @inline(__always)
    init(wanted site: Site) { self.init(site, terminalNumber: 0, merchantNumber: 0) }

    var mcc: UInt16 { UInt16(truncatingIfNeeded: traits) }
    var offset: Int8 { Int8(truncatingIfNeeded: traits >> 16) }
    var place: Position? {
        guard traits & Self.placeBit != 0 else { return nil }
        return Position(
            latitude: Int32(truncatingIfNeeded: position >> 32), longitude: Int32(truncatingIfNeeded: position))
    }

    @inline(__always)
    func isSame(_ other: SiteRecord) -> Bool {
        terminal == other.terminal && merchant == other.merchant && position == other.position
            && traits == other.traits
    }
}

/// Whose site it is, as `SiteRecord` has it.
struct SiteNumbers: BitwiseCopyable {
    var terminal: UInt32
    var merchant: UInt32
}

/// Numbers for terminals or for merchants, in the order they came.
struct Names: Sendable {
    private(set) var words = BlockArray(stride: 8)
    private var table = KeyTable()

    var count: Int { words.count }
    var residentBytes: Int { words.residentBytes + table.residentBytes }

    subscript(index: Int) -> UInt64 { words.read(index).load(as: UInt64.self) }

    func find(_ word: UInt64, _ hash: SipHash) -> Int? {
        let words = words.view
        return table.find(hash.hash(word)) { words.read($0).load(as: UInt64.self) == word }
    }

    mutating func intern(_ word: UInt64, _ hash: SipHash) -> Int {
        if let known = find(word, hash) { return known }
        let number = words.append()
        words.write(number).storeBytes(of: word, as: UInt64.self)
        let view = words.view
        table.insert(hash.hash(word), number) { hash.hash(view.read($0).load(as: UInt64.self)) }
        return number
    }
}

/// The hash of sites: NH of UMAC (Black, Halevi, Krawczyk, Krovetz and Rogaway 1999) over their four words, mixed. Nobody
/// without the keys finds sites that collide.
struct SiteHash: Sendable {
    private let keys: (UInt64, UInt64, UInt64, UInt64)

    init(seed: UInt64) {
        func key(_ number: UInt64) -> UInt64 { mixed(seed &+ number &* 0x9E37_79B9_7F4A_7C15) }
        keys = (key(1), key(2), key(3), key(4))
    }

    @inline(__always)
    func hash(_ site: SiteRecord) -> UInt64 {
        let names = (site.terminal &+ keys.0).multipliedFullWidth(by: site.merchant &+ keys.1)
        let rest = (site.position &+ keys.2).multipliedFullWidth(by: UInt64(site.traits) &+ keys.3)
        let (low, carries) = names.low.addingReportingOverflow(rest.low)
        return mixed(low ^ mixed(names.high &+ rest.high &+ (carries ? 1 : 0) ^ keys.0))
    }
}

/// Finds the numbers of sites.
struct SiteIndex {
    let table: KeyTableView
    let records: BlockView
    let hash: SiteHash

    /// - Parameter guess: a number that it may have, the largest for none; any other is no mistake.
    @inline(__always)
    func find(_ wanted: SiteRecord, guess: UInt32) -> Int? {
        if guess != .max, Self.record(records, Int(guess)).pointee.isSame(wanted) { return Int(guess) }
        return find(wanted)
    }

    func find(_ wanted: SiteRecord) -> Int? { find(wanted, hash.hash(wanted)) }

    /// - Parameter hash: that of the site.
    @inline(never)
    func find(_ wanted: SiteRecord, _ hash: UInt64) -> Int? {
        table.find(hash) { Self.record(records, $0).pointee.isSame(wanted) }
    }

    /// Where a site lies.
    @inline(__always)
    static func record(_ view: BlockView, _ index: Int) -> UnsafePointer<SiteRecord> {
        // Safe: as in `Sites.record`.
        view.read(index).assumingMemoryBound(to: SiteRecord.self)
    }
}

/// Terminals, merchants and sites by number, so that an event names all of where it happened in four bytes.
struct Sites: Sendable {
    private(set) var terminals = Names()
    private(set) var merchants = Names()
    private(set) var records = BlockArray(stride: MemoryLayout<SiteRecord>.stride)
    /// The numbers of each site's terminal and merchant once more, so close together that what tells sites apart stays at hand.
    private(set) var numbers = BlockArray(stride: MemoryLayout<SiteNumbers>.stride)
    private var table = KeyTable()
    /// Of the names of terminals and merchants.
    let hash: SipHash
    private let siteHash: SiteHash

    init(seed: UInt64) { (hash, siteHash) = (SipHash(seed: seed), SiteHash(seed: seed)) }

    var count: Int { records.count }
    var residentBytes: Int {
        records.residentBytes + numbers.residentBytes + table.residentBytes + terminals.residentBytes
            + merchants.residentBytes
    }
    /// No further site has a number.
    var isFull: Bool { records.count >= KeyTable.numbersMax - 1 }

    subscript(index: Int) -> SiteRecord { Self.record(records.view, index) }

    @inline(__always)
    static func record(_ view: BlockView, _ index: Int) -> SiteRecord {
        // Safe: the array's stride is the record's, and every record in it was written as one.
        view.read(index).load(as: SiteRecord.self)
    }

    @inline(__always)
    static func numbers(_ view: BlockView, _ index: Int) -> SiteNumbers {
        // Safe: as in `record`.
        view.read(index).load(as: SiteNumbers.self)
    }

    /// What finds a site, as bare pointers: good as long as the sites stay as they are.
    var index: SiteIndex {
        @inline(__always) get { SiteIndex(table: table.view, records: records.view, hash: siteHash) }
    }

    /// The record of a site that no event was at, as far as its names are known; with the numbers of terminal and merchant, or `unseen`.
    func record(_ site: Site) -> SiteRecord {
        SiteRecord(
            site, terminalNumber: terminals.find(site.terminal.packed, hash).map { UInt32($0) } ?? SiteRecord.unseen,
            merchantNumber: site.merchant.map {
                merchants.find($0.number, hash).map { UInt32($0) } ?? SiteRecord.unseen
            } ?? SiteRecord.none)
    }

    func find(terminal: TerminalID) -> Int? { terminals.find(terminal.packed, hash) }

    /// - Parameter guess: a number that it may have; any other is no mistake.
    @inline(__always)
    mutating func intern(_ site: Site, guess: UInt32 = .max) -> UInt32 {
        if let known = index.find(SiteRecord(wanted: site), guess: Int(guess) < count ? guess : .max) {
            return UInt32(known)
        }
        return add(site)
    }

    @inline(never)
    private mutating func add(_ site: Site) -> UInt32 {
        let terminal = UInt32(terminals.intern(site.terminal.packed, hash))
        let merchant = site.merchant.map { UInt32(merchants.intern($0.number, hash)) } ?? SiteRecord.none
        return add(SiteRecord(site, terminalNumber: terminal, merchantNumber: merchant))
    }

    /// See `KeyTable.settle(hashOf:)`.
    @inline(__always)
    mutating func settle() {
        guard table.isMoving else { return }
        let (view, hash) = (records.view, siteHash)
        table.settle { hash.hash(Self.record(view, $0)) }
    }

    private mutating func add(_ record: SiteRecord) -> UInt32 {
        let number = records.append()
        records.write(number).storeBytes(of: record, as: SiteRecord.self)
        let numbers = SiteNumbers(terminal: record.terminalNumber, merchant: record.merchantNumber)
        self.numbers.write(self.numbers.append()).storeBytes(of: numbers, as: SiteNumbers.self)
        let (view, hash) = (records.view, siteHash)
        table.insert(hash.hash(record), number) { hash.hash(Self.record(view, $0)) }
        return UInt32(number)
    }
}

extension Sites {
    /// Takes over the names that a snapshot held; false when one comes twice.
    mutating func restore(_ terminals: [TerminalID], _ merchants: [MerchantID]) -> Bool {
        for terminal in terminals { _ = self.terminals.intern(terminal.packed, hash) }
        for merchant in merchants { _ = self.merchants.intern(merchant.number, hash) }
        return self.terminals.count == terminals.count && self.merchants.count == merchants.count
    }

    /// Takes over the next site of a snapshot; false when it is there already or a number has no name.
    mutating func restore(terminal: UInt32, merchant: UInt32?, mcc: MCC?, place: Position?, offset: Int8) -> Bool {
        guard Int(terminal) < terminals.count, merchant.map({ Int($0) < merchants.count }) ?? true else { return false }
        let site = Site(
            terminal: TerminalID(packed: terminals[Int(terminal)]),
            merchant: merchant.map { MerchantID(number: merchants[Int($0)]) }, mcc: mcc, place: place, offset: offset)
        return intern(site) == count - 1
    }

    /// Every name and site is found under its own number.
    func checkInvariants() -> [String] {
        var broken: [String] = []
        for index in 0..<terminals.count where terminals.find(terminals[index], hash) != index {
            broken.append("terminal \(index) is found under its own number")
        }
        for index in 0..<count where self.index.find(self[index]) != index {
            broken.append("site \(index) is found under its own number")
        }
        return broken
    }
}
