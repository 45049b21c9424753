// SPDX-License-Identifier: Apache-2.0
import Host
import Logging
import NIOCore
import Vocabulary

extension HostLoop {
    /// Ends the business day when the calendar has (UTC) and does what the estate's clock has due, looking once a minute
    /// until the host stops.
    /// - Parameter start: when this process began to serve.
    func watchDay(since start: Instant) {
        guard !isStopped, drained == nil else { return }
        if engine.host.isCutOverDue(at: clock(), since: start) {
            do {
                _ = try engine.submit(.cutOver, by: Self.clockwork, now: clock())
                commit()
            } catch { logger.warning("the business day was not ended", metadata: ["error": "\(error)"]) }
        }
        runClock()
        loop.assumeIsolated().scheduleTask(in: .minutes(1)) { [weak self] in self?.watchDay(since: start) }
    }

    /// Time that is read from what was recorded says nothing about who is missing now.
    private func runClock() {
        guard recordedTime == nil else { return }
        let now = clock()
        // What does not fit into so many records waits a minute.
        for _ in 0..<16 where engine.host.isTickDue(at: now) {
            do { _ = try engine.submit(.tick, by: Self.clockwork, now: now) } catch {
                return logger.warning("the clock was not run", metadata: ["error": "\(error)"])
            }
        }
        commit()
    }

    /// Who ends the day when nobody does.
    private static let clockwork = Principal(staff: StaffID(packed: 0x434C_4F43_4B00_0000), role: .system)
}
