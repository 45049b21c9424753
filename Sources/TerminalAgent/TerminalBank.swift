// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Foundation
import Logging
import ModuleProtocol
import NIOCore
import SecurityModule
import Terminal
import Vocabulary

/// The virtual terminals of one process, on one event loop of their own.
public final class TerminalBank: VirtualTerminalDesk, Sendable {
    private let loop: any EventLoop
    private let bound: NIOLoopBound<Shelf>
    let directory: String
    private let host: HostAddress
    private let logger: Logger
    private let now: @Sendable () -> Instant
    private let witness: (@Sendable (TerminalID) -> Void)?

    /// The estate and its key-loading facility: what is made for a terminal follows from what was issued to it.
    public typealias KeyFacility = @Sendable (TerminalID) async throws -> Commission
    private let facility: KeyFacility?

    private final class Shelf {
        var terminals: [VirtualTerminal] = []
        /// Those whose files cannot be opened at all, as they are shown.
        var closed: [TerminalScreen] = []
        func find(_ id: TerminalID) -> VirtualTerminal? { terminals.first { $0.id == id } }
    }

    /// - Parameters:
    ///   - directory: each terminal has a folder in it.
    ///   - now: the terminals' own clock.
    ///   - witness: hears of each step of a terminal once it is durable and before anything that hangs on it is done, on the
    ///     terminals' loop: for proofs of what a process that dies there has kept.
    ///   - facility: makes new keys for a module that has lost its own; nil: none can be loaded.
    public init(
        directory: String, host: HostAddress, loop: any EventLoop, logger: Logger,
        now: @escaping @Sendable () -> Instant, witness: (@Sendable (TerminalID) -> Void)? = nil,
        facility: KeyFacility? = nil
    ) async throws {
        self.facility = facility
        self.directory = directory
        self.host = host
        self.loop = loop
        self.logger = logger
        self.now = now
        self.witness = witness
        bound = try await loop.submit { NIOLoopBound(Shelf(), eventLoop: loop) }.get()
    }

    /// Starts a terminal; `provision` is asked only where there is no module yet. One whose files are damaged is out of
    /// service and says why; the others run.
    public func add(
        _ configuration: TerminalConfiguration,
        provision: @escaping @Sendable (ModuleUnit) throws -> ModuleProvisioning
    ) async throws {
        try await add(configuration, loader: nil, provision: provision) { _ in }
    }

    /// - Parameter prepare: what is done to the terminal before it is switched on.
    func add(
        _ configuration: TerminalConfiguration, loader: VirtualLoader?,
        provision: @escaping @Sendable (ModuleUnit) throws -> ModuleProvisioning,
        prepare: @escaping @Sendable (VirtualTerminal) -> Void
    ) async throws {
        let path = "\(directory)/\(configuration.terminal)"
        try await loop.submit { [bound, host, loop, logger, now, witness] in
            let files: TerminalFiles
            do { files = try TerminalFiles(path) } catch {
                logger.error(
                    "a terminal's files cannot be opened",
                    metadata: ["terminal": "\(configuration.terminal)", "error": "\(error)"])
                return bound.value.closed.append(Self.closed(configuration, "\(error)"))
            }
            let terminal = VirtualTerminal(
                configuration, store: files, host: host, loop: loop, logger: logger, now: now, witness: witness,
                loader: loader, provision: provision)
            bound.value.terminals.append(terminal)
            prepare(terminal)
            terminal.start()
        }.get()
    }

    private static func closed(_ configuration: TerminalConfiguration, _ reason: String) -> TerminalScreen {
        var screen = TerminalScreen(
            terminal: configuration.terminal, phase: .halted, en: "", zh: "", keypadCount: nil, warnings: [],
            openReversals: 0, lastOutcome: nil, lastReference: nil, lastCode: nil, challenge: nil,
            currency: configuration.currency)
        screen.showOutage(reason)
        return screen
    }

    public func shutdown() async {
        _ = try? await loop.submit { [bound] in for terminal in bound.value.terminals { terminal.stop() } }.get()
    }

    /// Starts a sale and waits for its end, pressing the keys of a PIN when the keypad opens: what a demo estate's
    /// cardholder does with his fingers.
    public func trade(_ id: TerminalID, _ sale: TillSale, pin: [KeypadKey]) async throws -> SaleOutcome? {
        guard let request = Self.request(sale) else { return nil }
        let outcome = loop.makePromise(of: SaleOutcome.self)
        let isStarted = try await loop.submit { [bound] in
            guard let terminal = bound.value.find(id), terminal.isReady, !terminal.isSelling else { return false }
            terminal.startSale(request, outcome: outcome)
            for key in pin { terminal.press(key) }
            return true
        }.get()
        guard isStarted else {
            outcome.fail(CancellationError())
            return nil
        }
        return try await outcome.futureResult.get()
    }

