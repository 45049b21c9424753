// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ModuleProtocol
import Terminal
import Vocabulary

/// One line of the bench.
enum ControlRequest {
    static func perform(_ line: [UInt8], _ bench: Bench) async -> JSON {
        let request: JSON
        do throws(JSONError) { request = try JSON(parsing: line) } catch { return failure("not JSON: \(error)") }
        guard let bank = bench.device(request["device"]?.integer ?? 1) else { return failure("no such device") }
        switch request["op"]?.string {
        case "terminals": return ["terminals": .array(await bank.terminals().map { .string($0.description) })]
        case "faults": return ["faults": .array(await bank.faults().map { .string($0) })]
        case "clock":
            guard let ahead = request["ahead"]?.integer, bench.setClock(ahead: ahead) else {
                return failure("this clock is not to be moved")
            }
            return ["ahead": .integer(ahead)]
        default: break
        }
        guard let id = request["terminal"]?.string.flatMap({ TerminalID($0) }) else {
            return failure("terminal is missing")
        }
        if let done = await performBench(request, id, bench, device: bank) { return done }
        if let done = await performKeyLoading(request, id, bank) { return done }
        let known: Bool
        switch request["op"]?.string {
        case "screen": return await bank.screen(id).map(json) ?? failure("unknown terminal")
        case "status":
            if let status = await bank.status(id) { return json(status, await bank.keySlots(id) ?? []) }
            guard let screen = await bank.screen(id) else { return failure("unknown terminal") }
            return outage(screen)
        case "sale":
            guard let sale = sale(request, currency: await bank.screen(id)?.currency ?? .eur) else {
                return failure("pan, expiry, amount or goods is not right")
            }
            known = await bank.startSale(id, sale)
        case "key":
            guard let key = request["key"]?.string.flatMap(key) else {
                return failure("key: 0–9, a–f for components, enter, clear, cancel")
            }
            known = await bank.press(id, key)
        case "cancel": known = await bank.cancel(id)
        case "settle": known = await bank.settle(id)
        case "signOff": known = await bank.signOff(id)
        case "signOn": known = await bank.signOn(id)
        case "batch": return await bank.batch(id).map { json($0.number, $0.entries) } ?? failure("unknown terminal")
        case "fault", "repair":
            guard let fault = request["fault"]?.string, await bank.faults().contains(fault) else {
                return failure("unknown fault")
            }
            known = await bank.setFault(id, fault, repair: request["op"]?.string == "repair")
        default: return failure("unknown op")
        }
        guard known else { return failure("unknown terminal") }
        return await bank.screen(id).map(json) ?? failure("unknown terminal")
    }

    /// What is said of a module that is not there.
    private static func outage(_ screen: TerminalScreen) -> JSON {
        [
            "state": "outOfService", "reason": optional(screen.outage),
            "warnings": .array(screen.warnings.map { .string($0.rawValue) }),
        ]
    }

    static func failure(_ what: String) -> JSON { ["error": .string(what)] }

    private static func key(_ name: String) -> KeypadKey? {
        switch name {
        case "enter": .enter
        case "clear": .clear
        case "cancel": .cancel
        // Only a keypad that is open for a component takes A to F.
        default: name.utf8.count == 1 ? UInt8(name, radix: 16).map { .digit($0) } : nil
        }
    }

    static func sale(_ request: JSON, currency: Currency) -> TillSale? {
        guard let pan = request["pan"]?.string.flatMap({ PAN($0) }), let expiry = request["expiry"]?.integer,
            let amount = request["amount"]?.integer, let expiry = UInt16(exactly: expiry)
        else { return nil }
        var goods: [GoodsCode] = []
        for name in request["goods"]?.array ?? [] {
            guard let code = name.string.flatMap({ GoodsCode($0) }) else { return nil }
            goods.append(code)
        }
        var stepUp: (challenge: String, proof: TillProof)?
        if let challenge = request["challenge"]?.string {
            guard let proof = request["proof"]?.string.flatMap({ TillProof(rawValue: $0) }) else { return nil }
            stepUp = (challenge, proof)
        }
        var sale = TillSale(
            pan: pan, expiry: expiry, amount: Money(minorUnits: amount, currency), goods: goods,
            wantsPIN: request["pin"]?.bool ?? false, stepUp: stepUp)
        if let name = request["kind"]?.string {
            guard let kind = TransactionKind(name: name) else { return nil }
            sale.kind = kind
        }
        if let trace = request["trace"]?.integer {
            guard let trace = UInt32(exactly: trace) else { return nil }
            sale.original = .trace(trace)
        } else if let rrn = request["rrn"]?.integer {
            guard let rrn = UInt64(exactly: rrn) else { return nil }
            sale.original = .reference(rrn)
        }
        return sale
    }

    private static func json(_ number: UInt32, _ entries: [BatchEntry]) -> JSON {
        [
            "batch": .integer(Int64(number)),
            "transactions": .array(
                entries.map { entry in
                    [
                        "kind": .string(entry.kind.name), "trace": .integer(Int64(entry.stan.number)),
                        "rrn": optional(entry.rrn?.description), "amount": .string(entry.amount.description),
                        "at": .string(entry.at.iso8601),
                    ]
                }),
        ]
    }

    private static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

    static func json(_ screen: TerminalScreen) -> JSON {
        [
            "terminal": .string(screen.terminal.description), "phase": .string(screen.phase.rawValue),
            "en": .string(screen.en), "zh": .string(screen.zh),
            "keypad": screen.keypadCount.map { .integer(Int64($0)) } ?? .null,
            "warnings": .array(screen.warnings.map { .string($0.rawValue) }),
            "openReversals": .integer(Int64(screen.openReversals)), "outcome": optional(screen.lastOutcome),
            "code": optional(screen.lastCode), "reference": optional(screen.lastReference),
            "challenge": optional(screen.challenge), "outage": optional(screen.outage),
        ]
    }

    static func json(_ status: ModuleStatus, _ slots: [String]) -> JSON {
        [
            "state": .string("\(status.state)"), "lifecycle": .string(status.lifecycle.name),
            "warnings": .array(status.openWarnings.map { .string($0.code.rawValue) }),
            "eventCounter": .integer(Int64(status.eventCounter)),
            "selfTestNumber": .integer(Int64(status.selfTestNumber)), "profile": .string("\(status.profile)"),
            "serial": .integer(Int64(clamping: status.serial)), "firmware": .string("\(status.firmware)"),
            "leaseExpires": optional(status.leaseExpires?.iso8601),
            "zeroised": .bool(status.deathToken != nil), "keys": .array(slots.map { .string($0) }),
        ]
    }
}
