// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire
import Vocabulary

/// The host's module in a process of its own, as the host sees it: one write and one read a batch. It waits for each answer, no
/// longer than its patience; a module that is away costs nothing until it is time to look for it again.
///
/// Whoever calls it waits while another does.
public final class RemoteHostModule: HostModulePort, Sendable {
    private let line: ModuleLine

    /// - Parameters:
    ///   - path: of the module's socket. Nothing is asked yet.
    ///   - onChange: hears that the module has come or gone, from whoever found it out.
    public init(
        at path: String, patience: ModulePatience = ModulePatience(),
        onChange: @escaping @Sendable (_ isUp: Bool) -> Void = { _ in }
    ) {
        line = ModuleLine(path, .host, patience, onChange: onChange)
    }

    private func ask(_ request: WireRequest) throws(ModuleUnavailable) -> WireReply {
        line.lock.lock()
        defer { line.lock.unlock() }
        return try line.ask(request)
    }

    public func open(_ commands: [OpenCommand]) throws(ModuleUnavailable) -> [OpenVerdict] {
        try inPortions(commands, bytes: { $0.message.count }) { (portion) throws(ModuleUnavailable) in
            guard case .open(let verdicts) = try ask(.open(portion)) else { throw .unreadable }
            return verdicts
        }
    }

    public func seal(_ commands: [SealCommand]) throws(ModuleUnavailable) -> [[UInt8]] {
        try inPortions(commands, bytes: { $0.message.count }) { (portion) throws(ModuleUnavailable) in
            guard case .seal(let messages) = try ask(.seal(portion)) else { throw .unreadable }
            return messages
        }
    }

    public func cardKey(_ pan: PAN) throws(ModuleUnavailable) -> CardKey {
        guard let key = try cardKeys([pan]).first else { throw .unreadable }
        return key
    }

    public func cardKeys(_ pans: [PAN]) throws(ModuleUnavailable) -> [CardKey] {
        try inPortions(pans, bytes: { _ in 0 }) { (portion) throws(ModuleUnavailable) in
            guard case .cardKeys(let keys) = try ask(.cardKeys(portion)) else { throw .unreadable }
            return keys
        }
    }

    public func nonce(_ context: [UInt8]) throws(ModuleUnavailable) -> [UInt8] {
        guard case .nonce(let bytes) = try ask(.nonce(context)) else { throw .unreadable }
        return bytes
    }

    public func verifyLog(_ question: LogQuestion) throws(ModuleUnavailable) -> LogVerdict {
        guard case .verifyLog(let verdict) = try ask(.verifyLog(question)) else { throw .unreadable }
        return verdict
    }

    public func openJournal(_ command: OpenJournalCommand) throws(ModuleUnavailable) -> JournalDelivery {
        guard case .openJournal(let delivery) = try ask(.openJournal(command)) else { throw .unreadable }
        return delivery
    }

    /// What the module's process says of itself.
    public func status() throws(ModuleUnavailable) -> ModuleServiceStatus {
        guard case .status(let status) = try ask(.status) else { throw .unreadable }
        return status
    }

    /// As many questions as fit into a frame, one frame after another.
    private func inPortions<Question, Answer>(
        _ questions: [Question], bytes: (Question) -> Int,
        _ ask: ([Question]) throws(ModuleUnavailable) -> [Answer]
    ) throws(ModuleUnavailable) -> [Answer] {
        var answers: [Answer] = []
        var start = 0
        while start < questions.count {
            var end = start
            var size = 0
            while end < questions.count, end - start < WireLimits.batch,
                end == start || size + bytes(questions[end]) <= WireLimits.batchBytes
            {
                size += bytes(questions[end])
                end += 1
            }
            let portion = start == 0 && end == questions.count ? questions : Array(questions[start..<end])
            let found = try ask(portion)
            guard found.count == portion.count else { throw .unreadable }
            if start == 0, end == questions.count { return found }
            answers += found
            start = end
        }
        return answers
    }
}

extension RemoteHostModule: ZoneModulePort {
    public var isAvailable: Bool {
        line.lock.lock()
        defer { line.lock.unlock() }
        return line.isAvailable
    }

    public func seal(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> [UInt8]? {
        let message = ZoneMessage(message: message, covered: covered, mac: mac, zone: zone)
        guard case .zoneSeal(let sealed) = try? ask(.zoneSeal(message)) else { return nil }
        return sealed
    }

    public func keyNumber(_ message: [UInt8], covered: Range<Int>, mac: Range<Int>, zone: ZoneID) -> UInt32? {
        let message = ZoneMessage(message: message, covered: covered, mac: mac, zone: zone)
        guard case .zoneKeyNumber(let number) = try? ask(.zoneKeyNumber(message)) else { return nil }
        return number
    }

    public func makeKeys(_ zone: ZoneID) throws(ModuleUnavailable) -> ZoneKeyOffer? {
        guard case .makeZoneKeys(let offer) = try ask(.makeZoneKeys(zone)) else { throw .unreadable }
        return offer
    }

    public func readKeys(_ blocks: String, zone: ZoneID) throws(ZoneKeyError) -> ZoneKeyOffer {
        let reply: WireReply
        do throws(ModuleUnavailable) { reply = try ask(.readZoneKeys(blocks, zone)) } catch {
            // Blocks that no frame takes are none.
            throw error == .refused ? .damaged : .unavailable
        }
        switch reply {
        case .readZoneKeys(.offer(let offer)): return offer
        case .readZoneKeys(.refused(let error)): throw error
        default: throw .unavailable
        }
    }

    /// Told again to a module that has come back: what it held in memory is gone.
    public func useKeys(_ accepted: [ZoneKeySet], sending: UInt32, zone: ZoneID) -> Bool {
        line.lock.lock()
        defer { line.lock.unlock() }
        let request = WireRequest.useZoneKeys(accepted, sending: sending, zone)
        line.introduction.removeAll { told in
            if case .useZoneKeys(_, _, zone) = told { true } else { false }
        }
        line.introduction.append(request)
        do throws(ModuleUnavailable) {
            guard case .useZoneKeys(let areKnown) = try line.ask(request) else { return false }
            return areKnown
        } catch { return error != .refused }
    }

    public func sealPAN(_ pan: PAN) throws(ModuleUnavailable) -> [UInt8] {
        guard case .sealPAN(let sealed) = try ask(.sealPAN(pan)) else { throw .unreadable }
        return sealed
    }

    public func openPAN(_ sealed: [UInt8]) throws(ModuleUnavailable) -> PAN? {
        guard case .openPAN(let pan) = try ask(.openPAN(sealed)) else { throw .unreadable }
        return pan
    }
}
