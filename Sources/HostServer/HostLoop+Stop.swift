// SPDX-License-Identifier: Apache-2.0
import Host
import Journal
import NIOCore

extension HostLoop {
    /// Takes nothing more, lets every commit land and closes the connections.
    /// - Parameters:
    ///   - head: where the journal ends, asked when nothing is in flight any more.
    ///   - done: gets the snapshot of the last state.
    func stop(head: @escaping @Sendable () -> JournalHead, done: EventLoopPromise<HostSnapshot>) {
        guard drained == nil, !isStopped else { return done.fail(ServerStopped()) }
        drained = (head, done)
        // What other hosts still owe is waited for, and reversed at the next start if it has not come.
        if lines != nil {
            loop.assumeIsolated().scheduleTask(in: Self.drainMax) { [weak self] in
                self?.lines?.close()
                self?.lines = nil
                self?.finishIfDrained()
            }
        }
        finishIfDrained()
    }

    func finishIfDrained() {
        // A snapshot that is being saved goes first: the last one may have its name.
        guard let (head, done) = drained, inbox.isEmpty, engine.isIdle, !isStopped, !isAwaitingOthers, !isSaving else {
            return
        }
        isStopped = true
        drained = nil
        lines?.close()
        for connection in connections.values { connection.channel.close(promise: nil) }
        done.succeed(HostSnapshot(head: head(), state: engine.host.state()))
    }
}
