// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Logging
import ModuleProtocol
import NIOCore
import SecurityModule
import Terminal
import Vocabulary

/// What hands do to a virtual terminal: power, hardware, files, keys.
extension VirtualTerminal {
    /// Ends the POS application and starts it again; the module goes on.
    ///
    /// - Parameters:
    ///   - inOrder: false: it crashes.
    ///   - configuration: what it is set up with from now on.
    func restart(inOrder: Bool, with configuration: TerminalConfiguration? = nil) {
        if inOrder { handle(.shutDown) }
        cancelTimers()
        openTerminal(configuration ?? terminal.configuration)
        handle(.powerUp)
        // A line that is up belongs to the life before; the next one is made when it has gone.
        hangUp()
    }

    /// Changes the hardware as somebody with a screwdriver would; the module finds out by itself, in this step.
    func change(_ body: (inout EmulatedHardware) -> Void) {
        withModule { try $0.change(now: now(), body) }
        // The module's interrupt line: the application asks for its status at once instead of at the next heartbeat.
        handle(.timerFired(.heartbeat))
    }

    func make(_ fault: TerminalFault) {
        switch fault {
        case .journalDamaged:
            benchFiles { try $0.damageJournal() }
            restart(inOrder: false)
        case .journalFull: benchFiles { $0.fillJournal(true) }
        case .unresponsive: isModuleSilent = true
        case .swap: exchangeModule(out: true)
        case .parameters:
            var altered = terminal.configuration
            altered.stepUp = []
            restart(inOrder: true, with: altered)
        case .crash: for _ in 0..<3 { restart(inOrder: false) }
        }
    }

    /// Takes a fault away, as an authorised technician would. It clears no warning.
    func repair(_ fault: TerminalFault) {
        switch fault {
        // The damaged file is kept aside, and a crash is over: there is nothing to repair.
        case .journalDamaged, .crash: break
        case .journalFull: benchFiles { $0.fillJournal(false) }
        case .unresponsive: isModuleSilent = false
        case .swap: exchangeModule(out: false)
        case .parameters: restart(inOrder: true, with: commissioned)
        }
    }

    private func exchangeModule(out: Bool) {
        moduleUnit = out ? .other : .own
        // One that has failed is taken out without an orderly end.
        do { try unit?.shutDown(now: now()) } catch {}
        benchFiles { files in
            if try files.exchangeModule(out: out) { openModule() }
        }
        handle(.timerFired(.heartbeat))
    }

    /// Only the store of files can be worked on by hand.
    func benchFiles(_ body: (TerminalFiles) throws -> Void) {
        guard let files = store as? TerminalFiles else { return }
        do { try body(files) } catch {
            logger.error("the bench's fault failed", metadata: ["terminal": "\(id)", "error": "\(error)"])
        }
    }
}
