// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// Session profiles: the keys from one sign-on to the next.
extension TerminalSecurityModule {
    /// A session profile without session keys protects nothing that a MAC belongs to.
    var sessionRefusal: ModuleRefusal? {
        record.keys.profile.isSession && !isUsable(.session) ? .signOnNeeded : nil
    }

    /// Takes a key download and the lease that came with it, in one step and one stored image.
    ///
    /// The ticket's CMAC covers the download and answers this module's own attestation: field 62 alone has neither a key
    /// behind its order nor a date, so that keys of an old session, or PIK and MAK in each other's place, would pass their
    /// check values. Whatever is refused leaves the old keys and raises K02.
    mutating func acceptKeys(_ download: [UInt8], _ ticket: [UInt8], _ now: Instant) -> TerminalModuleReply {
        guard record.keys.profile.isSession else { return refused(.badRequest, now) }
        // Nobody has asked for keys: anybody may send this, and it must not halt the terminal.
        guard attestation != nil, isUsable(.master), isUsable(.lease) else { return ticketRefused(now) }
        let session = keys.master.borrowed { $0.session(opening: download) }.flatMap { $0 }
        guard let session, let (ticket, attested) = authentic(ticket, with: download) else {
            append(.sessionKeysRefused, actor: .application, at: now)
            raise(.k02, now)
            return refused(.keysRefused, now)
        }
        previousSession = keys.session
        keys.session = session
        answerFailures = 0
        append(.sessionKeysLoaded, actor: .host, at: now)
        return accept(ticket, attested, now)
    }

    /// Whether the answer belongs to a message that was protected before the last key download. The first answer under the
    /// new keys ends that.
    ///
    /// - Parameter isNew: the answer is authentic under the keys of the message protected last.
    mutating func isLateAnswer(_ message: [UInt8], _ covered: Range<Int>, _ code: [UInt8], isNew: Bool) -> Bool {
        guard let previous = previousSession else { return false }
        let isLate = constantTimeEquals(
            message.withUnsafeBytes { previous.code(UnsafeRawBufferPointer(rebasing: $0[covered])) }, code)
        if isNew, !isLate { previousSession = nil }
        return isLate
    }

    /// K06: three answers in a row with a wrong MAC, or the host's word that a sign-on is due. The keys of the transaction
    /// or session go; everything else stays.
    ///
    /// - Parameter needsOrder: a sign-on alone does not end it.
    mutating func endSession(_ now: Instant, needsOrder: Bool = false) {
        answerFailures = 0
        raise(.k06, needsOrder: needsOrder, now)
        dropSessionKeys(now)
    }

    mutating func dropSessionKeys(_ now: Instant) {
        transaction = nil
        previousSession = nil
        guard keys.holds(.session) else { return }
        keys.zeroise(.session)
        append(.sessionKeysDropped, at: now)
    }
}
