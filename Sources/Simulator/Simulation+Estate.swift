// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Vocabulary

// MARK: - Terminals

extension Simulation {
    /// Lets a terminal handle an event, now and then with the power failing in the middle of it.
    func drive(_ index: Int, _ event: TerminalEvent) {
        let cutAt = !isCalm && random.chance(perMille: 2) ? random.below(12) : nil
        let (wishes, cut) = terminals[index].handle(event, now: now, cutAt: cutAt)
        perform(wishes, index)
        for invariant in terminals[index].terminal.brokenInvariants() where !cut {
            checker.report("terminal", "\(terminals[index].configuration.terminal) \(invariant.rawValue)", at: now)
        }
        trace("terminal \(index) \(TraceName.of(event)) → \(wishes.count) wishes, \(readiness(index))")
        if cut { restartTerminal(index) }
    }

    private func readiness(_ index: Int) -> String {
        terminals[index].terminal.refusal(now: now).map { "\($0)" } ?? "ready"
    }

    func perform(_ wishes: [SimulatedTerminal.Wish], _ index: Int) {
        for wish in wishes {
            switch wish {
            case .send(let bytes): send(bytes, index)
            case .timer(let timer, let interval):
                nextGeneration += 1
                timerGenerations[index][Int(timer.rawValue)] = nextGeneration
                queue.add(
                    .timer(index, power: terminals[index].powerEpoch, timer, generation: nextGeneration),
                    at: now + interval)
            case .cancel(let timer): timerGenerations[index][Int(timer.rawValue)] = 0
            case .hangUp: cutLine(index)
            }
        }
    }

    private func send(_ bytes: [UInt8], _ index: Int) {
        checker.sent(bytes, by: terminals[index].configuration.terminal, at: now)
        let channel = channel(index)
        guard isCalm || !random.chance(perMille: 15) else { return }
        queue.add(.toHost(channel: channel, bytes), at: now + delay)
        guard !isCalm else { return }
        if random.chance(perMille: 15) { queue.add(.toHost(channel: channel, bytes), at: now + delay + delay) }
        // Somebody on the network keeps a copy and plays it back, perhaps much later.
        if random.chance(perMille: 20) {
            queue.add(
                .toHost(channel: Self.injectedChannel, bytes), at: now + .seconds(Int64(random.below(40_000))))
        }
        // … or sends the host noise.
        if random.chance(perMille: 5) {
            var damaged = bytes
            damaged[random.below(damaged.count)] ^= UInt8(1 + random.below(255))
            queue.add(.toHost(channel: Self.injectedChannel, damaged), at: now + delay)
        }
    }

    func terminalReceives(_ index: Int, _ epoch: UInt32, _ bytes: [UInt8]) {
        guard terminals[index].lineEpoch == epoch, terminals[index].isConnected else { return }
        drive(index, .messageReceived(bytes))
    }

    func cutLine(_ index: Int) {
        guard terminals[index].isConnected else { return }
        terminals[index].cutLine()
        drive(index, .disconnected)
        let pause = Interval.seconds(isCalm ? 1 : Int64(1 + random.below(900)))
        queue.add(.connect(index, power: terminals[index].powerEpoch), at: now + pause)
    }

    func restartTerminal(_ index: Int) {
        report.terminalRestarts += 1
        trace("terminal \(index) restarts")
        guard terminals[index].restart(now: now) else {
            return checker.report("I3", "\(terminals[index].configuration.terminal) does not come back", at: now)
        }
        timerGenerations[index] = Array(repeating: 0, count: TimerID.allCases.count + 1)
        drive(index, .powerUp)
        let pause = Interval.seconds(Int64(1 + random.below(60)))
        queue.add(.connect(index, power: terminals[index].powerEpoch), at: now + pause)
    }

