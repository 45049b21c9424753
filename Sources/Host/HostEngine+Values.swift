// SPDX-License-Identifier: Apache-2.0
import Vocabulary

extension HostEngine {
    public struct Counters: Equatable, Sendable {
        public var received = 0
        public var malformed = 0
        public var unauthentic = 0
        public var askedAgain = 0
        /// Messages and answers for which the module did not answer.
        public var withoutModule = 0
        /// Of other hosts: messages without the zone's MAC, messages that mean nothing here, and zones whose keys could
        /// not be read.
        public var upstreamUnauthentic = 0
        public var upstreamUnknown = 0
        public var upstreamKeysLost = 0
    }

    /// A message as it came, without its length, and where its answer goes. A UnionPay terminal's begins with TPDU and header.
    public struct Incoming: Sendable {
        public var channel: UInt64
        public var bytes: [UInt8]
        /// The terminal that the connection's certificate names; nil without mutual authentication.
        public var certified: TerminalID?

        public init(channel: UInt64, bytes: [UInt8], certified: TerminalID? = nil) {
            self.channel = channel
            self.bytes = bytes
            self.certified = certified
        }
    }

    /// An answer, unframed.
    public struct Outgoing: Sendable {
        public var channel: UInt64
        public var bytes: [UInt8]
    }

    /// What may leave once a commit is durable.
    public struct Released: Sendable {
        public var answers: [Outgoing] = []
        /// What is to be done at the lines to other hosts, in order.
        public var upstream: [UpstreamEffect] = []
        public var records: [(sequence: UInt64, record: HostRecord)] = []
        /// Tickets of commands that are now durable.
        public var commands: [UInt64] = []
    }

    enum Release {
        case answer(PendingAnswer)
        case record(UInt64, HostRecord)
        case command(UInt64)
        /// The forward of this name may leave.
        case forward(UInt64)
        /// So may this stored message of a destination.
        case stored(Int, UInt64)
        /// A zone's keys are these.
        case keys(Int, ZoneKeyState)
        /// A message to another host may leave.
        case reply(Int, [UInt8])
    }
}
