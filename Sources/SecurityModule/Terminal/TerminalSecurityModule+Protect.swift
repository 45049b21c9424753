// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// Writes KSN, PIN block, health element and MAC, in this order, each over what stands before it.
    mutating func protect(
        _ purpose: ProtectionPurpose, _ message: [UInt8], _ holes: MessageHoles, _ pan: PAN?,
        _ now: Instant, _ random: inout some RandomSource
    ) -> TerminalModuleReply {
        if let refusal = refusal(for: purpose, now) { return refused(refusal, now) }
        guard holes.fit(message, record.keys.profile) else { return refused(.badRequest, now) }
        // Without a MAC goes only what must go before there are session keys.
        guard !holes.mac.isEmpty || purpose == .signOn || purpose == .report else { return refused(.badRequest, now) }
        if !holes.mac.isEmpty, let refusal = sessionRefusal { return refused(refusal, now) }
        var pin: ClearPIN?
        var number: PANDigits?
        var fill: UInt64 = 0
        if holes.pinBlock != nil {
            guard purpose == .authorisation, let pan else { return refused(.badRequest, now) }
            number = pan.forPIN
            guard keypad.holdsEntry(of: .cardholder) else { return refused(.noPIN, now) }
            guard record.pinRate.allows(at: now) else {
                keypad.close()
                return throttled(now)
            }
            pin = keypad.take(of: .cardholder)
            guard let word = drawWord(now, &random) else { return refused(.halted, now) }
            fill = word
        }
        guard record.healthCounter < .max else { return refused(.keysExhausted, now) }
        guard !holes.mac.isEmpty else { return protectWithoutMAC(message, holes) }
        guard let transaction = nextTransaction(now) else { return refused(.keysExhausted, now) }
        record.healthCounter += 1
        var output = message
        output.replaceSubrange(holes.ksn, with: transaction.ksn)
        if let range = holes.pinBlock, let number, let pin = pin.take() {
            record.pinRate.recordUse(at: now)
            if pinsReserved > 0 { pinsReserved -= 1 } else { isDirty = true }
            output.replaceSubrange(range, with: transaction.encryptPINBlock(pin, pan: number, fill: fill))
        }
        writeHealth(into: &output, holes)
        output.replaceSubrange(holes.mac, with: transaction.requestMAC(output, holes.covered))
        self.transaction = consume transaction
        duties.awaitsAnswerSince = now
        return .protected(message: output)
    }

    /// Only the health element says whose message it is. The answer to the message before it may still come.
    private mutating func protectWithoutMAC(_ message: [UInt8], _ holes: MessageHoles) -> TerminalModuleReply {
        reserveMessage()
        record.healthCounter += 1
        var output = message
        writeHealth(into: &output, holes)
        return .protected(message: output)
    }

    private mutating func writeHealth(into message: inout [UInt8], _ holes: MessageHoles) {
        let claims = HealthClaims(
            state: record.state, counter: record.healthCounter, leaseID: record.lease?.number ?? 0,
            identityEpoch: record.keys.identityEpoch, eventCounter: record.eventCounter,
            selfTestNumber: record.selfTestNumber)
        _ = keys.health.borrowed { key in
            HealthElementSeal.write(claims, key: key, into: &message, holes.health, holes.covered)
        }
    }

    /// The next transaction's keys, reserved durably before the reply leaves.
    private mutating func nextTransaction(_ now: Instant) -> TransactionKeys? {
        if let session = keys.session {
            reserveMessage()
            return .session(session)
        }
        guard var device = keys.dukpt.take() else { return nil }
        let transaction = device.nextTransaction()
        let usedPercent = device.usedPercent
        keys.dukpt = consume device
        guard transaction != nil else {
            raise(.k03, severity: .s2, now)
            return nil
        }
        if usedPercent >= 90 { raise(.k03, severity: .s4, now) }
        reserveMessage()
        return transaction
    }

    private mutating func reserveMessage() {
        if messagesReserved > 0 { messagesReserved -= 1 } else { isDirty = true }
    }

    /// Verifies the MAC of the answer to the message protected last. The third failure in a row is K06, which drops the
    /// keys of the transaction or session.
    mutating func verifyAnswer(
        _ message: [UInt8], _ mac: Range<Int>, from start: Int, _ now: Instant
    ) -> TerminalModuleReply {
        guard start >= 0, start < mac.lowerBound, mac.count == MessageHoles.macLength,
            mac.upperBound == message.count
        else { return refused(.badRequest, now) }
        guard let keys = transaction.take() else { return .answerAuthentic(false) }
        let (covered, given) = (start..<mac.lowerBound, Array(message[mac]))
        var authentic = constantTimeEquals(keys.responseMAC(message, covered), given)
        transaction = consume keys
        if isLateAnswer(message, covered, given, isNew: authentic) { authentic = true }
        if authentic {
            answerFailures = 0
            duties.awaitsAnswerSince = nil
        } else {
            answerFailures += 1
            if answerFailures >= Self.answerFailuresMax { endSession(now, needsOrder: failedLately(now)) }
        }
        return .answerAuthentic(authentic)
    }

    /// K06.
    static var answerFailuresMax: Int { 3 }
    /// A second K06 of wrong MACs so soon after the first was cleared needs an operator.
    static var answerFailureWindow: Interval { .hours(1) }

    private func failedLately(_ now: Instant) -> Bool {
        record.isOpen(.k06) || record.answerFailureCleared.map { now - $0 < Self.answerFailureWindow } ?? false
    }
}

extension MessageHoles {
    /// Bytes of a request's or an answer's MAC on the wire.
    static let macLength = 8

    /// What health element and MAC cover.
    var covered: Range<Int> { macStart..<mac.lowerBound }

    /// Whether every hole has its length and lies within what the MAC covers, none overlaps another, and the MAC closes
    /// the message. Without a MAC, which only a session profile allows, there is no PIN either.
    func fit(_ message: [UInt8], _ profile: KeyProfile) -> Bool {
        guard mac.count == Self.macLength || (mac.isEmpty && profile.isSession && pinBlock == nil),
            mac.upperBound == message.count, macStart >= 0, macStart < mac.lowerBound,
            ksn.count == profile.ksnLength, ksn.isEmpty || holds(ksn), health.count == HealthElement.length,
            holds(health), !ksn.overlaps(health)
        else { return false }
        guard let pinBlock else { return true }
        return pinBlock.count == profile.pinBlockLength && holds(pinBlock) && !pinBlock.overlaps(ksn)
            && !pinBlock.overlaps(health)
    }

    private func holds(_ hole: Range<Int>) -> Bool {
        hole.lowerBound >= macStart && hole.upperBound <= mac.lowerBound
    }
}