    func trade(_ index: Int) {
        schedule(.trade(index), meanMinutes: 20)
        let terminal = terminals[index]
        guard terminal.terminal.refusal(now: now) == nil, !terminal.terminal.isSelling,
            let request = nextRequest(terminal)
        else { return }
        report.sales += 1
        drive(index, .startSale(request.sale))
        guard terminals[index].terminal.isSelling, request.sale.kind == .balance || request.sale.wantsPIN,
            request.sale.kind.asksForPIN
        else { return }
        var digits = request.card.pin
        if random.chance(perMille: 60) { digits[digits.count - 1] = (digits[digits.count - 1] + 1) % 10 }
        let (wishes, _) = terminals[index].press(digits.map { .digit($0) } + [.enter], now: now)
        perform(wishes, index)
    }

    /// Half of all trade are purchases; the rest is drawn from every kind, and refers to what is in the batch or was
    /// handed out before.
    private func nextRequest(_ terminal: SimulatedTerminal) -> (sale: SaleRequest, card: SimulatedCard)? {
        guard let expiry = CardExpiry(year: 30, month: 12) else { return nil }
        var kind = TransactionKind.purchase
        if random.chance(perMille: 500) {
            kind = TransactionKind.allCases[random.below(TransactionKind.allCases.count)]
        }
        var card = cards[random.below(cards.count)]
        let wantsPIN = random.chance(perMille: 600)
        var units = Int64(1 + random.below(wantsPIN ? 30_000 : 5_000))
        var original: OriginalReference?
        if kind.hasOriginal {
            guard let known = knownOriginal(of: kind, terminal) else { return nil }
            card = known.card
            original = known.reference
            if kind.isVoid {
                units = known.amount
            } else {
                units = Int64(1 + random.below(Int(known.amount) * 12 / 10))
            }
        }
        let sale = SaleRequest(
            kind, card: CardData(pan: card.pan, expiry: expiry, entry: .chip),
            amount: Money(minorUnits: kind == .balance ? 0 : units, Self.currency), original: original,
            wantsPIN: wantsPIN)
        return (sale, card)
    }

    /// What a clerk finds on a slip: the trace number of this batch, or the reference of any.
    private func knownOriginal(
        of kind: TransactionKind, _ terminal: SimulatedTerminal
    ) -> (reference: OriginalReference, card: SimulatedCard, amount: Int64)? {
        let slips = slips.filter { kind.refers(to: $0.kind) }
        guard !slips.isEmpty else { return nil }
        let slip = slips[random.below(slips.count)]
        let isOfBatch = terminal.terminal.batch.contains { $0.rrn == slip.rrn }
        return (
            isOfBatch && random.chance(perMille: 500)
                ? .trace(slip.stan) : .reference(slip.rrn, approvalCode: nil), cards[slip.card], slip.amount
        )
    }

    func settleBatch(_ index: Int) {
        schedule(.settle(index), meanMinutes: 240)
        drive(index, .settle)
    }

    /// Keeps the slips of what was approved, for later transactions to refer to.
    func keepSlip(_ sale: Authorisation, _ kind: TransactionKind) {
        guard sale.answer.intent.isApproval, let key = sale.card, let card = cards.firstIndex(where: { $0.key == key })
        else { return }
        slips.append(
            Slip(
                kind: kind, stan: sale.names.key.stan, rrn: sale.answer.rrn, amount: sale.amount.minorUnits, card: card)
        )
        if slips.count > 64 { slips.removeFirst() }
    }
}

// MARK: - Hardware and the people who look after it

extension Simulation {
    func breakHardware(_ index: Int) {
        let faults: [HardwareFault] = [
            .selfTest, .missingKey, .notActivated, .incompatible, .loose, .temperature, .battery,
        ]
        // One fault in twelve is an attack on the case: that terminal never trades again.
        var fault = random.below(12) == 0 ? HardwareFault.tamper : faults[random.below(faults.count)]
        // A second failure of the algorithms is the service centre's (H01), and no run is long enough for its visit.
        if fault == .selfTest, terminals[index].hasFailedSelfTest { fault = .missingKey }
        if fault == .selfTest { terminals[index].hasFailedSelfTest = true }
        report.faults += 1
        trace("terminal \(index) breaks: \(fault.rawValue)")
        terminals[index].change(now: now) { $0.apply(fault) }
        let state = terminals[index].module.status(now: now).state
        if fault != .loose, fault != .battery, fault != .temperature, state == .ready {
            checker.report("I5", "\(fault.rawValue) left the module ready", at: now)
        }
        drive(index, .timerFired(.heartbeat))
        if fault != .tamper {
            queue.add(.repairHardware(index, fault), at: now + .minutes(Int64(5 + random.below(40))))
        }
        schedule(.breakHardware(index), meanMinutes: 500)
    }

