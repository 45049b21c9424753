// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleProtocol
import NIOCore
import PaymentCryptography
import SecurityModule
import Terminal
import Vocabulary

extension TerminalBank {
    /// What the estate says of a terminal that is set up, and the key-loading facility that makes its keys.
    public struct Commission: Sendable {
        public var configuration: TerminalConfiguration
        /// The serial number that the estate expects.
        public var serial: UInt64
        /// The highest counter that the host has seen; 0 under new keys.
        public var counterHighest: UInt32
        /// Personalises a new module of a serial number, from a counter on, with a supplier's key pinned or none: what is
        /// done at its maker's, and to no module that is in service.
        public var provision: @Sendable (UInt64, UInt32, P256PublicKey?) throws -> ModuleProvisioning
        /// Gives keys to a module that is in service.
        public var keyLoading: KeyLoading

        public init(
            configuration: TerminalConfiguration, serial: UInt64, counterHighest: UInt32, keyLoading: KeyLoading,
            provision: @escaping @Sendable (UInt64, UInt32, P256PublicKey?) throws -> ModuleProvisioning
        ) {
            (self.configuration, self.serial) = (configuration, serial)
            (self.counterHighest, self.keyLoading, self.provision) = (counterHighest, keyLoading, provision)
        }
    }

    /// How a terminal is set up on the bench.
    struct Placement: Sendable {
        /// Its module's software is the supplier's, and is measured.
        var isPinned = false
        /// The maker's number of its model.
        var model: UInt16?
        /// Another serial number than the estate expects.
        var serial: UInt64?
        /// Its counters end so far behind what the host has seen; nil: it begins new.
        var behind: Int?
    }

    /// Counters that lie behind what a message on its way may have used since.
    private static let countersAbove = 8

    /// Sets up a terminal that the estate knows: with the files that lie there, or new from its maker.
    ///
    /// - Returns: false where it stands on the bench already.
    func place(_ id: TerminalID, _ placement: Placement) async throws -> Bool {
        guard await screen(id) == nil else { return false }
        let commission = try await commission(id)
        let loader = placement.isPinned ? try VirtualLoader("\(directory)/\(id)/software") : nil
        let supplier = loader?.supplierKey
        let serial = placement.serial ?? commission.serial
        try await add(commission.configuration, loader: loader) { _ in
            try commission.provision(serial, 1, supplier)
        } prepare: { terminal in
            if let model = placement.model { terminal.change { $0.model = model } }
            if let behind = placement.behind { terminal.burn(Int(commission.counterHighest) - behind) }
        }
        return true
    }

    /// Puts another module, new from its maker, in the place of a terminal's: with the keys that the estate has issued,
    /// behind every counter that the host has seen.
    func exchangeModule(_ id: TerminalID, serial: UInt64?) async throws -> Bool {
        let commission = try await commission(id)
        let used = commission.counterHighest == 0 ? 0 : Int(commission.counterHighest) + Self.countersAbove
        return await on(id) { (terminal) -> Void in
            let supplier = terminal.loader?.supplierKey
            terminal.insertModule(burning: used) { _ in
                try commission.provision(serial ?? commission.serial, 1, supplier)
            }
        } != nil
    }

    /// Copies all that a terminal has in its files, for a second device.
    func copy(_ id: TerminalID, to spare: TerminalBank) async throws -> Bool {
        let (from, to) = ("\(directory)/\(id)", "\(spare.directory)/\(id)")
        guard await spare.screen(id) == nil else { return false }
        let copied = await on(id) { _ in
            Result {
                try FileManager.default.createDirectory(atPath: spare.directory, withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: from, toPath: to)
            }
        }
        try copied?.get()
        return copied != nil
    }

    func burn(_ id: TerminalID, _ count: Int) async -> Bool { await on(id) { $0.burn(count) } != nil }

    func keepApplication(_ id: TerminalID) async -> Bool { await on(id) { $0.keepApplication() } != nil }

    func loot(_ id: TerminalID, _ request: SaleRequest) async -> VirtualTerminal.Loot? {
        await on(id) { $0.loot(request) }
    }

    /// - Returns: why the keypad stays closed, empty where it is open; nil for an unknown terminal.
    func beginSupervisor(_ id: TerminalID, _ number: UInt8, _ purpose: SupervisorPurpose) async -> String? {
        await on(id) { $0.beginSupervisor(number, purpose) ?? "" }
    }

    /// Installs a version of the module's firmware, as an update does.
    func install(_ id: TerminalID, _ version: SoftwareVersion) async -> Bool {
        await on(id) { terminal in terminal.change { ($0.installedFirmware, $0.approvedFirmware) = (version, version) }
        } != nil
    }

    /// The slots that hold a key.
    func keySlots(_ id: TerminalID) async -> [String]? { await on(id) { $0.unit?.keySlots }.flatMap { $0 } }
}
