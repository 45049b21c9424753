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
    init(unprotected builder: MessageBuilder) throws(EncodeError) {
        self.init(mti: builder.mti, bytes: try builder.encode().bytes, holes: nil)
    }

    /// Adds DE 62, 63 and the MAC, and the PIN block if there is to be one, all zeros for the module to fill in.
    init(protecting builder: MessageBuilder, profile: KeyProfile, withPIN: Bool) throws(EncodeError) {
        var builder = builder
        let pinField = profile.pinBlockField
        if withPIN { builder.reserve(pinField, count: profile.pinBlockLength) }
        if !profile.isSession { builder.reserve(62, count: profile.ksnLength) }
        builder.reserve(63, count: HealthElement.length)
        builder.reserveMAC()
        let encoded = try builder.encode()
        guard let ksn = profile.isSession ? 0..<0 : encoded.range(of: 62), let health = encoded.range(of: 63),
            let macField = encoded.macField,
            let mac = encoded.range(of: macField)
        else { throw EncodeError(field: 64, kind: .noMACField) }
        let holes = MessageHoles(
            ksn: ksn, health: health, pinBlock: withPIN ? encoded.range(of: pinField) : nil, mac: mac)
        self.init(mti: builder.mti, bytes: encoded.bytes, holes: holes)
    }

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
