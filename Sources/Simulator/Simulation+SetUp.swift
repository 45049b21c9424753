// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Issuer
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Terminal
import Vocabulary

extension Simulation {
    static let rogueIndex = Int.max
    static let firmware = SoftwareVersion(1, 2, 0)
    static let maker = Principal(staff: StaffID(packed: 0x4D41_4B45_5200_0000), role: .operator)
    static let checkerStaff = Principal(staff: StaffID(packed: 0x4348_4543_4B00_0000), role: .operator)
    static let analyst = Principal(staff: StaffID(packed: 0x414E_414C_5953_5400), role: .analyst)

    func setUp() -> Bool {
        let merchant = Merchant(name: "Corner shop", mcc: MCC(5411), place: Position(latitude: 0, longitude: 0))
        guard command(.addMerchant(Self.merchant, merchant), Self.system) else { return false }
        for number in 0..<options.terminals + 1 {
            guard let id = TerminalID("SIM\(String(number))"), addTerminal(id, number) else { return false }
        }
        for number in 0..<max(8, options.terminals * 6) {
            guard addCard(number) else { return false }
        }
        drainCommits()
        timerGenerations = Array(
            repeating: Array(repeating: 0, count: TimerID.allCases.count + 1), count: terminals.count)
        for index in terminals.indices {
            drive(index, .powerUp)
            queue.add(.connect(index, power: 0), at: now + delay)
            schedule(.trade(index), meanMinutes: 20)
            schedule(.settle(index), meanMinutes: 240)
            // The last one of all comes when everything else has settled.
            queue.add(.settle(index), at: end + .minutes(-30))
            schedule(.lineCut(index), meanMinutes: 90)
            schedule(.powerCut(index), meanMinutes: 400)
            schedule(.breakHardware(index), meanMinutes: 500)
        }
        schedule(.hostCrash, meanMinutes: 240)
        schedule(.snapshot, meanMinutes: 120)
        queue.add(.deskRound, at: now + .minutes(30))
        queue.add(.ruleRound, at: now + .minutes(45))
        queue.add(.cutOver, at: now + .hours(11))
        queue.add(.rogueSignOn, at: now + .minutes(1))
        queue.add(.rogueSale, at: now + .minutes(10))
        if options.hasClone { queue.add(.cloneSale, at: now + .hours(2)) }
        return true
    }

    /// Every third terminal is UnionPay's, of a session profile that the seed picks; the rogue has a KSN. The next third
    /// packs its digits.
    private func keyProfile(_ number: Int) -> KeyProfile {
        guard number % 3 != 0, number != options.terminals else { return number % 2 == 0 ? .tdes : .aes }
        guard number % 3 == 1 else { return options.seed % 2 == 0 ? .tdes : .aes }
        let sessions = KeyProfile.session
        return sessions[Int((options.seed &+ UInt64(number / 3)) % UInt64(sessions.count))]
    }

    private func addTerminal(_ id: TerminalID, _ number: Int) -> Bool {
        let profile = keyProfile(number)
        let record = EstateTerminal(
            merchant: Self.merchant, profile: profile, keySet: 1, identityEpoch: 1, serial: UInt64(9_000 + number),
            currency: Self.currency)
        guard command(.addTerminal(id, record), Self.system), command(.activate(id), Self.maker),
            command(.activate(id), Self.checkerStaff)
        else { return false }
        let provisioning = hostModule.provision(record.keys(id), serial: record.serial, firmware: Self.firmware)
        if number == options.terminals {
            rogue = RogueTerminal(id, Self.merchant, Self.currency, provisioning)
            if options.hasClone { clone = RogueTerminal(id, Self.merchant, Self.currency, provisioning) }
            return rogue != nil
        }
        var configuration = TerminalConfiguration(
            terminal: id, merchant: Self.merchant, profile: profile, currency: Self.currency,
            application: SoftwareVersion(1, 0, 0))
        configuration.heartbeatInterval = .minutes(5)
        // Somebody reseats a loose module within an hour, and not each of them is dead.
        configuration.moduleResetInterval = .hours(1)
        if number.isMultiple(of: 2) { configuration.echoInterval = .minutes(15) }
        configuration.dialect = profile.isSession ? .unionPayPOS : number % 3 == 2 ? .iso8583Binary : .iso8583
        guard
            let terminal = SimulatedTerminal(
                configuration, provisioning: provisioning, seed: options.seed &+ UInt64(number), now: now)
        else { return false }
        terminals.append(terminal)
        return true
    }

    private func addCard(_ number: Int) -> Bool {
        let digits = String(400_000_000_000_000 + number * 7_919)
        guard let pan = PAN(accountDigits: digits) else { return false }
        var entry = PINEntry()
        let count = number % 3 == 0 ? 6 : 4
        var pin: [UInt8] = []
        for _ in 0..<count {
            let digit = UInt8(random.below(10))
            pin.append(digit)
            _ = entry.press(digit)
        }
        guard let clear = entry.finish() else { return false }
        let reference = hostModule.pinReference(pan: pan, pin: clear, kind: .pvv(keyIndex: 1))
        let account = AccountID(UInt64(number + 1))
        let balance: Int64 = 500_000
        let key = hostModule.cardKey(pan)
        cards.append(
            SimulatedCard(key: key, pan: pan, expiry: 3012, account: account, pin: pin, balance: balance))
        // A sealed PAN has a random nonce; the simulation must be the same twice, and nobody opens it here.
        let card = Card(
            account: account, masked: pan.description, sealedPAN: [], expiry: 3012, pin: reference, password: nil)
        return command(
            .addAccount(account, Account(holder: "Holder \(number)", available: balance, currency: Self.currency)),
            Self.system) && command(.addCard(key, card), Self.system)
    }

    /// Gives a command; a refusal is an answer like any other.
    @discardableResult
    func command(_ command: Command, _ principal: Principal) -> Bool {
        guard let engine = host.engine else { return false }
        do throws(CommandRefusal) {
            _ = try engine.submit(command, by: principal, now: now)
            pump()
            return true
        } catch { return false }
    }

    private func drainCommits() {
        while host.engine?.isIdle == false {
            landed()
        }
    }
}
