// SPDX-License-Identifier: Apache-2.0
import Interchange
import Vocabulary

extension UpstreamBook {
    func snapshot(to writer: inout ByteWriter) {
        writer.text(routingText)
        writer.count(destinations.count)
        for (destination, store) in zip(destinations, stores) {
            destination.encode(to: &writer)
            writer.unsigned(store.nextID)
            writer.list(store.messages) { $1.encode(to: &$0) }
        }
        writer.list(open) {
            $1.named.encode(to: &$0)
            $0.flag($1.isReversed)
        }
        writer.list(settled) {
            $0.unsigned($1.reference)
            $1.name.encode(to: &$0)
            $1.named.encode(to: &$0)
        }
        writer.list(lost) {
            $0.unsigned($1.forward)
            $0.byte($1.destination)
            $0.unsigned($1.message)
            $0.flag($1.answeredLate)
        }
        writer.list(uses) {
            $0.byte($1.destination)
            $0.card($1.card)
            $0.signed($1.amount)
        }
        negative.snapshot(to: &writer)
        for state in keys { state.encode(to: &writer) }
    }

    /// - Parameter hasKinds: false for a snapshot of when only purchases were forwarded.
    init(snapshot reader: inout ByteReader, hasKinds: Bool) throws(CodecError) {
        let start = reader.offset
        routingText = try reader.text()
        if !routingText.isEmpty {
            guard let table = try? RoutingTable(parsing: routingText) else {
                throw .invalid(offset: start, what: "routing table")
            }
            routing = table
        }
        for _ in 0..<(try reader.count()) {
            destinations.append(try UpstreamDestination(from: &reader))
            let nextID: UInt64 = try reader.unsigned()
            let messages = try reader.list { (reader: inout ByteReader) throws(CodecError) in
                try StoreAndForward.Message(from: &reader)
            }
            stores.append(StoreAndForward(messages: messages, nextID: nextID))
        }
        open = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Open(named: try NamedForward(from: &reader, hasKind: hasKinds), isReversed: try reader.flag())
        }
        let advices = hasKinds ? [:] : advicesByName
        settled = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let reference: UInt64 = try reader.unsigned()
            // Purchases were all there was, and nothing said how the other host knows them.
            guard hasKinds else {
                let isAdvice = try reader.flag()
                let named = try NamedForward(from: &reader, hasKind: false)
                let name =
                    isAdvice ? named.name(ofAdvice: advices[named.id] ?? named.id) : named.nameOfRequest
                return Settled(reference: reference, named: named, name: name)
            }
            let name = try UpstreamName(from: &reader)
            return Settled(reference: reference, named: try NamedForward(from: &reader), name: name)
        }
        lost = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Lost(
                forward: try reader.unsigned(), destination: try reader.byte(), message: try reader.unsigned(),
                answeredLate: try reader.flag())
        }
        uses = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Use(destination: try reader.byte(), card: try reader.card(), amount: try reader.signed())
        }
        keys = destinations.map { _ in ZoneKeyState() }
        guard hasKinds else { return }
        negative = try NegativeFile(snapshot: &reader)
        for index in keys.indices { keys[index] = try ZoneKeyState(from: &reader) }
    }
}

extension UpstreamBook {
    /// The numbers of the advices that are still stored, by the names of what they tell.
    fileprivate var advicesByName: [UInt64: UInt64] {
        var found: [UInt64: UInt64] = [:]
        for message in stores.flatMap(\.messages) {
            guard let content = try? StoredMessage(decoding: message.payload), content.kind == .advice else { continue }
            found[content.named.id] = message.id
        }
        return found
    }
}

extension StoreAndForward.Message {
    fileprivate func encode(to writer: inout ByteWriter) {
        writer.unsigned(id)
        writer.unsigned(lane)
        writer.instant(storedAt)
        writer.sized(payload)
        writer.count(attempts)
        writer.instant(dueAt)
        writer.flag(isDead)
    }

    fileprivate init(from reader: inout ByteReader) throws(CodecError) {
        self.init(
            id: try reader.unsigned(), lane: try reader.unsigned(), storedAt: try reader.instant(),
            payload: try reader.sized(), attempts: try reader.count(), dueAt: try reader.instant(),
            isDead: try reader.flag())
    }
}
