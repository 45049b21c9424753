// SPDX-License-Identifier: Apache-2.0
import Catalogue
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import Synchronization
import Vocabulary

/// The last decisions as server-sent events (WHATWG HTML 9.2): the feed says that there is something new, the
/// projections say what, so that a live row is the row a reload shows.
struct LiveDecisions: Sendable {
    /// Two beats a second with five rows each: ten rows a second at most; what more there is, is counted.
    static let beat = Duration.milliseconds(500)
    static let rowsPerBeatMax = 5
    /// A comment after so many silent beats keeps proxies from closing the connection.
    static let silentBeatsMax = 30

    let routes: ConsoleRoutes
    let session: Session
    let language: Language
    let after: UInt64

    func response() -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                guard routes.live.enter() else {
                    try await writer.write(ByteBuffer(string: "event: full\ndata: {}\n\n"))
                    try await writer.finish(nil)
                    return
                }
                defer { routes.live.leave() }
                let stream = routes.feed.subscribe()
                // What came between the page and this stream is new too.
                let newest = Newest(max(after, routes.records.checkpoint()))
                let listener = Task { for await record in stream { newest.raise(to: record.sequence) } }
                defer { listener.cancel() }
                try await send(newest, to: &writer)
                try await writer.finish(nil)
            })
    }

    private func send(_ newest: Newest, to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
        var shown = after
        var silent = 0
        while !routes.live.isClosed, routes.sessions.isOpen(session.id, now: routes.now()) {
            silent += 1
            if newest.value > shown, let batch = try await batch(after: shown) {
                shown = batch.upTo
                if let text = batch.text {
                    try await writer.write(ByteBuffer(string: text))
                    silent = 0
                }
            }
            if silent >= Self.silentBeatsMax {
                try await writer.write(ByteBuffer(string: ": still here\n\n"))
                silent = 0
            }
            try await Task.sleep(for: Self.beat)
        }
        try await writer.write(ByteBuffer(string: "event: over\ndata: {}\n\n"))
    }

    /// What the page's script writes into the columns of its table.
    private func row(_ decision: DecisionRow) -> JSON {
        let model = DecisionModel(decision, language, role: session.user.role)
        return [
            "time": .string(model.time), "terminal": .string(model.terminal), "card": .string(model.card),
            "amount": .string(model.amount), "decision": .string(model.decision), "tone": .string(model.tone),
            "why": .string(model.why),
        ]
    }

    private func batch(after shown: UInt64) async throws -> (upTo: UInt64, text: String?)? {
        let last = routes.records.checkpoint()
        guard last > shown else { return nil }
        let merchant = routes.scope(session)
        let count = try await routes.records.decisionCount(after: shown, upTo: last, merchant: merchant)
        guard count > 0 else { return (last, nil) }
        let rows = try await routes.records.decisions(
            DecisionQuery(
                after: shown, before: last + 1, merchant: merchant, limit: Self.rowsPerBeatMax, newestFirst: true))
        let data: JSON = [
            "dropped": .integer(Int64(max(0, count - rows.count))),
            "rows": .array(rows.reversed().map(row)),
        ]
        return (last, "id: \(last)\nevent: decisions\ndata: \(data.text)\n\n")
    }
}

/// The newest committed record a listener has heard of.
private final class Newest: Sendable {
    private let sequence: Mutex<UInt64>

    init(_ sequence: UInt64) { self.sequence = Mutex(sequence) }

    var value: UInt64 { sequence.withLock { $0 } }

    func raise(to sequence: UInt64) { self.sequence.withLock { $0 = max($0, sequence) } }
}
