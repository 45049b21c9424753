// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityModule
import Vocabulary

/// Setting terminals up, and what thieves and rogue applications do with them.
extension ControlRequest {
    /// - Returns: nil where it is none of these.
    static func performBench(
        _ request: JSON, _ id: TerminalID, _ bench: Bench, device: TerminalBank
    ) async -> JSON? {
        switch request["op"]?.string {
        case "place":
            let placement = TerminalBank.Placement(
                isPinned: request["pinned"]?.bool ?? false,
                model: request["model"]?.integer.flatMap { UInt16(exactly: $0) },
                serial: serial(request), behind: request["behind"]?.integer.flatMap { Int(exactly: $0) })
            return await answer(id, device) { try await device.place(id, placement) }
        case "exchange":
            let serial = serial(request)
            return await answer(id, device) { try await device.exchangeModule(id, serial: serial) }
        case "copy":
            guard let spare = bench.spare else { return failure("no place for a second device") }
            return await answer(id, device) { try await device.copy(id, to: spare) }
        case "remove": return await answer(id, device) { await device.remove(id) }
        case "burn":
            guard let count = request["count"]?.integer, (1...1_000).contains(count) else {
                return failure("count: 1 to 1000")
            }
            return await answer(id, device) { await device.burn(id, Int(count)) }
        case "keep": return await answer(id, device) { await device.keepApplication(id) }
        case "loot": return await loot(request, id, device)
        case "supervisor": return await supervisor(request, id, device)
        case "install":
            guard let version = request["version"]?.string.flatMap(version) else { return failure("version: 1.2.3") }
            return await answer(id, device) { await device.install(id, version) }
        default: return nil
        }
    }

    private static func answer(
        _ id: TerminalID, _ device: TerminalBank, _ act: () async throws -> Bool
    ) async -> JSON {
        do { guard try await act() else { return failure("unknown terminal") } } catch { return failure("\(error)") }
        return await device.screen(id).map(json) ?? ["done": true]
    }

    private static func serial(_ request: JSON) -> UInt64? {
        request["serial"]?.string.flatMap { UInt64($0, radix: 16) }
    }

    private static func version(_ text: String) -> SoftwareVersion? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let major = UInt8(parts[0]), let minor = UInt8(parts[1]), let patch = UInt16(parts[2])
        else { return nil }
        return SoftwareVersion(major, minor, patch)
    }

    private static func loot(_ request: JSON, _ id: TerminalID, _ device: TerminalBank) async -> JSON {
        guard let sale = sale(request, currency: await device.screen(id)?.currency ?? .eur),
            let request = TerminalBank.request(sale)
        else { return failure("pan, expiry, amount or goods is not right") }
        switch await device.loot(id, request) {
        case .message(let bytes): return ["message": .string(Hex.text(bytes))]
        case .refused(let refusal): return ["refused": "module", "why": .string("\(refusal)")]
        case .unreachable: return ["refused": "module", "why": "no answer"]
        case .nothing(let outcome):
            return ["refused": "application", "why": .string("\(outcome.map { "\($0)" } ?? "")")]
        case nil: return failure("unknown terminal")
        }
    }

    /// Opens the module's keypad for a supervisor; the keys follow one by one.
    private static func supervisor(_ request: JSON, _ id: TerminalID, _ device: TerminalBank) async -> JSON {
        let purposes: [String: SupervisorPurpose] = ["enter": .enter, "enrol": .enrol]
        guard let number = request["number"]?.integer.flatMap({ UInt8(exactly: $0) }),
            let purpose = purposes[request["act"]?.string ?? ""]
        else { return failure("number: 1 to 8; act: enter, enrol") }
        guard let refusal = await device.beginSupervisor(id, number, purpose) else {
            return failure("unknown terminal")
        }
        return refusal.isEmpty ? await device.screen(id).map(json) ?? ["done": true] : failure(refusal)
    }
}