    func repairHardware(_ index: Int, _ fault: HardwareFault) {
        terminals[index].change(now: now) { $0.repair(fault) }
        drive(index, .timerFired(.heartbeat))
    }

    /// Two operators go through the open warnings; a technician loads keys where they are missing; an analyst gives a
    /// locked card a new PIN.
    func deskRound() {
        if now + .minutes(30) <= end { queue.add(.deskRound, at: now + .minutes(30)) }
        for terminal in terminals {
            let id = terminal.configuration.terminal
            guard let engine = host.engine, let record = engine.host.estate.terminals[id] else { continue }
            let open = record.warnings.map(\.code)
            // A module without keys may have no way to tell the host; the merchant reads its screen to the desk.
            let shown = open + terminal.module.status(now: now).openWarnings.codes
            if shown.contains(.k02) || shown.contains(.h03), let last = engine.host.estate.terminals[id]?.ksn.highest {
                // Ahead of what was used, and a counter of few ones, as DUKPT wants them.
                let first = (last / 512 + 2) * 512
                let provisioning = hostModule.provision(
                    record.keys(id), serial: record.serial, firmware: Self.firmware, firstCounter: first)
                _ = terminal.load(provisioning, now: now)
            }
            for code in open {
                command(.clearWarning(id, code), Self.maker)
                command(.clearWarning(id, code), Self.checkerStaff)
            }
        }
        for card in cards {
            guard let record = host.engine?.host.issuer.cards[card.key], record.isPINLocked else { continue }
            command(.setPIN(card.key, record.pin), Self.analyst)
        }
    }
}

// MARK: - The rogue

extension Simulation {
    func rogueSignOn() {
        guard let rogue, !rogue.hasLease else { return }
        queue.add(.rogueSignOn, at: now + .minutes(2))
        if let bytes = rogue.hello(at: now) { rogueSends(bytes) }
    }

    func rogueSale() {
        if now + .minutes(40) < calm { queue.add(.rogueSale, at: now + .minutes(40)) }
        let amount = Money(minorUnits: Int64(100 + random.below(900)), Self.currency)
        guard let bytes = rogue?.sale(cards[random.below(cards.count)], amount: amount, at: now) else { return }
        rogueSends(bytes)
    }

    /// The copy sells too; sooner or later a KSN of its own is one that the other has used.
    func cloneSale() {
        if now + .minutes(55) < calm { queue.add(.cloneSale, at: now + .minutes(55)) }
        let amount = Money(minorUnits: Int64(100 + random.below(900)), Self.currency)
        guard let bytes = clone?.sale(cards[random.below(cards.count)], amount: amount, at: now) else { return }
        rogueSends(bytes)
    }

    private func rogueSends(_ bytes: [UInt8]) { queue.add(.toHost(channel: Self.rogueChannel, bytes), at: now + delay) }

    func rogueReceives(_ bytes: [UInt8]) {
        if let view = try? MessageView(bytes, spec: .iso8583_1987), view.mti == .financialResponse,
            view.text(39) != "00"
        {
            report.rogueRefused += 1
        }
        if let evidence = rogue?.receive(bytes, at: now) { rogueSends(evidence) }
    }
}

/// An event's name without what it carries.
enum TraceName {
    static func of(_ event: TerminalEvent) -> String { String("\(event)".prefix { $0 != "(" }) }
}
