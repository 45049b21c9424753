// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Interchange
import Journal
import ModuleProtocol
import SecurityModule
import Vocabulary

extension UpstreamSimulation {
    private static let name = "NORTH"

    func setUp() -> Bool {
        let merchant = Merchant(name: "Corner shop", mcc: MCC(5411), place: Position(latitude: 0, longitude: 0))
        let standIn =
            options.standsIn ? StandInLimits(transaction: 30_00, cardAndDay: 400_00) : StandInLimits.none
        guard give(.addMerchant(Simulation.merchant, merchant), Simulation.system),
            give(.setDestination(UpstreamDestination(name: Self.name, standIn: standIn)), Simulation.system),
            give(.setRouting("51 \(Self.name)\n"), Simulation.system)
        else { return false }
        for number in 0..<options.tills {
            guard let id = TerminalID("SWT\(String(number))"), addTill(id, number) else { return false }
        }
        for number in 0..<5 {
            guard let pan = PAN(accountDigits: String(510_000_000_000_000 + number * 7_919)) else { return false }
            cards.append(
                SimulatedCard(
                    key: module.cardKey(pan), pan: pan, expiry: 3_012, account: AccountID(0), pin: [1, 2, 3, 4],
                    balance: 0))
        }
        while host.engine?.isIdle == false {
            pump()
            land()
        }
        start()
        for index in tills.indices {
            send(index, tills[index].again(now: now))
            schedule(.till(index), meanMinutes: 1)
        }
        schedule(.hostCrash, meanMinutes: 12)
        schedule(.lineCut, meanMinutes: 15)
        schedule(.partition, meanMinutes: 20)
        schedule(.stopCard, meanMinutes: 4)
        schedule(.keys, meanMinutes: 8)
        schedule(.issuerKeys, meanMinutes: 8)
        return true
    }

    func start() {
        guard let engine = host.engine else { return }
        take(
            engine.startUpstream(
                zones: module, seed: options.seed, forgetsIntents: options.forgetsIntents, now: now))
    }

    private func give(_ command: Command, _ principal: Principal) -> Bool {
        guard let engine = host.engine else { return false }
        return (try? engine.submit(command, by: principal, now: now)) != nil
    }

    /// A card comes into the negative file, or leaves it: best one that something is under way for.
    func stopCard() {
        let open = host.engine?.host.upstream.open.last?.named.forward.card
        let card = open ?? cards[random.below(cards.count)].key
        let isListed = host.engine?.host.upstream.negative[card] != nil
        let reason = StopReason.allCases[random.below(StopReason.allCases.count)]
        _ = give(isListed ? .unlistCard(card) : .listCard(card, reason), Simulation.system)
        pump()
    }

    func changeKeys() {
        _ = give(.changeKeys(destination: Self.name), Simulation.system)
        pump()
    }

    private func addTill(_ id: TerminalID, _ number: Int) -> Bool {
        let record = EstateTerminal(
            merchant: Simulation.merchant, profile: number % 2 == 0 ? .tdes : .aes, keySet: 1, identityEpoch: 1,
            serial: UInt64(9_000 + number), currency: .eur)
        guard give(.addTerminal(id, record), Simulation.system), give(.activate(id), Simulation.maker),
            give(.activate(id), Simulation.checkerStaff),
            let terminal = RogueTerminal(
                id, Simulation.merchant, .eur,
                module.provision(record.keys(id), serial: record.serial, firmware: Simulation.firmware),
                spec: number % 3 == 2 ? .iso8583_1987_binary : .iso8583_1987)
        else { return false }
        tills.append(SwitchTill(terminal))
        return true
    }

    // MARK: - Tills

