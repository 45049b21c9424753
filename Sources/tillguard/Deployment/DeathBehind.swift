// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Host
import Synchronization
import Vocabulary

/// Ends the process by a kill when a record of that name has become durable for the so-manieth time and nothing that hangs
/// on it has left: the worst moment there is. `forwarded:2` is behind the second forward, `TILL0001:2` behind the second step
/// of that virtual terminal. For tests.
final class DeathBehind: ExpressibleByArgument, Sendable {
    private let name: String
    private let left: Atomic<Int>

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard parts.count == 2, let count = Int(parts[1]), count > 0 else { return nil }
        name = String(parts[0])
        left = Atomic(count)
    }

    func hear(_ record: HostRecord) { hear(Self.name(of: record)) }

    /// A terminal's step has become durable.
    func hear(_ terminal: TerminalID) { hear(terminal.description) }

    private func hear(_ heard: String) {
        guard heard == name else { return }
        if left.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
    }

    /// The name of its case; of records between hosts, estate and issuer that of the case within.
    static func name(of record: HostRecord) -> String {
        func label(_ value: Any) -> (String, Any)? {
            Mirror(reflecting: value).children.first.flatMap { child in child.label.map { ($0, child.value) } }
        }
        guard let (outer, value) = label(record.body) else { return "\(record.body)" }
        guard ["upstream", "estate", "issuer"].contains(outer) else { return outer }
        return label(value)?.0 ?? outer
    }
}
