// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import ISO8583
import Issuer
import Journal
import PaymentCryptography
import Vocabulary

// MARK: - The host's side of a run

extension Simulation {
    /// Channels name the terminal and the line it spoke on; an injected copy names none.
    func channel(_ index: Int) -> UInt64 { UInt64(index) << 32 | UInt64(terminals[index].lineEpoch) }
    static let rogueChannel = UInt64.max
    static let injectedChannel = UInt64.max - 1

    func hostReceives(_ channel: UInt64, _ bytes: [UInt8]) {
        guard let engine = host.engine else { return }
        report.messages += 1
        trace("→ host \(channel >> 32) \(summary(bytes))")
        if let sabotage = options.sabotage {
            engine.sabotage(sabotage == .forgetDuplicates, sabotage == .skipLeaseCheck)
        }
        var notices: [HostEngine.Notice] = []
        let released = engine.receive(
            [HostEngine.Incoming(channel: channel, bytes: bytes)], now: now,
            notices: &notices)
        deliver(released)
        pump()
    }

    func pump() {
        let (began, early) = host.beginCommit()
        guard began else { return }
        report.commits += 1
        if let early { deliver(early) }
        // The process may die while its disk is writing.
        if !isCalm, random.chance(perMille: 3) { queue.add(.hostDies, at: now + .milliseconds(1)) }
        queue.add(.landed(epoch: host.epoch), at: now + .milliseconds(Int64(1 + random.below(20))))
    }

    func landed() {
        guard let (commit, released) = host.land() else { return pump() }
        observe(commit)
        if let released { deliver(released) }
        pump()
    }

    /// The checker sees what is durable, and nothing else.
    private func observe(_ commit: Commit) {
        guard let records = try? RecordFrame.decode(commit.bytes) else {
            return checker.report("I14", "a commit does not decode", at: now)
        }
        for bytes in records {
            guard let record = try? HostRecord(decoding: bytes), record.encoded() == bytes else {
                checker.report("I14", "a record does not decode to itself", at: now)
                continue
            }
            checker.committed(record)
            switch record.body {
            case .authorisation(let sale):
                keepSlip(sale, .purchase)
                if sale.shadow != nil { report.shadowVerdicts += 1 }
            case .rules: report.ruleChanges += 1
            case .label: report.labels += 1
            case .transaction(let transaction): keepSlip(transaction.sale, transaction.kind)
            default: break
            }
        }
    }

    private func deliver(_ released: HostEngine.Released) {
        for answer in released.answers {
            observed.update(answer.bytes)
            trace("← host \(answer.channel >> 32) \(summary(answer.bytes))")
            if answer.channel == Self.injectedChannel { continue }
            if answer.channel == Self.rogueChannel {
                rogueReceives(answer.bytes)
                continue
            }
            let index = Int(answer.channel >> 32)
            // A line that fails does so in both directions; an answer may be lost or come twice.
            if !isCalm, random.chance(perMille: 15) { continue }
            let event = Event.toTerminal(index, epoch: UInt32(truncatingIfNeeded: answer.channel), answer.bytes)
            queue.add(event, at: now + delay)
            if !isCalm, random.chance(perMille: 15) { queue.add(event, at: now + delay + delay) }
        }
    }

    func hostCrashes() {
        guard host.engine != nil, !isCalm else { return }
        report.hostRestarts += 1
        trace("host crashes")
        if let kept = host.crash(keepInFlight: random.chance(perMille: 500)) { observe(kept) }
        // What was sent before the crash still arrives; then each terminal notices.
        for index in terminals.indices { queue.add(.lineDown(index), at: now + .milliseconds(700)) }
        queue.add(.hostRestart, at: now + .seconds(Int64(2 + random.below(600))))
    }

    func hostRestarts() {
        if !host.restart() { checker.report("I14", "the journal does not give the state it came from", at: now) }
    }
}
