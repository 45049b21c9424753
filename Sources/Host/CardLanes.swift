// SPDX-License-Identifier: Apache-2.0
import ISO8583
import Vocabulary

/// Messages of one batch whose card changed under their question, a lane for each card, in the order they came.
///
/// A round asks one message a lane: what it finds cannot be outdated by its neighbours, since they wait. So a message is
/// asked about twice at most, however many of one card came at once, and tries still count in card order.
struct CardLanes {
    /// A message that is to be asked about again.
    struct Waiting {
        var origin: Origin
        var view: MessageView
    }

    private struct Lane {
        let card: CardKey?
        var messages: [Waiting]
        var next = 0
    }

    private var lanes: [Lane] = []
    private var laneOfCard: [CardKey: Int] = [:]
    /// Lanes with somebody in them, in the order they opened.
    private var open: [Int] = []

    /// Puts a message at the end of its card's lane; a message without a card has one of its own.
    mutating func hold(_ message: Waiting, card: CardKey?) {
        let index = card.flatMap { laneOfCard[$0] } ?? lanes.count
        if index == lanes.count { lanes.append(Lane(card: card, messages: [])) }
        if let card { laneOfCard[card] = index }
        if lanes[index].next == lanes[index].messages.count { open.append(index) }
        lanes[index].messages.append(message)
    }

    /// Takes the first message of every lane, with its card.
    mutating func nextRound() -> [(message: Waiting, card: CardKey?)] {
        var round: [(message: Waiting, card: CardKey?)] = []
        for index in open {
            round.append((lanes[index].messages[lanes[index].next], lanes[index].card))
            lanes[index].next += 1
        }
        open.removeAll { lanes[$0].next == lanes[$0].messages.count }
        return round
    }
}
