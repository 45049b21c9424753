// SPDX-License-Identifier: Apache-2.0
import Host
import Logging
import ModuleProtocol
import NIOCore
import Vocabulary

/// The host's lines to others: the engine says what is to be done, and is told what happened.
extension HostLoop {
    /// Takes up traffic with every destination, those without an address included: they are away.
    func startUpstream(_ zones: any ZoneModulePort, _ lines: UpstreamLines, seed: UInt64) {
        self.lines = lines
        lines.onEvent = { [weak self] in self?.upstream($0, at: $1) }
        perform(engine.startUpstream(zones: zones, seed: seed, now: clock()))
    }

    private func upstream(_ event: UpstreamEvent, at destination: Int) {
        guard !isStopped else { return }
        perform(engine.upstream(event, at: destination, now: clock()))
    }

    /// Does what has become due or durable.
    func driveUpstream() {
        guard lines != nil, !isStopped else { return }
        perform(engine.driveUpstream(now: clock()))
    }

    private func perform(_ released: HostEngine.Released) {
        lines?.perform(released.upstream) { engine.host.upstream.destinations[$0].name }
        tellLines()
        commit()
        setUpstreamTimer()
    }

    private func tellLines() {
        for index in engine.host.upstream.destinations.indices {
            let isUp = engine.isUpstreamUp(index)
            if index == linesUp.count { linesUp.append(false) }
            guard linesUp[index] != isUp else { continue }
            linesUp[index] = isUp
            let name = engine.host.upstream.destinations[index].name
            logger.notice("a line to another host", metadata: ["name": "\(name)", "isUp": "\(isUp)"])
            onLine?(name, isUp)
        }
    }

    private func setUpstreamTimer() {
        guard let next = engine.nextUpstreamTimer else { return }
        if let timer = upstreamTimer, timer.at <= next { return }
        upstreamTimer?.task.cancel()
        // Never at once: what cannot be done yet must not keep the loop busy.
        let wait = max(next - clock(), .milliseconds(1))
        let task = loop.assumeIsolated().scheduleTask(in: .microseconds(wait.microseconds)) { [weak self] in
            self?.upstreamTimer = nil
            self?.driveUpstream()
        }
        upstreamTimer = (next, task)
    }

    /// Whether terminals wait for the answers of other hosts.
    var isAwaitingOthers: Bool { lines != nil && !engine.host.upstream.open.isEmpty }
}