    static func request(_ sale: TillSale) -> SaleRequest? {
        guard let expiry = CardExpiry(year: UInt8(sale.expiry / 100), month: UInt8(sale.expiry % 100)) else {
            return nil
        }
        let stepUp = sale.stepUp.map { answer in
            StepUpProof(
                challenge: answer.challenge,
                method: answer.proof == .identityDocument ? .identityDocument : .transactionPassword)
        }
        let original = sale.original.map { original -> OriginalReference in
            switch original {
            case .trace(let number): .trace(STAN(number))
            case .reference(let number): .reference(RRN(number), approvalCode: nil)
            }
        }
        return SaleRequest(
            sale.kind, card: CardData(pan: sale.pan, expiry: expiry, entry: .chip), amount: sale.amount,
            original: original, goods: sale.goods, stepUp: stepUp, wantsPIN: sale.wantsPIN)
    }

    // MARK: - VirtualTerminalDesk

    func on<Value: Sendable>(
        _ id: TerminalID, _ body: @escaping @Sendable (VirtualTerminal) -> Value
    ) async -> Value? {
        try? await loop.submit { [bound] in bound.value.find(id).map(body) }.get()
    }

    public func terminals() async -> [TerminalID] {
        (try? await loop.submit { [bound] in
            bound.value.terminals.map(\.id) + bound.value.closed.map(\.terminal)
        }.get()) ?? []
    }

    public func screen(_ terminal: TerminalID) async -> TerminalScreen? {
        try? await loop.submit { [bound] in
            bound.value.find(terminal)?.screen ?? bound.value.closed.first { $0.terminal == terminal }
        }.get()
    }

    /// The module's own status: what `tillguard module status` prints. Nil also where there is no module, of which the
    /// screen's `outage` tells why.
    public func status(_ terminal: TerminalID) async -> ModuleStatus? {
        await on(terminal) { $0.status }.flatMap { $0 }
    }

    /// - Throws: what the facility throws, and where there is none.
    func commission(_ id: TerminalID) async throws -> Commission {
        guard let facility else { throw TerminalFilesError.missing("the key-loading facility") }
        return try await facility(id)
    }

    /// Takes a terminal off the bench; its files stay.
    func remove(_ id: TerminalID) async -> Bool {
        let isRemoved = try? await loop.submit { [bound] in
            guard let terminal = bound.value.find(id) else { return false }
            terminal.stop()
            bound.value.terminals.removeAll { $0.id == id }
            return true
        }.get()
        return isRemoved ?? false
    }

    public func startSale(_ terminal: TerminalID, _ sale: TillSale) async -> Bool {
        guard let request = Self.request(sale) else { return false }
        return await on(terminal) { $0.startSale(request, outcome: nil) } != nil
    }

    public func press(_ terminal: TerminalID, _ key: KeypadKey) async -> Bool {
        await on(terminal) { $0.press(key) } != nil
    }

    public func settle(_ terminal: TerminalID) async -> Bool { await on(terminal) { $0.settle() } != nil }

    public func signOff(_ terminal: TerminalID) async -> Bool { await on(terminal) { $0.signOff() } != nil }

    public func signOn(_ terminal: TerminalID) async -> Bool { await on(terminal) { $0.signOn() } != nil }

    /// The transactions of the open batch, and its number.
    public func batch(_ terminal: TerminalID) async -> (number: UInt32, entries: [BatchEntry])? {
        await on(terminal) { ($0.terminal.batchNumber, $0.terminal.batch) }
    }

    public func cancel(_ terminal: TerminalID) async -> Bool { await on(terminal) { $0.cancel() } != nil }

    public func setFault(_ terminal: TerminalID, _ fault: String, repair: Bool) async -> Bool {
        if let fault = TerminalFault(rawValue: fault) {
            return await on(terminal) { if repair { $0.repair(fault) } else { $0.make(fault) } } != nil
        }
        if let fault = LinkFault(rawValue: fault) {
            return await on(terminal) { $0.setLink(repair ? nil : fault) } != nil
        }
        if let fault = ModuleFault(rawValue: fault) {
            // What was done to a module is done: its memory, its counters and its keys are what they are.
            return await on(terminal) { repair ? () : $0.make(fault) } != nil
        }
        guard let fault = HardwareFault(rawValue: fault) else { return false }
        return await on(terminal) { terminal in
            terminal.change { hardware in if repair { hardware.repair(fault) } else { hardware.apply(fault) } }
        } != nil
    }

    public func faults() async -> [String] {
        HardwareFault.allCases.map(\.rawValue) + TerminalFault.allCases.map(\.rawValue)
            + LinkFault.allCases.map(\.rawValue) + ModuleFault.allCases.map(\.rawValue)
    }
}
