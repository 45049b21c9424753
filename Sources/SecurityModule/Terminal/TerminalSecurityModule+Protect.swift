// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension TerminalSecurityModule {
    /// Writes KSN, PIN block, health element and MAC, in this order, each over what stands before it.
    mutating func protect(
        _ purpose: ProtectionPurpose, _ message: [UInt8], _ holes: MessageHoles, _ pan: PAN?,
        _ now: Instant, fill: UInt64
    ) -> TerminalModuleReply {
        if let refusal = refusal(for: purpose, now) { return refused(refusal, now) }
        guard holes.fit(message, record.keys.profile) else { return badRequest(now) }
        var pin: ClearPIN?
        var number: PANDigits?
        if holes.pinBlock != nil {
            guard purpose == .authorisation, let pan else { return badRequest(now) }
            number = pan.forPIN
            guard keypad.holdsPIN else { return refused(.noPIN, now) }
            guard record.pinRate.allows(at: now) else {
                keypad.close()
                return throttled(now)
            }
            pin = keypad.takePIN()
        }
        guard record.healthCounter < .max, let transaction = nextTransaction(now) else {
            return refused(.keysExhausted, now)
        }
        record.healthCounter += 1
        var output = message
        output.replaceSubrange(holes.ksn, with: transaction.ksn)
        if let range = holes.pinBlock, let number, let pin = pin.take() {
            record.pinRate.recordUse(at: now)
            if pinsReserved > 0 { pinsReserved -= 1 } else { isDirty = true }
            output.replaceSubrange(range, with: transaction.encryptPINBlock(pin, pan: number, fill: fill))
        }
        writeHealth(into: &output, holes)
        output.replaceSubrange(holes.mac, with: transaction.requestMAC(output, before: holes.mac.lowerBound))
        self.transaction = consume transaction
        return .protected(message: output)
    }

    private mutating func writeHealth(into message: inout [UInt8], _ holes: MessageHoles) {
        let claims = HealthClaims(
            state: record.state, counter: record.healthCounter, leaseID: record.lease?.number ?? 0,
            identityEpoch: record.keys.identityEpoch, eventCounter: record.eventCounter,
            selfTestNumber: record.selfTestNumber)
        _ = keys.health.borrowed { key in
            HealthElementSeal.write(claims, key: key, into: &message, holes.health, holes.mac)
        }
    }

    /// The next transaction's keys, reserved durably before the reply leaves.
    private mutating func nextTransaction(_ now: Instant) -> TransactionKeys? {
        guard var device = keys.dukpt.take() else { return nil }
        let transaction = device.nextTransaction()
        let usedPercent = device.usedPercent
        keys.dukpt = consume device
        guard transaction != nil else {
            raise(.k03, severity: .s2, now)
            return nil
        }
        if usedPercent >= 90 { raise(.k03, severity: .s4, now) }
        if messagesReserved > 0 { messagesReserved -= 1 } else { isDirty = true }
        return transaction
    }

    /// Verifies the MAC of the answer to the message protected last. The third failure in a row is K06, which drops the
    /// transaction's keys.
    mutating func verifyAnswer(_ message: [UInt8], _ mac: Range<Int>, _ now: Instant) -> TerminalModuleReply {
        guard mac.lowerBound > 0, mac.count == MessageHoles.macLength, mac.upperBound == message.count else {
            return badRequest(now)
        }
        guard let keys = transaction.take() else { return .answerAuthentic(false) }
        let expected = keys.responseMAC(message, before: mac.lowerBound)
        let authentic = constantTimeEquals(expected, Array(message[mac]))
        transaction = consume keys
        if authentic {
            answerFailures = 0
        } else {
            answerFailures += 1
            if answerFailures >= Self.answerFailuresMax {
                answerFailures = 0
                raise(.k06, now)
            }
        }
        return .answerAuthentic(authentic)
    }

    /// K06.
    static var answerFailuresMax: Int { 3 }
}

extension MessageHoles {
    /// Bytes of a request's or an answer's MAC on the wire.
    static let macLength = 8

    /// Whether every hole has its length and lies within the message, none overlaps another, and the MAC closes it.
    func fit(_ message: [UInt8], _ profile: KeyProfile) -> Bool {
        guard ksn.count == profile.ksnLength, health.count == HealthElement.length, mac.count == Self.macLength,
            mac.upperBound == message.count, ksn.lowerBound >= 0, health.lowerBound >= 0,
            ksn.upperBound <= mac.lowerBound, health.upperBound <= mac.lowerBound, !ksn.overlaps(health)
        else { return false }
        guard let pinBlock else { return true }
        return pinBlock.count == profile.pinBlockLength && pinBlock.lowerBound >= 0
            && pinBlock.upperBound <= mac.lowerBound && !pinBlock.overlaps(ksn) && !pinBlock.overlaps(health)
    }
}
