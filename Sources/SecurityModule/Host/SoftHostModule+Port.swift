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

    /// A state that is further from the first key than a chain can be advanced gives every record back as too far.
    public func openJournal(_ command: OpenJournalCommand) -> JournalDelivery {
        guard
            var verifier = JournalVerifier(
                command.identity, firstKey: masters.journalKey(command.identity), state: command.state)
        else { return JournalDelivery(findings: [.tooFar(command.state.through + 1)]) }
        var opener = SealOpener(key: masters.journalOpener())
        return verifier.open(command.records, with: &opener)
    }

    public func cardKey(_ pan: PAN) -> CardKey {
        let (high, low) = hash.hash(pan.ascii)
        return CardKey(high: high, low: low)
    }

    /// Authenticates, then health and evidence, then, only if the expectation is met, the PIN.
    private func open(_ command: OpenCommand) -> OpenVerdict {
        if command.keys.profile.isSession { return openSession(command) }
        let message = command.message
        var verdict = Self.unauthentic(command)
        let mac = command.mac
        guard mac.count == MessageHoles.macLength, command.isWhole, command.covers(command.ksn),
            command.ksn.count == command.keys.profile.ksnLength, let ksn = KSN(bytes: message[command.ksn])
        else { return verdict }
        verdict.ksnCounter = ksn.counter
        let context = context(command.keys)
        guard let transaction = transaction(context, ksn), isAuthentic(command) else { return verdict }
        verdict.macAuthentic = true
        if command.health != nil || command.evidence != nil {
            let code = healthCode(context)
            verdict.health = Self.health(command, code)
            Self.readEvidence(command, code, into: &verdict)
        }
        tryCryptogram(&verdict, command)
        tryPIN(&verdict, command, transaction)
        translatePIN(&verdict, command, transaction)
        return verdict
    }

    static func unauthentic(_ command: OpenCommand) -> OpenVerdict {
        let start = command.isWhole ? command.macStart : 0
        return OpenVerdict(
            macAuthentic: false, health: nil, evidence: nil, pin: .untried, ksnCounter: 0,
            digest: digest(command.message, from: start))
    }

    static func health(_ command: OpenCommand, _ code: HealthCode) -> HealthClaims? {
        guard let range = command.health, range.count == HealthElement.length, command.covers(range) else { return nil }
        return HealthElementSeal.verify(command.message, health: range, covered: command.covered, code: code)
    }

    /// The PIN, only if the health element meets the expectation and no cryptogram speaks against the card.
    func tryPIN(_ verdict: inout OpenVerdict, _ command: OpenCommand, _ transaction: HostTransaction) {
        guard let expectation = command.expectation, let question = command.pin, let claims = verdict.health,
            expectation.isMet(by: claims), claims.identityEpoch == command.keys.identityEpoch,
            verdict.chip.map({ $0.finding == .right }) ?? true
        else { return }
        verdict.pin = pinVerdict(question, command, transaction)
    }

    private static func digest(_ message: [UInt8], from start: Int) -> UInt64 {
        withUnsafeTemporaryAllocation(byteCount: SHA256.digestCount, alignment: 8) { output in
            message.withUnsafeBytes { SHA256.hash(UnsafeRawBufferPointer(rebasing: $0[start...]), into: output) }
            return UInt64(bigEndian: output.load(as: UInt64.self))
        }
    }

    /// Evidence, or the statement that stands in its place in a report.
    static func readEvidence(_ command: OpenCommand, _ code: HealthCode, into verdict: inout OpenVerdict) {
        guard let range = command.evidence, command.covers(range), range.count > EvidenceClaims.macLength else {
            return
        }
        let end = range.upperBound - EvidenceClaims.macLength
        guard code.verify(command.message, range.lowerBound..<end, end..<range.upperBound) else { return }
        let body = Array(command.message[range.lowerBound..<end])
        verdict.evidence = (try? SignedEvidence(decoding: body)).flatMap { $0.isSigned ? $0.claims : nil }
        verdict.statement = try? WarningStatement(decoding: body)
    }

    /// A PVV covers four digits, so that it verifies no longer PIN (rule R3).
    private func pinVerdict(
        _ question: PINQuestion, _ command: OpenCommand, _ transaction: HostTransaction
    ) -> PINVerdict {
        guard let pan = question.pan.forPIN, readPIN(question.block, pan, command, transaction) else {
            return .unusable
        }
        defer { forgetPIN() }
        let isRight: Bool
        switch question.reference {
        case .pvv(let value, let index):
            guard value <= 9_999 else { return .unusable }
            let digits = [UInt8(value / 1_000), UInt8(value / 100 % 10), UInt8(value / 10 % 10), UInt8(value % 10)]
            let verified = pinKeys.withVisaPVK(index) {
                VisaPVV.verify(digits, pvk: $0, pan: pan, pvki: index, pin: scratch.pin)
            }
            guard let verified else { return .unusable }
            isRight = verified && scratch.pin.count == 4
        case .offset(let offset):
            isRight = pinKeys.withIBMPVK {
                IBM3624.verify(offset, pvk: $0, pan: pan, table: decimalization, pin: scratch.pin)
            }
        }
        return isRight ? .right : .wrong
    }

    /// An answer of a session profile without a MAC gets its ticket and download alone.
    private func seal(_ command: SealCommand) -> [UInt8] {
        var message = command.message
        let mac = command.mac
        let hasMAC = !mac.isEmpty || !command.keys.profile.isSession
        guard mac.count == (hasMAC ? MessageHoles.macLength : 0), mac.upperBound == message.count,
            command.macStart >= 0, command.macStart <= mac.lowerBound
        else { return [] }
        message.replaceSubrange(mac, with: repeatElement(0, count: mac.count))
        guard hasMAC else {
            _ = write(command, into: &message)
            return message
        }
        guard let transaction = transaction(command), write(command, into: &message),
            answerChip(command, into: &message)
        else { return message }
        writeMAC(&message, command.macStart..<mac.lowerBound, mac, transaction)
        return message
    }

    private func transaction(_ command: SealCommand) -> HostTransaction? {
        guard !command.keys.profile.isSession else {
            return command.session.map { .session(sessionKeys(command.keys, $0)) }
        }
        let context = context(command.keys)
        guard command.ksn.count == command.keys.profile.ksnLength, let ksn = KSN(bytes: command.ksn) else { return nil }
        return transaction(context, ksn)
    }

    /// Puts in the download, and the ticket with its CMAC over both.
    ///
    /// - Returns: false, with nothing written, for ranges that do not fit, or a download without a ticket.
    private func write(_ command: SealCommand, into message: inout [UInt8]) -> Bool {
        guard let (ticket, range) = command.ticket else { return command.download == nil }
        var bytes = ticket.encoded()
        guard range.count == bytes.count + LeaseTicket.macLength, command.holds(range) else { return false }
        var download: [UInt8] = []
        if let (session, place) = command.download {
            guard command.holds(place), !place.overlaps(range),
                let field = issueWorkingKeys(
                    command.keys, session: session, hasTrackKey: place.count == Self.downloadLengths.upperBound),
                field.count == place.count
            else { return false }
            message.replaceSubrange(place, with: field)
            download = field
        }
        bytes += AESCMAC(key: masters.leaseKey(command.keys)).code(bytes + download)
        message.replaceSubrange(range, with: bytes)
        return true
    }
}

extension SignedEvidence {
    /// Whether the identity key that the claims name has signed them; true where they name none.
    fileprivate var isSigned: Bool {
        guard let identity = claims.identity else { return true }
        return (try? P256PublicKey(identity.key))?.verifies(signature, of: Self.signedBytes(claims)) ?? false
    }
}

extension OpenCommand {
    /// Whether the MAC, or the place of one that is not there, closes the message behind what it covers.
    var isWhole: Bool { mac.upperBound == message.count && macStart >= 0 && macStart <= mac.lowerBound }

    /// What health element and MAC cover.
    var covered: Range<Int> { macStart..<mac.lowerBound }

    func covers(_ range: Range<Int>) -> Bool { range.lowerBound >= macStart && range.upperBound <= mac.lowerBound }
}

extension SealCommand {
    fileprivate func holds(_ range: Range<Int>) -> Bool { range.lowerBound >= 0 && range.upperBound <= mac.lowerBound }
}
