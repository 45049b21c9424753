// SPDX-License-Identifier: Apache-2.0
import CAllocations
import Glibc
import ISO8583
import Vocabulary

/// The operations on one purchase of 22 fields; one line of JSON each. An argument limits them by name; `--message`
/// prints the message in hexadecimal instead, for the peers.
@main
enum ISO8583Benchmarks {
    static func main() throws {
        var bench = Bench(filter: CommandLine.arguments.dropFirst().first ?? "")
        let spec = try MessageSpec(json: Purchase.spec)
        let purchase = Purchase(spec)
        let bytes = try purchase.encoded().bytes
        precondition(bytes.count == 339, "the purchase is \(bytes.count) bytes")
        if CommandLine.arguments.dropFirst().first == "--message" { return print(Hex.text(bytes)) }
        let view = try MessageView(bytes, spec: spec)
        precondition(view.fields.count == 22, "the purchase has \(view.fields.count) fields")

        try bench.measure("decode-index") { _ in
            let index = try MessageIndex(reading: bytes.span, spec: spec)
            return UInt64(index.fields.count)
        }
        var kept = try MessageIndex(reading: bytes.span, spec: spec)
        try bench.measure("decode-index-again") { _ in
            try kept.read(bytes.span, spec: spec)
            return UInt64(kept.fields.count)
        }
        try bench.measure("decode-view") { _ in UInt64(try MessageView(bytes, spec: spec).fields.count) }
        try bench.measure("decode-typed") { _ in
            let request = try FinancialRequest(try MessageView(bytes, spec: spec))
            return (request.amount ?? 0) &+ UInt64(request.stan.number)
        }
        try bench.measure("decode-dynamic") { _ in UInt64(try Message(bytes, spec: spec).fields.count) }
        try bench.measure("encode") { call in UInt64(try purchase.encoded(stan: UInt32(call & 0xFFFF) + 1).bytes.count)
        }
        var builder = MessageBuilder(.financialRequest, spec: spec)
        var memory = [UInt8](repeating: 0, count: 512)
        try bench.measure("encode-into") { call in
            builder.restart(.financialRequest)
            purchase.fill(&builder, stan: UInt32(call & 0xFFFF) + 1)
            var output = memory.mutableSpan
            return UInt64(try builder.encode(into: &output).end)
        }
        try bench.measure("answer") { _ in
            var patch = MessagePatch(view, mti: .financialResponse, keeping: Purchase.echoed)
            patch.set(39, text: "00")
            patch.set(38, text: "123456")
            patch.reserveMAC()
            return UInt64(try patch.encode().bytes.count)
        }
        bench.report()
    }
}

/// Process CPU time, the best of seven rounds, and the blocks of memory asked for.
private struct Bench {
    private static let rounds = 7
    private static let calls = 20_000
    let filter: String
    private var lines: [JSON] = []
    /// Takes in something of every result, so that no work can be left out.
    private var sink: UInt64 = 0

    init(filter: String) { self.filter = filter }

    @inline(__always)
    mutating func measure(_ operation: String, _ step: (Int) throws -> UInt64) rethrows {
        guard filter.isEmpty || operation.contains(filter) else { return }
        for call in 0..<64 { sink ^= try step(call) }
        var best = Double.infinity
        let before = callocations_common()
        for _ in 0..<Self.rounds {
            let start = Self.now()
            for call in 0..<Self.calls { sink ^= try step(call) }
            best = min(best, Self.now() - start)
        }
        let allocations = Double(callocations_common() - before) / Double(Self.rounds * Self.calls)
        lines.append([
            "peer": "tillguard", "operation": .string(operation),
            "nanoseconds": .double(best / Double(Self.calls) * 1e9),
            "allocations": .double(allocations),
        ])
    }

    func report() {
        for line in lines { print(line.text) }
        // The sink is read, so the compiler must have kept it.
        if sink == 0x5EED_5EED_5EED_5EED { print("{}") }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}
