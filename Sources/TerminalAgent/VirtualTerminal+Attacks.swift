// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ModuleProtocol
import SecurityModule
import Terminal
import Vocabulary

/// What thieves, malware and bad releases do to a virtual terminal. What comes of it the module finds by itself.
extension VirtualTerminal {
    func make(_ fault: ModuleFault) {
        switch fault {
        case .moduleCrash: restartModule(inOrder: false)
        case .moduleRestart: restartModule(inOrder: true)
        case .keyStore: withFiles { try $0.damage(.leaseKey) }
        case .logChain: withFiles { try $0.damage(.logChain) }
        case .selfTests:
            withModule { unit in for _ in 0..<5 { _ = try unit.handle(.selfTest, now: now()) } }
        case .imageCopied: benchFiles { try $0.copyImage() }
        case .imageOld: withFiles { try $0.putBackImage() }
        case .misuse:
            withModule { unit in
                for _ in 0..<10 {
                    _ = try unit.handle(.attest(nonce: [], application: terminal.configuration.application), now: now())
                }
            }
        case .pinGuessing: withModule { unit in for _ in 0..<10 { try guessPIN(unit) } }
        case .deadUpdate: withModule { try $0.update(now: now()) }
        }
        handle(.timerFired(.heartbeat))
    }

    /// The module's power off and on.
    private func restartModule(inOrder: Bool) {
        if inOrder { withModule { try $0.shutDown(now: now()) } }
        openModule()
        withModule { try $0.powerUp(now: now()) }
    }

    /// Its files change while the module has no power.
    private func withFiles(_ body: (TerminalFiles) throws -> Void) {
        benchFiles(body)
        restartModule(inOrder: false)
    }

    /// A PIN that nobody knows whether it is right, and the message that carries it, which stays here.
    private func guessPIN(_ unit: VirtualModule) throws {
        guard case .status = try unit.handle(.beginPINEntry, now: now()),
            let (bytes, holes) = try? ownMessage(pin: true), let pan = PAN(accountDigits: "400000000000001")
        else { return }
        for digit in UInt8(1)...4 { _ = try unit.press(.digit(digit), now: now()) }
        _ = try unit.press(.enter, now: now())
        _ = try unit.handle(
            .protect(purpose: .authorisation, message: bytes, holes: holes, pan: pan), now: now())
    }

    /// A message as far as the module reads it.
    private func ownMessage(pin: Bool) throws -> (bytes: [UInt8], holes: MessageHoles)? {
        let profile = terminal.configuration.profile
        var builder = MessageBuilder(.financialRequest, spec: .iso8583_1987)
        builder.set(11, number: 900)
        builder.set(41, text: id.description)
        if pin { builder.reserve(profile.pinBlockField, count: profile.pinBlockLength) }
        if profile.ksnLength > 0 { builder.reserve(62, count: profile.ksnLength) }
        builder.reserve(63, count: HealthElement.length)
        builder.reserveMAC()
        let encoded = try builder.encode()
        guard let health = encoded.range(of: 63), let mac = encoded.macField.flatMap({ encoded.range(of: $0) }) else {
            return nil
        }
        return (
            encoded.bytes,
            MessageHoles(
                ksn: encoded.range(of: 62) ?? 0..<0, health: health,
                pinBlock: pin ? encoded.range(of: profile.pinBlockField) : nil, mac: mac)
        )
    }

    // MARK: - Another module

    /// Puts another module, new from its maker, in the place of the terminal's.
    ///
    /// - Parameter count: counters that somebody has used up on it before.
    func insertModule(
        burning count: Int, _ provision: @escaping @Sendable (ModuleUnit) throws -> ModuleProvisioning
    ) {
        // One that has failed is taken out without an orderly end.
        do { try unit?.shutDown(now: now()) } catch {}
        self.provision = provision
        isModuleSilent = false
        benchFiles { try $0.removeModule() }
        openModule()
        burn(count)
        handle(.timerFired(.heartbeat))
    }

    /// Uses up counters on messages that never leave.
    func burn(_ count: Int) {
        withModule { unit in
            guard count > 0, let (bytes, holes) = try? ownMessage(pin: false) else { return }
            for _ in 0..<count {
                _ = try unit.handle(.protect(purpose: .report, message: bytes, holes: holes, pan: nil), now: now())
            }
        }
    }

    // MARK: - A rogue POS application

    /// What a rogue POS application got of the module.
    enum Loot {
        /// A sale that the module has protected. It has not left.
        case message([UInt8])
        /// The module said no.
        case refused(ModuleRefusal)
        /// The module does not answer.
        case unreachable
        /// The application had nothing to ask the module for.
        case nothing(SaleOutcome?)
    }

    /// Keeps the POS application as it is now, for a rogue one that will know of no warning.
    func keepApplication() { kept = (terminal, now()) }

    /// Has a rogue POS application ask the module to protect a sale. The terminal's own application and its journal know
    /// nothing of it. Its trace number comes again with every such sale, and it puts each a minute further back, so that no
    /// two are the same.
    func loot(_ request: SaleRequest) -> Loot {
        // Its clock stands still, so that it knows of no lease that has ended.
        let (kept, since) = kept ?? (terminal, now())
        var rogue = kept
        loots += 1
        let claimed = since + .minutes(-loots)
        var inbox = [TerminalEvent.startSale(request)]
        var outcome: SaleOutcome?
        while !inbox.isEmpty {
            for effect in rogue.handle(inbox.removeFirst(), now: claimed) {
                switch effect {
                case .send(let message) where rogue.isSelling: return .message(message)
                case .module(let command):
                    let before = inbox.count
                    withModule { unit in
                        guard unit.hardware.connectorSeated, !isModuleSilent else { return }
                        inbox.append(.moduleReply(try unit.handle(command, now: now())))
                    }
                    guard inbox.count > before else { return .unreachable }
                    if case .moduleReply(.refused(let refusal, _))? = inbox.last { return .refused(refusal) }
                    // A rogue application takes what it got; it seals nothing for the host.
                    if case .moduleReply(.protected(let message))? = inbox.last,
                        kept.configuration.dialect != .unionPayPOS
                    {
                        return .message(message)
                    }
                case .outcome(let ended): outcome = ended
                default: break
                }
            }
        }
        return .nothing(outcome)
    }

    // MARK: - Supervisors

    /// Opens the module's keypad for a supervisor's passcode.
    ///
    /// - Returns: why it stays closed; nil where it is open.
    func beginSupervisor(_ number: UInt8, _ purpose: SupervisorPurpose) -> String? {
        var refusal: String? = "no module"
        keypadOutcome = nil
        withModule { unit in
            refusal = try unit.beginSupervisor(number, purpose, now: now()).map { "\($0)" }
        }
        return refusal
    }
}