    func trade(_ index: Int) {
        schedule(.till(index), meanMinutes: 1)
        guard tills[index].step == .idle else { return }
        // Of any till, mostly its own: whether it may be referred to is the host's to say.
        let known = random.chance(perMille: 700) ? slips.filter { $0.till == index }.suffix(8) : slips.suffix(24)
        let original = random.chance(perMille: 500) ? nil : known.randomElement(&random)?.slip
        let kinds = TransactionKind.allCases.filter { kind in
            original.map { kind.refers(to: $0.kind) } ?? !kind.hasOriginal
        }
        guard let kind = kinds[...].randomElement(&random) else { return }
        guard let original else {
            let amount = kind == .balance ? 0 : Int64(1 + random.below(49_99))
            let card = cards[random.below(cards.count)]
            return send(index, tills[index].trade(kind, card, amount, of: nil, now: now))
        }
        let amount = kind.isVoid ? original.amount : Int64(1 + random.below(Int(original.amount)))
        send(index, tills[index].trade(kind, original.card, amount, of: original, now: now))
    }

    /// Sends now, and asks again later whether anything has come.
    func send(_ index: Int, _ bytes: [UInt8]?) {
        if let bytes, isCalm || !random.chance(perMille: 30) { queue.add(.toHost(index, bytes), at: now + delay) }
        queue.add(.again(index, since: now), at: now + .seconds(Int64(12 + random.below(10))))
    }

    func again(_ index: Int, _ since: Instant) {
        guard let bytes = tills[index].again(now: now) else { return }
        send(index, bytes)
    }

    // MARK: - End

    /// Once faults have stopped, three books must agree to the cent and nothing may be left open.
    func finish() {
        for till in tills {
            for kind in TransactionKind.allCases {
                report.approved += till.approved[kind] ?? 0
                report.kinds[Int(kind.rawValue) - 1] += till.approved[kind] ?? 0
            }
            report.declined += till.declined
            report.reversedByTills += till.reversed
            if till.step != .idle { complain("a till is still \(till.step)") }
        }
        (report.requests, report.advices) = (issuer.requests, issuer.advices)
        (report.reversals, report.repeats) = (issuer.reversals, issuer.repeats)
        report.violations += issuer.complaints
        guard let engine = host.engine else { return complain("the host is away") }
        for sentence in engine.host.brokenInvariants() { complain(sentence) }
        if host.recoveredDigest() != engine.host.digest() { complain("digest(live) ≠ digest(recovered)") }
        let book = engine.host.upstream
        if book.keys[0].sending.checkValues != issuer.keys.sending.checkValues || book.keys[0].offered != nil {
            complain("the sides of the zone have different keys")
        }
        if !book.open.isEmpty { complain("\(book.open.count) forwards have no end") }
        if book.deadCount > 0 { complain("\(book.deadCount) messages were given up") }
        let stored = book.stores.reduce(0) { $0 + $1.openCount }
        if stored > 0 { complain("\(stored) messages have not been delivered") }
        compare(engine.host)
        if issuer.balance + issuer.standingTotal != 0 { complain("the issuer's accounts have lost money") }
    }

    /// Debits less credits, what is held, and the batches: as the tills have it, the host, and the other one.
    private func compare(_ host: borrowing Host) {
        let sold = tills.reduce(Int64(0)) { $0 + $1.totals.debitAmount - $1.totals.creditAmount }
        let held = tills.reduce(Int64(0)) { $0 + $1.held }
        var (booked, holding): (Int64, Int64) = (0, 0)
        for entry in host.ledger.entries where entry.state != .reversed {
            switch entry.kind.side {
            case .debit: booked += entry.amount.minorUnits
            case .credit: booked -= entry.amount.minorUnits
            case .none:
                if entry.kind == .preAuthorisation, entry.state == .standing { holding += entry.amount.minorUnits }
            }
        }
        if sold != booked { complain("tills sold \(sold), the host booked \(booked)") }
        if sold != issuer.standingTotal { complain("tills sold \(sold), the issuer holds \(issuer.standingTotal)") }
        if held != holding || held != issuer.held {
            complain("tills hold \(held), the host \(holding), the issuer \(issuer.held)")
        }
        for till in tills where host.batch(of: till.terminal.id)?.totals != till.totals {
            complain("the batch of \(till.terminal.id) is not its till's")
        }
    }

    private func complain(_ sentence: String) { report.violations.append(sentence) }
}

extension ArraySlice {
    fileprivate func randomElement(_ random: inout SeededRandom) -> Element? {
        isEmpty ? nil : self[startIndex + random.below(count)]
    }
}
