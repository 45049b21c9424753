// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Issuer
import ModuleProtocol
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// Whatever `decide` makes can be read back: a record that cannot would end every later recovery there.
@Suite("Records that are decided")
struct RecordPropertyTests {
    /// Words and texts as nobody should send them, and some as they should be.
    struct Source {
        var random: SeededRandom

        mutating func word() -> UInt64 {
            let words: [UInt64] = [
                0, 1, 0x4100_4200_0000_0000, 0x4142_2020_0000_0000, 0x2041_4200_0000_0000, 0x4142_4344_4546_4748, .max,
                0x41FF_0000_0000_0000, 0x0041_4243_0000_0000, 0x4120_4200_0000_0000, 0x5449_4C4C_3030_3031,
            ]
            let index = random.below(words.count + 2)
            return index < words.count ? words[index] : UInt64(random.below(.max)) << UInt64(random.below(48))
        }

        mutating func staff() -> StaffID { StaffID(packed: word()) }
        mutating func terminal() -> TerminalID {
            random.below(2) == 0 ? Samples.terminal : TerminalID(packed: word())
        }
        mutating func text() -> String {
            [
                "", "Shop", "Bäckerei 面包店", "\u{0}zero\u{0}", String(repeating: "x", count: 256),
                String(repeating: "面", count: 200), "e\u{301}", "\u{FFFD}",
            ][random.below(8)]
        }
        mutating func number() -> Int64 { [0, 1, -1, .min, .max, 4_711][random.below(6)] }
        mutating func money() -> Money {
            Money(minorUnits: number(), Currency(numeric: [978, 0, 156, 65_535][random.below(4)]))
        }
        mutating func bytes() -> [UInt8] { random.bytes([0, 1, 12, 13, 256, 257][random.below(6)]) }
        mutating func reference() -> PINReference {
            random.below(2) == 0
                ? .pvv(UInt16(truncatingIfNeeded: word()), keyIndex: UInt8(truncatingIfNeeded: word()))
                : .offset(bytes())
        }
        mutating func card() -> CardKey {
            random.below(2) == 0 ? CardKey(high: 1, low: 1) : CardKey(high: word(), low: 0)
        }
        mutating func account() -> AccountID { AccountID(random.below(3) == 0 ? word() : 1) }

        mutating func keySet() -> UInt16 { UInt16(random.below(12)) }

        mutating func order() -> EstateOrder {
            switch random.below(11) {
            case 0: .receive(terminal(), seal: text())
            case 1: .loadInitialKeys(terminal())
            case 2: .issueKeys(terminal(), keySet: keySet())
            case 3: .permitSwap(terminal(), serial: word())
            case 4: .erase(terminal(), .t03)
            case 5: .takeIntoServiceCentre(terminal())
            case 6: .reidentify(terminal(), serial: word(), keySet: keySet())
            case 7: .retire(terminal())
            case 8: .revokeKeySet(keySet(), since: Samples.at - .days(Int64(random.below(9))))
            case 9: .extendLeases(until: Samples.at + .hours(Int64(random.below(80))))
            default: .trustSupplier(key: bytes())
            }
        }

        mutating func act() -> EstateAct {
            switch random.below(10) {
            case 0: .personalise(terminal())
            case 1: .ship(terminal(), seal: text())
            case 2: .enterMaintenance(terminal())
            case 3: .endMaintenance(terminal())
            case 4: random.below(9) == 0 ? .reportLost(terminal()) : .personalise(terminal())
            case 5: .inspect(terminal(), findings: random.below(2) == 0 ? [] : [.damage], photo: text())
            case 6:
                .setReleases(
                    model: keySet(),
                    ReleasePolicy(
                        recommended: SoftwareVersion(packed: UInt32(truncatingIfNeeded: word())),
                        minimum: SoftwareVersion(1, 0, 0), deadline: random.below(2) == 0 ? nil : Samples.at))
            case 7: .setDigests(Array(repeating: random.bytes(32), count: [0, 1, 64, 65][random.below(4)]))
            case 8: .setKeySetEnd(keySet(), until: Samples.at)
            default:
                .setTerms(
                    MerchantID(number: 1), MerchantTerms(acquirer: word(), account: word(), radius: 1))
            }
        }

