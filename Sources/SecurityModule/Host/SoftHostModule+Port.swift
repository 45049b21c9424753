// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

extension SoftHostModule {
    public func open(_ commands: [OpenCommand]) -> [OpenVerdict] {
        var verdicts: [OpenVerdict] = []
        verdicts.reserveCapacity(commands.count)
        for command in commands { verdicts.append(open(command)) }
        return verdicts
    }

    /// A command that makes no sense (a range outside the message, a ticket that does not fit, a KSN of another
    /// terminal) gives its message with a MAC of zeros, which settles nothing at a terminal.
    public func seal(_ commands: [SealCommand]) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        messages.reserveCapacity(commands.count)
        for command in commands { messages.append(seal(command)) }
        return messages
    }

    public func nonce(_ context: [UInt8]) -> [UInt8] { nonceCode.code(context) }

    public func cardKey(_ pan: PAN) -> CardKey {
        let (high, low) = hash.hash(pan.ascii)
        return CardKey(high: high, low: low)
    }

    /// Authenticates, then health and evidence, then, only if the expectation is met, the PIN.
    private func open(_ command: OpenCommand) -> OpenVerdict {
        let message = command.message
        var verdict = OpenVerdict(
            macAuthentic: false, health: nil, evidence: nil, pin: .untried, ksnCounter: 0, digest: Self.digest(message))
        let mac = command.mac
        guard mac.count == MessageHoles.macLength, mac.upperBound == message.count,
            Self.covers(command.ksn, command), command.ksn.count == command.keys.profile.ksnLength,
            let ksn = KSN(bytes: message[command.ksn])
        else { return verdict }
        verdict.ksnCounter = ksn.counter
        let context = context(command.keys)
        guard ksn.initialKeyID == context.initialKeyID,
            let transaction = transactionKeys(context, ksn),
            constantTimeEquals(transaction.requestMAC(message, before: mac.lowerBound), Array(message[mac]))
        else { return verdict }
        verdict.macAuthentic = true
        let health = command.health.flatMap { $0.count == HealthElement.length ? $0 : nil }
        if health != nil || command.evidence != nil {
            let code = healthCode(context)
            if let health, Self.covers(health, command) {
                verdict.health = HealthElementSeal.verify(message, health: health, mac: mac, code: code)
            }
            if let range = command.evidence, Self.covers(range, command) {
                verdict.evidence = Self.evidence(Array(message[range]), code)
            }
        }
        guard let expectation = command.expectation, let question = command.pin, let claims = verdict.health,
            expectation.isMet(by: claims), claims.identityEpoch == command.keys.identityEpoch
        else { return verdict }
        verdict.pin = pinVerdict(question, command, transaction)
        return verdict
    }

    /// Whether the request's MAC covers the range.
    private static func covers(_ range: Range<Int>, _ command: OpenCommand) -> Bool {
        range.lowerBound >= 0 && range.upperBound <= command.mac.lowerBound
    }

    private static func digest(_ message: [UInt8]) -> UInt64 {
        withUnsafeTemporaryAllocation(byteCount: SHA256.digestCount, alignment: 8) { output in
            message.withUnsafeBytes { SHA256.hash($0, into: output) }
            return UInt64(bigEndian: output.load(as: UInt64.self))
        }
    }

    private static func evidence(_ bytes: [UInt8], _ code: borrowing AESCMAC) -> EvidenceClaims? {
        guard bytes.count > EvidenceClaims.macLength else { return nil }
        let body = Array(bytes.dropLast(EvidenceClaims.macLength))
        guard code.verify(Array(bytes.suffix(EvidenceClaims.macLength)), message: body) else { return nil }
        return try? EvidenceClaims(decoding: body)
    }

    /// A PVV covers four digits, so that it verifies no longer PIN (rule R3).
    private func pinVerdict(
        _ question: PINQuestion, _ command: OpenCommand, _ transaction: borrowing TransactionKeys
    ) -> PINVerdict {
        guard question.block.count == command.keys.profile.pinBlockLength, Self.covers(question.block, command),
            let pan = question.pan.forPIN,
            let pin = try? transaction.decryptPINBlock(Array(command.message[question.block]), pan: pan)
        else { return .unusable }
        let right: Bool
        switch question.reference {
        case .pvv(let value, let index):
            guard value <= 9_999 else { return .unusable }
            let digits = [1_000, 100, 10, 1].map { UInt8(value / $0 % 10) }
            let verified = pinKeys.withVisaPVK(index) {
                VisaPVV.verify(digits, pvk: $0, pan: pan, pvki: index, pin: pin)
            }
            guard let verified else { return .unusable }
            right = verified && pin.count == 4
        case .offset(let offset):
            right = pinKeys.withIBMPVK {
                IBM3624.verify(offset, pvk: $0, pan: pan, table: decimalization, pin: pin)
            }
        }
        return right ? .right : .wrong
    }

    private func seal(_ command: SealCommand) -> [UInt8] {
        var message = command.message
        let mac = command.mac
        guard mac.count == MessageHoles.macLength, mac.upperBound == message.count, mac.lowerBound >= 0 else {
            return []
        }
        message.replaceSubrange(mac, with: repeatElement(0, count: mac.count))
        let context = context(command.keys)
        guard command.ksn.count == command.keys.profile.ksnLength, let ksn = KSN(bytes: command.ksn),
            ksn.initialKeyID == context.initialKeyID,
            let transaction = transactionKeys(context, ksn)
        else { return message }
        if let (ticket, range) = command.ticket {
            var bytes = ticket.encoded()
            bytes += AESCMAC(key: masters.leaseKey(command.keys)).code(bytes)
            guard range.count == bytes.count, range.lowerBound >= 0, range.upperBound <= mac.lowerBound else {
                return message
            }
            message.replaceSubrange(range, with: bytes)
        }
        message.replaceSubrange(mac, with: transaction.responseMAC(message, before: mac.lowerBound))
        return message
    }
}
