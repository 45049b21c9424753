// SPDX-License-Identifier: Apache-2.0
import Interchange
import Vocabulary

/// Why a command about other hosts was refused.
public enum UpstreamRefusal: Error, Equatable, Sendable {
    case tooManyDestinations
    case unknownDestination
    /// Every flaw of the routing table.
    case routing(RoutingTableError)
    case routingTooLong
    /// A route to a destination that there is not.
    case routeToNowhere
    /// No such message, or one that is not given up.
    case notDead
    /// The negative file has as many cards as it may.
    case negativeFileFull
    /// The card is not in it.
    case notListed
    /// New keys are on their way already.
    case keysUnderWay
}

extension Host {
    /// Bytes of a routing table.
    static var routingBytesMax: Int { 1 << 20 }

    func upstreamRecord(_ command: Command, by staff: StaffID) throws(UpstreamRefusal) -> UpstreamRecord? {
        switch command {
        case .setDestination(let destination):
            let isNew = !upstream.destinations.contains { $0.name == destination.name }
            guard !isNew || upstream.destinations.count < UpstreamDestination.countMax else {
                throw .tooManyDestinations
            }
            return .destinationSet(destination, by: staff)
        case .setRouting(let text):
            guard text.utf8.count <= Self.routingBytesMax else { throw .routingTooLong }
            guard !text.isEmpty else { return .routed(text, by: staff) }
            let table: RoutingTable
            do throws(RoutingTableError) { table = try RoutingTable(parsing: text) } catch { throw .routing(error) }
            let names = upstream.destinations.map(\.name)
            guard table.routes.allSatisfy({ names.contains($0.destination) }) else { throw .routeToNowhere }
            return .routed(text, by: staff)
        case .revive(let name, let id):
            let index = try place(of: name)
            guard upstream.stores[index].message(id)?.isDead == true else { throw .notDead }
            return .revived(destination: UInt8(index), id: id, by: staff)
        case .changeKeys(let name):
            let index = try place(of: name)
            let state = upstream.keys[index]
            guard !state.isWanted, state.offered == nil else { throw .keysUnderWay }
            return .keys(destination: UInt8(index), .wanted(by: staff))
        case .resetKeys(let name): return .keys(destination: UInt8(try place(of: name)), .reset(by: staff))
        case .listCard(let card, let reason):
            guard !upstream.negative.isFull || upstream.negative[card] != nil else { throw .negativeFileFull }
            return .listed(card, reason, by: staff)
        case .unlistCard(let card):
            guard upstream.negative[card] != nil else { throw .notListed }
            return .unlisted(card, by: staff)
        default: return nil
        }
    }

    private func place(of name: String) throws(UpstreamRefusal) -> Int {
        guard let index = upstream.destinations.firstIndex(where: { $0.name == name }) else {
            throw .unknownDestination
        }
        return index
    }
}