        mutating func listCommand() -> Command {
            let name = ["hot", "hot", "1st", text()][random.below(4)]
            let kind = ListKind.allCases[random.below(2)]
            let key = ListKey(high: word(), low: word())
            switch random.below(6) {
            case 0: return .createList(name, kind, source: text())
            case 1:
                return .loadList(
                    ListTests.file("hot", [card()]), source: text(), keepsChanges: random.below(2) == 0)
            case 2, 3:
                let expires = random.below(2) == 0 ? nil : Instant(microseconds: number())
                let entry = ListEntry(key, ListOrigin(source: text(), reason: text()), expires: expires)
                return .addListEntry(list: name, kind, entry)
            case 4: return .removeListEntry(list: name, kind, key, reason: text())
            default: return .dropList(name, reason: text())
            }
        }

        mutating func command() -> Command {
            let version = SoftwareVersion(packed: UInt32(truncatingIfNeeded: word()))
            switch random.below(24) {
            case 0:
                return .addMerchant(
                    MerchantID(number: word()),
                    Merchant(
                        name: text(), mcc: MCC(UInt16(truncatingIfNeeded: number())),
                        place: Position(
                            latitude: Int32(truncatingIfNeeded: number()),
                            longitude: Int32(truncatingIfNeeded: number()))))
            case 1:
                return .addTerminal(
                    terminal(),
                    EstateTerminal(
                        merchant: MerchantID(number: random.below(2) == 0 ? 1 : word()), profile: .aes,
                        keySet: UInt16(truncatingIfNeeded: word()), identityEpoch: UInt16(truncatingIfNeeded: word()),
                        serial: word(), currency: money().currency))
            case 2: return .activate(terminal())
            case 3: return .clearWarning(terminal(), .k02)
            case 4: return .suspend(terminal())
            case 5: return .resume(terminal())
            case 6: return .setCompatibility(FirmwareRange(minimum: SoftwareVersion(packed: 0), maximum: version))
            case 7:
                return .addAccount(
                    account(), Account(holder: text(), available: abs(number() / 2), currency: money().currency))
            case 8:
                return .addCard(
                    card(),
                    Card(
                        account: account(), masked: text(), sealedPAN: bytes(),
                        expiry: UInt16(truncatingIfNeeded: word()), pin: reference(),
                        password: random.below(2) == 0 ? nil : reference()))
            case 9: return .setCardStatus(card(), CardStatus.allCases[random.below(CardStatus.allCases.count)])
            case 10: return .setPIN(card(), reference())
            case 11: return .confirmCase(CaseID(UInt64(random.below(9))), factor: random.below(2) == 0)
            case 12: return .denyCase(CaseID(UInt64(random.below(9))))
            case 13: return .freeze(account())
            case 14: return .unfreeze(account())
            case 15:
                return .addNotice(
                    card(),
                    AdvanceNotice(
                        from: Samples.at, until: Samples.at + .days(Int64(random.below(100))), amountMax: money(),
                        categories: Array(repeating: MCC(1), count: [0, 1, 64, 65][random.below(4)])))
            case 23: return listCommand()
            case 18: return .cutOver
            case 19, 20: return .order(order())
            case 21: return .act(act())
            case 22: return random.below(2) == 0 ? .tick : .act(act())
            case 16:
                return .dispute(
                    card(), terminal: terminal(), merchant: MerchantID(number: word()), amount: money(),
                    rrn: RRN(word()))
            default: return .loadRules(["tillguard-rules 1\n# 规则\u{0}", "nonsense", text()][random.below(3)])
            }
        }
    }

    @Test("every record that a command makes decodes to itself, and so does the host that it makes", arguments: 1...8)
    func commands(seed: UInt64) throws {
        var source = Source(random: SeededRandom(seed: seed))
        var host = Host(rules: try require(Files.shippedRules))
        var (taken, malformed) = (0, 0)
        for _ in 0..<1_500 {
            let role = Role.allCases[source.random.below(Role.allCases.count)]
            let staff = source.random.below(3) == 0 ? source.staff() : Samples.alice
            let command = source.command()
            let record: HostRecord
            do throws(CommandRefusal) {
                record = try host.decide(command, by: Principal(staff: staff, role: role), now: Samples.at)
            } catch {
                if case .malformed = error { malformed += 1 }
                continue
            }
            #expect(try HostRecord(decoding: record.encoded()) == record, "seed \(seed): \(command)")
            host.apply(record)
            taken += 1
        }
        let bytes = host.snapshot()
        #expect(try Host(snapshot: bytes).snapshot() == bytes, "seed \(seed)")
        // A run in which nothing was taken, or nothing refused, would prove nothing.
        #expect(taken > 30 && malformed > 50)
    }

