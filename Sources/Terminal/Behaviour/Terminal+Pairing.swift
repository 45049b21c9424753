// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// Which module is in the terminal (L02, C01), whether it still lives (L01, L03), and what the host's word ends of the
/// terminal's own warnings.
extension Terminal {
    /// L02: another module than the one that the host has accepted here.
    mutating func checkPairing(_ serial: UInt64, _ step: inout Step) {
        guard let pairing = book.service.pairing, pairing.serial != serial else { return }
        raise(.l02, needsOrder: true, &step)
    }

    /// A module that was swapped is shown to the host and to nobody else: no reversal leaves under its keys.
    var isModuleSwapped: Bool { book.service.warning(.l02) != nil }

    /// L01: more losses than a loose contact explains need a person.
    mutating func noteLoss(_ step: inout Step) {
        losses = losses.filter { step.now - $0 < configuration.flapWindow }.suffix(configuration.flapsMax) + [step.now]
        raise(.l01, needsOrder: losses.count > configuration.flapsMax, &step)
        module.resets = 0
        resetModule(&step)
    }

    private mutating func resetModule(_ step: inout Step) {
        module.resets += 1
        module.resetDue = step.now + configuration.moduleResetInterval
        step.log(.moduleReset)
        step.resetModule()
    }

    /// Resets a lost module until it counts as dead (L03). A journal that cannot be written may be why it is silent: where
    /// both share a disk, the module's image cannot be written either.
    mutating func reviveModule(_ step: inout Step) {
        module.resetDue = min(module.resetDue, step.now + configuration.moduleResetInterval)
        guard step.now >= module.resetDue else { return }
        if module.resets < configuration.moduleResetsMax || store != nil {
            resetModule(&step)
        } else {
            raise(.l03, needsOrder: true, &step)
        }
    }

    /// The module has accepted the host's ticket: the ticket ends what it names and whose cause is over. A module that is new
    /// here, by its number or its identity, is from now on the terminal's own.
    mutating func clearOwnWarnings(by ticket: LeaseTicket?, _ status: ModuleStatus, _ step: inout Step) {
        let named = ticket?.cleared ?? []
        let isPaired = pair(status, ticket, &step)
        if named.contains(.p02) {
            // Whoever cleared it has looked at what the terminal is set up with now.
            if book.service.parameters != configuration.parameters { adoptParameters(&step) }
        }
        for warning in book.service.warnings {
            let isEnded: Bool
            switch warning.code {
            case .l01: isEnded = !warning.needsOrder || named.contains(.l01)
            case .l02, .l03: isEnded = isPaired || named.contains(warning.code)
            case .c01: isEnded = named.contains(.c01) && status.profile == configuration.profile
            case .p02: isEnded = named.contains(.p02)
            default: isEnded = false
            }
            if isEnded {
                clear(warning.code, &step)
            } else {
                // The host grants leases and does not know of it: it is told once more.
                reportedWarnings.removeAll { $0 == warning.code }
            }
        }
    }

    /// - Returns: whether another module, or another identity of it, has been accepted.
    private mutating func pair(_ status: ModuleStatus, _ ticket: LeaseTicket?, _ step: inout Step) -> Bool {
        guard let ticket, signOn.serial.map({ $0 == status.serial }) ?? true else { return false }
        let pairing = Pairing(serial: status.serial, identityEpoch: ticket.identityEpoch)
        guard pairing != book.service.pairing else { return false }
        let isFirst = book.service.pairing == nil
        record(.service(.paired(pairing)), &step)
        return !isFirst
    }
}
