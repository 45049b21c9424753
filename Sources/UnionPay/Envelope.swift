// SPDX-License-Identifier: Apache-2.0
import ISO8583

extension UnionPay {
    /// What stands between the length and the message on the line: TPDU and header. No MAC covers it.
    public struct Envelope: Hashable, Sendable {
        public var tpdu: TPDU
        public var header: Header

        /// Bytes on the stream.
        public static let count = TPDU.count + Header.count

        public init(tpdu: TPDU = TPDU(destination: 0x0003, source: 0x0000), header: Header = Header()) {
            self.tpdu = tpdu
            self.header = header
        }

        /// Takes the envelope off a frame.
        /// - Returns: nil unless the frame begins with one and has a message behind it.
        public init?(taking frame: inout [UInt8]) {
            // No message of another dialect begins with this byte.
            guard frame.count > Self.count, frame[0] == 0x60, let tpdu = TPDU(frame[..<TPDU.count]),
                let header = Header(frame[TPDU.count..<Self.count])
            else { return nil }
            self.init(tpdu: tpdu, header: header)
            frame.removeFirst(Self.count)
        }

        /// As it stands on the stream.
        public var bytes: [UInt8] { tpdu.bytes + header.bytes }

        /// The one of the answer: back to where the message came from.
        public func answer(_ request: Header.ProcessingRequest) -> Envelope {
            var header = header
            header.processing = request
            return Envelope(tpdu: tpdu.answer, header: header)
        }
    }

    /// The header of UnionPay's terminal messages: twelve packed digits, of which one matters.
    public struct Header: Hashable, Sendable {
        /// What the centre asks the terminal to do, the sixth digit.
        public enum ProcessingRequest: UInt8, Sendable {
            case none = 0
            /// Sign on again.
            case signOn = 3
        }

        public static let count = 6

        /// Application class (60: POS), software version, terminal state and processing request, six reserved digits.
        public private(set) var bytes: [UInt8]

        public init() { bytes = [0x60, 0x31, 0x00, 0x00, 0x00, 0x00] }

        /// - Returns: nil unless there are six bytes of packed digits.
        public init?(_ bytes: some Collection<UInt8>) {
            guard bytes.count == Self.count, bytes.allSatisfy({ $0 >> 4 <= 9 && $0 & 0x0F <= 9 }) else { return nil }
            self.bytes = Array(bytes)
        }

        /// What is asked; a request this house does not know counts as none.
        public var processing: ProcessingRequest {
            get { ProcessingRequest(rawValue: bytes[2] & 0x0F) ?? .none }
            set { bytes[2] = bytes[2] & 0xF0 | newValue.rawValue }
        }
    }
}
