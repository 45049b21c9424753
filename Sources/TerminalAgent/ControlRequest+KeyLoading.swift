// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import SecurityModule
import Vocabulary

/// Keys for a terminal's module. What passes here is under a key that the two modules have, or that custodians bring; the
/// keys of the keypad pass one at a time, as a hand presses them.
extension ControlRequest {
    /// - Returns: nil where it is none of these.
    static func performKeyLoading(_ request: JSON, _ id: TerminalID, _ bank: TerminalBank) async -> JSON? {
        do {
            switch request["op"]?.string {
            case "load":
                try await bank.load(id)
                return await status(id, bank)
            case "ceremony": return try await ceremony(request, id, bank)
            case "component":
                try await bank.beginComponent(id)
                return await bank.screen(id).map(json) ?? failure("unknown terminal")
            case "keypad":
                let outcome: JSON = await bank.keypadOutcome(id).map { .string($0) } ?? .null
                return ["outcome": outcome]
            case "loadWrapped":
                guard let bytes = request["provisioning"]?.string.flatMap({ Hex.bytes($0) }) else {
                    return failure("provisioning: hexadecimal digits")
                }
                try await bank.loadKeys(id, wrapped: bytes)
                return await status(id, bank)
            default: return nil
            }
        } catch let refusal as KeyLoadRefusal {
            return failure("the module does not take these keys: \(refusal)")
        } catch let refusal as CeremonyRefusal {
            return failure("the module refuses: \(refusal)")
        } catch KeyLoadingFailure.refused(let refusal) {
            return failure("the host's module makes no keys: \(refusal)")
        } catch {
            return failure("key loading: \(error)")
        }
    }

    private static func status(_ id: TerminalID, _ bank: TerminalBank) async -> JSON {
        await bank.status(id).map { json($0, []) } ?? failure("unknown terminal")
    }

    /// Everything of a ceremony but its sheets, which custodians get from the host's module and nobody else.
    private static func ceremony(_ request: JSON, _ id: TerminalID, _ bank: TerminalBank) async throws -> JSON {
        var custodians: [UInt8] = []
        for value in request["custodians"]?.array ?? [] {
            guard let number = value.integer.flatMap({ UInt8(exactly: $0) }) else {
                return failure("custodians: numbers of supervisors")
            }
            custodians.append(number)
        }
        let opened = try await bank.beginCeremony(id, custodians: custodians)
        return [
            "ceremony": .integer(Int64(opened.number)), "sheets": .integer(Int64(custodians.count)),
            "checkValue": .string(Hex.text(opened.checkValue)),
            "provisioning": .string(Hex.text(opened.provisioning)),
        ]
    }
}
