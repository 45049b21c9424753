// SPDX-License-Identifier: Apache-2.0
import ISO8583
import ModuleProtocol
import Vocabulary

/// A message of the terminal, and where the module is to write.
struct OutgoingMessage: Equatable, Sendable {
    var mti: MTI
    var bytes: [UInt8]
    /// Nil for a message that goes out without protection.
    var holes: MessageHoles?

    init(mti: MTI, bytes: [UInt8], holes: MessageHoles?) {
        self.mti = mti
        self.bytes = bytes
        self.holes = holes
    }

    /// Encodes a message that nobody protects.
    init(unprotected builder: MessageBuilder, _ dialect: Dialect) throws(EncodeError) {
        let own = try dialect.request(builder, hasHealth: false, withPIN: false)
        self.init(mti: builder.mti, bytes: try own.encode().bytes, holes: nil)
    }

    /// Adds what only the module may write, all zeros for it to fill in: KSN, health element, MAC, and the PIN block if there
    /// is to be one.
    init(protecting builder: MessageBuilder, _ dialect: Dialect, withPIN: Bool = false) throws(EncodeError) {
        var own = try dialect.request(builder, hasHealth: true, withPIN: withPIN)
        let hasMAC = dialect.needsMAC(builder.mti)
        if hasMAC { own.reserveMAC() }
        let encoded = try own.encode()
        let end = encoded.bytes.count
        guard let ksn = dialect.ksn(encoded), let health = dialect.health(encoded),
            let mac = hasMAC ? encoded.macField.flatMap({ encoded.range(of: $0) }) : end..<end
        else { throw EncodeError(field: 64, kind: .noMACField) }
        let holes = MessageHoles(
            ksn: ksn, health: health, pinBlock: withPIN ? encoded.range(of: dialect.pinBlockField) : nil, mac: mac)
        self.init(mti: builder.mti, bytes: encoded.bytes, holes: holes)
    }

    /// Whether the answer must have a MAC.
    var hasMAC: Bool { holes.map { !$0.mac.isEmpty } ?? false }

    /// Whether the bytes are this message with nothing changed outside the holes.
    ///
    /// It ties the module's reply to its command, and keeps a module that is at fault from changing an amount.
    func isProtected(as bytes: [UInt8]) -> Bool {
        guard let holes, bytes.count == self.bytes.count else { return false }
        for index in bytes.indices where bytes[index] != self.bytes[index] {
            let isHole =
                holes.ksn.contains(index) || holes.health.contains(index) || holes.mac.contains(index)
                || (holes.pinBlock?.contains(index) ?? false)
            guard isHole else { return false }
        }
        return true
    }
}
