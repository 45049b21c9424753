// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// How far a log has been followed.
struct AuditTrail: Sendable {
    private(set) var head: AuditHead
    /// Behind an authentic record of tampering.
    var isClosed = false
    private(set) var boot: UInt32 = 0
    private(set) var eventCounter: UInt32 = 0
    /// The digests up to `head`, the newest last.
    private var digests: [[UInt8]]

    init(from head: AuditHead) {
        self.head = head
        digests = [head.digest]
    }

    /// The counters of the record that it goes on behind.
    mutating func follow(from known: LogPosition) { (boot, eventCounter) = (known.boot, known.eventCounter) }

    /// The lowest number whose head is known.
    var oldest: UInt32 { head.index - UInt32(digests.count - 1) }

    /// Nil for what is not known, or no longer.
    func digest(at index: UInt32) -> [UInt8]? {
        guard index <= head.index, head.index - index < digests.count else { return nil }
        return digests[digests.count - 1 - Int(head.index - index)]
    }

    /// One record further; its index is the next.
    mutating func follow(_ entry: AuditEntry, _ chain: inout ForwardMAC) throws(AuditFinding) {
        let record = entry.record
        head = head.followed(by: record)
        digests.append(head.digest)
        guard !entry.code.isEmpty else {
            guard isClosed else { throw .edited(record.index) }
            return
        }
        guard chain.verify(entry.code, message: head.digest) else { throw .edited(record.index) }
        guard record.boot >= boot, record.eventCounter >= eventCounter else { throw .rolledBack(record.index) }
        (boot, eventCounter) = (record.boot, record.eventCounter)
        if record.event == .tamperLatched { isClosed = true }
    }

    /// Keeps the newest digests only.
    mutating func forget(_ kept: Int) { if digests.count > kept { digests.removeFirst(digests.count - kept) } }
}
