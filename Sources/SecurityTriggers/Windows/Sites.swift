// SPDX-License-Identifier: Apache-2.0
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

/// A site as it lies in memory, 40 bytes.
struct SiteRecord: BitwiseCopyable, Equatable {
    /// `TerminalID.packed`.
    var terminal: UInt64
    /// `MerchantID.number`; 0 without one, see `merchantNumber`.
    var merchant: UInt64
    var latitude: Int32
    var longitude: Int32
    /// The number of the terminal; `unseen` where only the transaction in hand names it.
    var terminalNumber: UInt32
    /// `none` without a merchant.
    var merchantNumber: UInt32
    /// `mccMissing` without one.
    var mcc: UInt16
    var offset: Int8
    var hasPlace: Bool

    static let none = UInt32.max
    static let unseen = UInt32.max - 1
    static let mccMissing = UInt16.max

    init(_ site: Site, terminalNumber: UInt32, merchantNumber: UInt32) {
        (terminal, merchant) = (site.terminal.packed, site.merchant?.number ?? 0)
        (self.terminalNumber, self.merchantNumber) = (terminalNumber, merchantNumber)
        mcc = site.mcc.flatMap { $0.code > 9_999 ? nil : $0.code } ?? Self.mccMissing
        offset = site.offset
        hasPlace = site.place != nil
        (latitude, longitude) = (site.place?.latitude ?? 0, site.place?.longitude ?? 0)
    }

    /// One to look for: of its numbers it says only whether there is a merchant.
    @inline(__always)
    init(wanted site: Site) {
        self.init(site, terminalNumber: 0, merchantNumber: site.merchant == nil ? Self.none : 0)
    }

    var place: Position? { hasPlace ? Position(latitude: latitude, longitude: longitude) : nil }
    /// What tells sites of one terminal and merchant apart, in a word.
    fileprivate var rest: UInt64 {
        UInt64(UInt32(bitPattern: latitude)) << 32 ^ UInt64(UInt32(bitPattern: longitude))
            ^ UInt64(mcc) << 40 ^ UInt64(UInt8(bitPattern: offset)) << 24 ^ (hasPlace ? 1 << 63 : 0)
    }

    fileprivate func isSame(_ other: SiteRecord) -> Bool {
        terminal == other.terminal && merchant == other.merchant && latitude == other.latitude
            && longitude == other.longitude && mcc == other.mcc && offset == other.offset
            && hasPlace == other.hasPlace && (merchantNumber == Self.none) == (other.merchantNumber == Self.none)
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

/// Finds the numbers of sites.
struct SiteIndex {
    let table: KeyTableView
    let records: BlockView
    let hash: SipHash

    @inline(__always)
    func find(_ wanted: SiteRecord) -> Int? {
        table.find(Self.hash(wanted, hash)) { Sites.record(records, $0).isSame(wanted) }
    }

    @inline(__always)
    func hash(_ wanted: SiteRecord) -> UInt64 { Self.hash(wanted, hash) }

    @inline(__always)
    fileprivate static func hash(_ record: SiteRecord, _ hash: SipHash) -> UInt64 {
        hash.hash(record.terminal, record.merchant, record.rest)
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
    let hash: SipHash

    init(seed: UInt64) { hash = SipHash(seed: seed) }

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
        @inline(__always) get { SiteIndex(table: table.view, records: records.view, hash: hash) }
    }

    /// The record of a site that an event was at.
    static func known(_ site: Site, _ index: SiteIndex) -> SiteRecord? {
        index.find(SiteRecord(wanted: site)).map { record(index.records, $0) }
    }

    /// The record of any other site as far as its names are known; with the numbers of terminal and merchant, or `unseen`.
    func record(_ site: Site) -> SiteRecord {
        SiteRecord(
            site, terminalNumber: terminals.find(site.terminal.packed, hash).map { UInt32($0) } ?? SiteRecord.unseen,
            merchantNumber: site.merchant.map {
                merchants.find($0.number, hash).map { UInt32($0) } ?? SiteRecord.unseen
            } ?? SiteRecord.none)
    }

    func find(terminal: TerminalID) -> Int? { terminals.find(terminal.packed, hash) }

    mutating func intern(_ site: Site) -> UInt32 {
        let wanted = SiteRecord(wanted: site)
        if let known = index.find(wanted) { return UInt32(known) }
        let terminal = UInt32(terminals.intern(site.terminal.packed, hash))
        let merchant = site.merchant.map { UInt32(merchants.intern($0.number, hash)) } ?? SiteRecord.none
        return add(SiteRecord(site, terminalNumber: terminal, merchantNumber: merchant))
    }

    private mutating func add(_ record: SiteRecord) -> UInt32 {
        let number = records.append()
        records.write(number).storeBytes(of: record, as: SiteRecord.self)
        let numbers = SiteNumbers(terminal: record.terminalNumber, merchant: record.merchantNumber)
        self.numbers.write(self.numbers.append()).storeBytes(of: numbers, as: SiteNumbers.self)
        let (view, hash) = (records.view, hash)
        table.insert(SiteIndex.hash(record, hash), number) { SiteIndex.hash(Self.record(view, $0), hash) }
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
