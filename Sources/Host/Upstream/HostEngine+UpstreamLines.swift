// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Interchange
import Journal
import ModuleProtocol
import Vocabulary

/// What happens at the lines themselves.
extension HostEngine {
    func addLinks(_ out: inout Released, now: Instant) {
        while let switchboard, switchboard.links.count < host.upstream.destinations.count {
            self.switchboard?.links.append(UpstreamLink(policy: switchboard.policy, now: now))
            handle(.start, switchboard.links.count, &out, now: now)
        }
    }

    func handle(_ event: LinkSession.Event, _ index: Int, _ out: inout Released, now: Instant) {
        guard var random = switchboard?.random,
            let outcome = switchboard?.links[index].handle(event, now: now, random: &random)
        else { return }
        switchboard?.random = random
        for effect in outcome.effects { perform(effect, index, &out, now: now) }
        for failure in outcome.failures {
            switch failure {
            case .forward(let id, let outcome): end(id, outcome, nil, now: now)
            case .stored(let id): host.releaseStored(index, id)
            }
        }
    }

    func perform(_ effect: UpstreamLink.Effect, _ index: Int, _ out: inout Released, now: Instant) {
        switch effect {
        case .connect: out.upstream.append(UpstreamEffect(destination: index, action: .connect))
        case .close: out.upstream.append(UpstreamEffect(destination: index, action: .close))
        case .request(let bytes): out.upstream.append(UpstreamEffect(destination: index, action: .send(bytes)))
        case .network(let code):
            guard let stan = switchboard?.nextSTAN else { return }
            switchboard?.nextSTAN += 1
            send(UpstreamMessages.network(code, stan: stan, at: now), index, &out)
        }
    }

    /// Seals a message and lets it leave at once.
    func send(_ message: EncodedMessage?, _ index: Int, _ out: inout Released) {
        guard let bytes = switchboard?.sealed(message, host.upstream.destinations[index].zone) else { return }
        out.upstream.append(UpstreamEffect(destination: index, action: .send(bytes)))
    }

    func receive(_ bytes: [UInt8], _ index: Int, _ out: inout Released, now: Instant) {
        // Without the zone's MAC it settles nothing (rule R5): what it may have answered is reversed.
        guard let (view, keys) = switchboard?.view(bytes, host.upstream.destinations[index].zone) else {
            counters.upstreamUnauthentic += 1
            return
        }
        heard(under: keys, index, now: now)
        switch view.mti {
        case .networkResponse where view.number(70) == 1:
            return handle(.signedOn(view.text(39) == "00"), index, &out, now: now)
        case .networkResponse where view.number(70) == 101: receiveKeyAnswer(view, index, now: now)
        case .networkResponse: break
        case .networkRequest, .networkRepeat: return receiveNetwork(view, index, &out, now: now)
        case .financialResponse, .authorisationResponse: receiveAnswer(view, index, now: now)
        case .reversalAdviceResponse, .reversalResponse, .financialAdviceResponse, .authorisationAdviceResponse:
            receiveAcknowledgement(view, index, now: now)
        case .reversalRequest, .reversalRepeat, .reversalAdvice, .reversalAdviceRepeat:
            receiveReversal(view, index, now: now)
        default: receiveOther(view, index)
        }
        handle(.heard, index, &out, now: now)
    }

    private func receiveAnswer(_ view: MessageView, _ index: Int, now: Instant) {
        guard let id = view.number(37), view.number(11) == UpstreamMessages.stan(id) else { return }
        let intent = view.text(39).flatMap { ResponseCode($0) }.flatMap { Intent.intent(code: $0, in: .iso8583) }
        let answer = UpstreamAnswer(
            intent: intent.map { $0.isAccepted && !$0.isApproval ? .genericDecline : $0.withoutStepUp }
                ?? .genericDecline,
            approvalCode: UInt32(clamping: view.number(38) ?? 0), balance: view.text(54) ?? "")
        guard let open = host.upstream.open(id: id), Int(open.named.forward.destination) == index else {
            if let late = host.decideLate(id, answer, now: now), hasRoom {
                _ = try? queue(late, [.record(host.sequence + 1, late)])
            }
            return
        }
        // An answer of another type or to another amount answers another request.
        guard view.mti == MTI(rawValue: open.named.forward.kind.messageType)?.response,
            view.number(4).map({ $0 == UInt64(open.named.forward.amount.minorUnits) }) ?? true,
            switchboard?.links[index].answered(id, now: now) == true
        else { return }
        end(id, .answered, answer, now: now)
    }

    private func receiveAcknowledgement(_ view: MessageView, _ index: Int, now: Instant) {
        guard let stan = view.number(11), let message = storedMessage(stan: stan, index),
            let content = try? StoredMessage(decoding: message.payload), content.named.id == view.number(37),
            let intent = view.text(39).flatMap({ ResponseCode($0) }).flatMap({ Intent.intent(code: $0, in: .iso8583) }),
            hasRoom
        else { return }
        // Not now: another attempt follows.
        guard intent != .systemError, intent != .issuerUnavailable else { return }
        let isTaken = intent.isAccepted || (content.kind == .reversal && intent == .noOriginal)
        switch host.upstream.stores[index].answered(message.id, isAccepted: isTaken) {
        case .delivered(let id): note(.delivered(destination: UInt8(index), id: id), now: now)
        case .dead(let id, let reason): note(.dead(destination: UInt8(index), id: id, reason), now: now)
        default: return
        }
        switchboard?.links[index].answeredStored(message.id)
    }

    /// The newest message of that trace number.
    private func storedMessage(stan: UInt64, _ index: Int) -> StoreAndForward.Message? {
        let store = host.upstream.stores[index]
        guard (1...999_999).contains(stan) else { return nil }
        let round = store.nextID / 999_999 * 999_999
        return [round + stan - 1, round >= 999_999 ? round + stan - 1 - 999_999 : 0].lazy
            .compactMap { store.message($0) }.first
    }
}
