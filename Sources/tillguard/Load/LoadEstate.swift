// SPDX-License-Identifier: Apache-2.0
import Estate
import Host
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

/// The estate of a load: terminals, each at a merchant of its own, and cards, each on an account of its own, all
/// numbered from zero. Everything follows from the number, so that two processes agree without a word.
enum LoadEstate {
    static let currency = Currency.eur
    static let expiry: UInt16 = 3012
    static let application = SoftwareVersion(1, 0, 0)
    static let terminalsMax = 9_999_999
    static let cardsMax = 99_999_999
    private static let firmware = SoftwareVersion(1, 2, 0)
    private static let keySet: UInt16 = 1
    /// Miscellaneous and speciality retail: a category that no rule singles out.
    private static let category = MCC(5_999)
    /// No account runs dry: what is measured is everything that is asked before the balance.
    private static let available: Int64 = 1_000_000_000_00
    private static let maker = Principal(staff: StaffID(packed: 0x4C4F_4144_4D00_0000), role: .system)
    private static let checker = Principal(staff: StaffID(packed: 0x4C4F_4144_4300_0000), role: .system)

    // MARK: - Terminals

    /// `L` and seven digits; TDES and AES in turn.
    static func terminal(_ index: Int) -> TerminalID {
        var packed = UInt64(0x4C) << 56
        var rest = UInt64(index)
        for shift in stride(from: UInt64(0), to: 56, by: 8) {
            packed |= (0x30 + rest % 10) << shift
            rest /= 10
        }
        return TerminalID(packed: packed)
    }

    /// The number of a load's terminal; nil for any other.
    static func index(of terminal: TerminalID) -> Int? {
        guard terminal.packed >> 56 == 0x4C else { return nil }
        var number = 0
        for shift in stride(from: UInt64(48), through: 0, by: -8) {
            let digit = Int(terminal.packed >> shift & 0xFF) - 0x30
            guard (0...9).contains(digit) else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    static func merchant(_ index: Int) -> MerchantID { MerchantID(number: 200_000_000_000_000 + UInt64(index)) }

    static func record(_ index: Int) -> EstateTerminal {
        EstateTerminal(
            merchant: merchant(index), profile: index % 2 == 0 ? .tdes : .aes, keySet: keySet, identityEpoch: 1,
            serial: 1_000_000 + UInt64(index), currency: currency)
    }

    /// What a host must still be told for a terminal to trade.
    static func commands(
        terminal index: Int, name: String, known: KnownTerminal = KnownTerminal()
    ) -> [(command: Command, principal: Principal)] {
        let id = terminal(index)
        var commands: [(command: Command, principal: Principal)] = []
        if known.name == nil {
            let place = Position(latitude: 48_000_000 + Int32(index % 1_000) * 100, longitude: 11_000_000)
            commands.append((.addMerchant(merchant(index), Merchant(name: name, mcc: category, place: place)), maker))
        }
        if !known.exists { commands.append((.addTerminal(id, record(index)), maker)) }
        if !known.isAskedFor { commands.append((.activate(id), maker)) }
        if !known.isApproved { commands.append((.activate(id), checker)) }
        return commands
    }

    /// The terminal's end with keys of its own. Its counters go on well above those the host has seen: what was sent
    /// and never arrived has used some too.
    static func module(
        terminal index: Int, known: KnownTerminal = KnownTerminal(), from module: SoftHostModule
    ) -> LoadTerminal? {
        let record = record(index)
        // Not every number is a legal transaction counter (ANSI X9.24-1: at most ten bits set).
        let first = known.ksnHighest == 0 ? 1 : known.ksnHighest + skippedCounters
        for counter in first..<first + legalCounterSearch {
            guard
                var made = LoadTerminal(
                    provisioning: module.provision(
                        record.keys(terminal(index)), serial: record.serial, firmware: firmware, firstCounter: counter))
            else { continue }
            made.claims.counter = known.healthHighest == 0 ? 0 : known.healthHighest + skippedCounters
            made.claims.selfTestNumber = known.selfTestNumber + 1
            return made
        }
        return nil
    }

    private static let skippedCounters: UInt32 = 8
    private static let legalCounterSearch: UInt32 = 4_096

    // MARK: - Cards

    /// Sixteen digits of an unassigned range.
    static func pan(_ index: Int) -> PAN? {
        let digits = String(index)
        return PAN(accountDigits: "4000000" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits)
    }

    static func account(_ index: Int) -> AccountID { AccountID(UInt64(index) + 1) }

    /// A test PIN: four digits (verified by PVV), of every fourth card six (by IBM 3624 offset).
    static func pin(_ index: Int) -> ClearPIN? {
        let count = index % 4 == 3 ? 6 : 4
        var rest = (index &* 7_919 &+ 120_407) & 0x7FFF_FFFF
        var entry = PINEntry()
        for _ in 0..<count {
            entry.press(UInt8(rest % 10))
            rest /= 10
        }
        return entry.finish()
    }

    /// What a host must still be told for a card to be used.
    static func commands(
        card index: Int, holder: String, hasAccount: Bool = false, hasCard: Bool = false, by module: SoftHostModule
    ) -> [(command: Command, principal: Principal)] {
        guard let pan = pan(index), let pin = pin(index) else { return [] }
        var commands: [(command: Command, principal: Principal)] = []
        if !hasAccount {
            let new = Account(holder: holder, available: available, currency: currency)
            commands.append((.addAccount(account(index), new), maker))
        }
        if !hasCard {
            let card = Card(
                account: account(index), masked: pan.description, sealedPAN: module.sealPAN(pan), expiry: expiry,
                pin: module.pinReference(pan: pan, pin: pin, kind: .pvv(keyIndex: UInt8(index % 7))), password: nil)
            commands.append((.addCard(module.cardKey(pan), card), maker))
        }
        return commands
    }
}

/// What a host knows of a load's terminal already.
struct KnownTerminal: Sendable {
    /// The merchant's name; nil if there is none yet.
    var name: String?
    var exists = false
    var isAskedFor = false
    var isApproved = false
    var ksnHighest: UInt32 = 0
    var healthHighest: UInt32 = 0
    var selfTestNumber: UInt32 = 0

    init() {}

    init(_ index: Int, in host: borrowing Host) {
        name = host.estate.merchants[LoadEstate.merchant(index)]?.name
        guard let terminal = host.estate.terminals[LoadEstate.terminal(index)] else { return }
        exists = true
        isAskedFor = terminal.activationAskedBy != nil
        isApproved = terminal.activationApprovedBy != nil
        ksnHighest = terminal.ksn.highest
        healthHighest = terminal.health.highest
        selfTestNumber = terminal.selfTestNumber
    }
}
