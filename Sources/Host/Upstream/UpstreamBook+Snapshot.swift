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
            $0.flag($1.isStandIn)
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
    }

    init(snapshot reader: inout ByteReader) throws(CodecError) {
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
            Open(named: try NamedForward(from: &reader), isReversed: try reader.flag())
        }
        settled = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            let reference: UInt64 = try reader.unsigned()
            let isStandIn = try reader.flag()
            return Settled(reference: reference, named: try NamedForward(from: &reader), isStandIn: isStandIn)
        }
        lost = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Lost(
                forward: try reader.unsigned(), destination: try reader.byte(), message: try reader.unsigned(),
                answeredLate: try reader.flag())
        }
        uses = try reader.list { (reader: inout ByteReader) throws(CodecError) in
            Use(destination: try reader.byte(), card: try reader.card(), amount: try reader.signed())
        }
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
