// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// The sealed journal (rule R8). Two records a sale are sealed by the module and kept until the host needs them no more:
///
/// 1. the intent, before the sale is sent; it covers what has ended since the last one;
/// 2. its completion, before anybody is told of it.
///
/// A refusal, a delivered reversal and a refund's answer are covered by the next record of either kind: until then the host
/// takes nothing back by them that it has not taken back already. What the terminal owes stays open, so that a terminal that
/// is opened before it could deliver leaves the host to do it.
extension Terminal {
    /// So many sealed intents may be open; a module opens 64. More raise P04.
    static let sealedIntentsMax = 48
    /// Room that is left in the tail for what is under way when P04 is raised.
    private static let tailReserve = 64

    /// Whether the module keeps a sealed journal. One that was personalised before there were any keeps none.
    private var isSealing: Bool { module.status?.journalIndex != nil }

    /// What stops new sales: nothing more can be kept, or be open.
    var isSealingStuck: Bool {
        book.sealed.items.count > SealedTail.recordsMax - Self.tailReserve
            || book.intents.count { $0.sealed != nil } > Self.sealedIntentsMax
    }

    /// Asks for the intent of a sale that is protected and not sent.
    ///
    /// - Returns: false where none is to be sealed.
    mutating func sealIntent(_ exchange: Exchange, _ step: inout Step) -> Bool {
        guard exchange.purpose == .sale, let request = sale?.request, request.kind != .balance, isSealing else {
            return false
        }
        let intent = JournalIntent(
            kind: request.kind, stan: exchange.stan, amount: request.amount, at: exchange.at,
            original: originalData(request).rrn)
        line?.stage = .sealing
        seal(SealRequest(intent.encoded(), opens: true, covers: book.uncovered), exchange, &step)
        return true
    }

    /// Asks for the completion of a sale whose approval is authentic, while nobody has been told of it.
    ///
    /// - Returns: false where there is no open intent to cover.
    mutating func sealCompletion(_ answer: HostAnswer, _ exchange: Exchange, _ step: inout Step) -> Bool {
        guard let index = book.intents.first(where: { $0.stan == exchange.stan })?.sealed else { return false }
        line?.stage = .completing(answer)
        seal(SealRequest([], covers: book.uncovered + [index]), exchange, &step)
        return true
    }

    private mutating func seal(_ request: SealRequest, _ exchange: Exchange, _ step: inout Step) {
        step.barrier()
        ask(.seal(stored: book.sealed.last, [request]), .seal, exchange: exchange.number, &step)
    }

    /// The module has sealed a record. One that comes too late is not kept, and so was never written: the module is told what
    /// is stored with its next one.
    mutating func sealed(_ items: [SealedItem], _ step: inout Step) {
        guard let exchange = line else { return step.log(.moduleReplyStale) }
        guard items.count == 1, let item = items.first, book.sealed.takes(item) else {
            step.log(.moduleOutOfTurn)
            return failExchange(.unfitting, &step)
        }
        switch exchange.stage {
        case .sealing: sendLine(sealed: item, &step)
        case .completing(let answer): saleAnswered(answer, exchange, sealed: item, &step)
        default: step.log(.moduleReplyStale)
        }
    }

    /// A record and its sealed form, which both are durable or neither.
    func sealed(_ record: TerminalRecord, _ item: SealedItem?, covering intent: UInt64? = nil) -> TerminalRecord {
        guard let item else { return record }
        return .sealed(item, covers: book.uncovered + [intent].compactMap(\.self), record)
    }

    // MARK: - Delivery

    /// What a module that was tampered with leaves to its host: what is kept, and behind it the closing record. Of two of
    /// those, which differ by whether the module's last records were kept, the one that is the next.
    var deadTail: [SealedItem] {
        let closings = module.status?.closings ?? []
        let last = book.sealed.last
        let closing = closings.first { $0.index == last + 1 } ?? closings.last { $0.index > last }
        return book.sealed.items + [closing].compactMap(\.self)
    }

    /// Sealed records that a dead terminal has not brought to its host since it was switched on.
    public var undeliveredRecordCount: Int {
        guard module.status?.state == .tampered else { return 0 }
        return deadTail.count { $0.index > tail.receivedThrough }
    }

    func isTailDue(_ now: Instant) -> Bool {
        undeliveredRecordCount > 0 && tail.notBefore <= now && !tokens.isEmpty
    }

    /// Sends the next records under a token: the module cannot protect a message any more, and the records' own codes
    /// authenticate them.
    mutating func startTail(_ step: inout Step) {
        let tokens = tokens
        guard !tokens.isEmpty else { return }
        let items = deadTail.filter { $0.index > tail.receivedThrough }
            .leading(bytesMax: configuration.dialect.tailBytesMax)
        let stan = takeSTAN()
        do throws(EncodeError) {
            let message = try tailMessage(
                items, token: tokens[tail.attempts % tokens.count], stan: stan, now: step.now)
            sendUnprotected(
                message, .tail(through: items.last?.index ?? 0), stan: stan, at: step.now, &step)
        } catch {
            step.log(.messageNotEncoded)
            putOffTail(step.now)
        }
    }

    /// A receipt without a MAC: it ends the sending until the next start, and nothing is forgotten by it.
    mutating func tailAnswered(_ answer: HostAnswer, through index: UInt64, _ step: inout Step) {
        guard answer.reading?.isApproval ?? false else { return failExchange(.unfitting, &step) }
        closeLine(&step)
        tail = TailDelivery(receivedThrough: max(index, tail.receivedThrough))
        if undeliveredRecordCount == 0 { step.log(.tailDelivered) }
    }

    mutating func putOffTail(_ now: Instant) {
        tail.notBefore = now + configuration.pause(afterAttempts: tail.attempts)
    }
}

/// How far the sealed records of a dead terminal have come. Not durable: they are sent again after each start.
struct TailDelivery: Equatable, Sendable {
    /// The host has said, to whoever it may have been, that it has all up to here.
    var receivedThrough: UInt64 = 0
    var attempts = 0
    /// The next attempt comes no sooner.
    var notBefore = Instant(microseconds: .min)
}

extension TerminalDialect {
    /// Bytes of sealed records in one message: DE 57 takes 999, UnionPay's 512 behind an empty health element.
    var tailBytesMax: Int { self == .unionPayPOS ? 512 - HealthElement.length : 999 }
}