    @Test("every record that a run of messages made decoded to itself", arguments: UInt64(1)...2)
    func messages(seed: UInt64) throws {
        let bench = try Bench()
        let till = try bench.till("TILL0001", mcc: 5_993)
        let card = try bench.card(password: "808080")
        var random = SeededRandom(seed: seed)
        for _ in 0..<150 {
            bench.wait(.seconds(Int64(random.below(500))))
            var sale = SaleSpec(card, Int64(1 + random.below(50_000)), pin: ["1234", "0000"][random.below(2)])
            sale.goods = [nil, "LUXURY", " A,B B,~", "A,,B", "A "][random.below(5)]
            sale.transmission = [nil, 0, 9_999_999_999][random.below(3)]
            sale.expiry = [3012, 0, 9_999][random.below(3)]
            let message = try till.message(sale)
            _ = try bench.send(message)
            if random.below(5) == 0 {
                _ = try bench.send(try till.report(["H05,K02", "X99", ",,", "S04,S04"][random.below(4)]))
                _ = try bench.send(try till.echo())
            }
            if random.below(9) == 0 { try bench.submit(.setPIN(card.key, bench.card(card).pin), by: Bench.carol) }
        }
        #expect(bench.records.count > 100)
        for record in bench.records { #expect(try HostRecord(decoding: record.encoded()) == record) }
        try bench.check()
    }

    @Test(
        "a name with a gap, a space at its end or nothing in it is refused, for who commands and for what is named",
        arguments: [0, 0x4100_4200_0000_0000, 0x4142_2000_0000_0000, 0x0041_0000_0000_0000, 0x41FF_0000_0000_0000])
    func names(packed: UInt64) throws {
        let bench = try Bench()
        let till = try bench.till()
        let staff = StaffID(packed: packed)
        let terminal = TerminalID(packed: packed)
        #expect(!staff.isWellFormed && !terminal.isWellFormed)
        #expect(
            bench.refusal(.suspend(till.id), by: Principal(staff: staff, role: .operator)) == .malformed(.staff))
        let record = try bench.terminal(till.id)
        #expect(bench.refusal(.addTerminal(terminal, record), by: Bench.system) == .malformed(.terminal))
    }

    @Test("what is longer than a record keeps is refused, one at the limit is taken")
    func limits() throws {
        let bench = try Bench()
        func merchant(_ name: Int) -> Command {
            .addMerchant(
                MerchantID(number: UInt64(name)),
                Merchant(
                    name: String(repeating: "x", count: name), mcc: MCC(1), place: Position(latitude: 0, longitude: 0)))
        }
        #expect(bench.refusal(merchant(Command.textBytesMax + 1), by: Bench.system) == .malformed(.name))
        try bench.submit(merchant(Command.textBytesMax), by: Bench.system)
        let far = Command.addMerchant(
            MerchantID(number: 1_000_000_000_000_000),
            Merchant(name: "x", mcc: MCC(1), place: Position(latitude: 0, longitude: 0)))
        #expect(bench.refusal(far, by: Bench.system) == .malformed(.merchant))
        let high = Command.addMerchant(
            MerchantID(number: 1),
            Merchant(name: "x", mcc: MCC(1), place: Position(latitude: 90_000_001, longitude: 0)))
        #expect(bench.refusal(high, by: Bench.system) == .malformed(.position))
        try bench.check()
    }

    @Test("a firmware range that holds nothing is refused: it would stop every terminal")
    func emptyRange() throws {
        let bench = try Bench()
        let (low, high) = (SoftwareVersion(1, 0, 0), SoftwareVersion(1, 0, 1))
        let empty = FirmwareRange(minimum: high, maximum: low)
        #expect(bench.refusal(.setCompatibility(empty), by: Bench.alice) == .estate(.emptyRange))
        try bench.submit(.setCompatibility(FirmwareRange(minimum: high, maximum: high)), by: Bench.alice)
        try bench.check()
    }
}
