// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Vocabulary

/// What a ticket brings beside a lease.
extension TerminalSecurityModule {
    /// Carries out an order of an authentic ticket. Nothing repeats it: a ticket answers one attestation.
    mutating func carryOut(_ order: ModuleOrder, _ now: Instant) {
        guard record.latch == nil else { return }
        append(.ordered, actor: .host, detail: order.number, at: now)
        switch order {
        case .eraseEverything(let code):
            raise(code, severity: .s1, now)
            // Two people want everything gone, whatever the code they gave erases by itself.
            if record.latch == nil { latch(code, now) }
        case .revokeKeys(let keySet):
            record.revoke(keySet: keySet)
            if keySet == record.keys.keySet { raise(.k01, now) }
        case .unlockSupervisors: unlockSupervisors(now)
        case .beginLogEpoch: beginLogEpoch(now)
        }
    }

    /// Holds the module's clock against the host's (H06).
    ///
    /// The host answered between the attestation and now: its clock must lie between the two, give or take the tolerance.
    /// An exchange that took longer than the tolerance can prove that the clocks disagree and no longer that they agree,
    /// since whoever holds a ticket back chooses when it arrives.
    mutating func compareClock(_ hostTime: Instant?, _ attested: Attestation, _ now: Instant) {
        guard let hostTime else { return }
        let ahead = attested.at - hostTime
        let behind = hostTime - now
        let difference = max(ahead, behind)
        if difference > Self.clockTolerance {
            if !record.isClockOff {
                append(
                    .clockDisagrees, detail: UInt32(clamping: difference.microseconds / 1_000_000), at: now)
            }
            record.isClockOff = true
        } else if now - attested.at <= Self.clockTolerance {
            record.isClockOff = false
        }
    }
}

extension ModuleOrder {
    /// For the audit log: the order's kind on the wire.
    fileprivate var number: UInt32 {
        switch self {
        case .eraseEverything: 1
        case .revokeKeys: 2
        case .unlockSupervisors: 3
        case .beginLogEpoch: 4
        }
    }
}
