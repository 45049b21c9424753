// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography

/// The code over a terminal's health elements and evidence, its key prepared; wiped when the last that holds it lets go.
final class HealthCode: Sendable {
    let keys: TerminalKeys
    private let code: AESCMAC

    /// - Parameter key: 16 bytes, the health key of these keys.
    init(_ keys: TerminalKeys, key: borrowing SecretKey) {
        self.keys = keys
        code = AESCMAC(key: key)
    }

    /// Whether a part of the message, 8 to 16 bytes, is the code over another; in constant time.
    func verify(_ message: [UInt8], _ covered: Range<Int>, _ mac: Range<Int>) -> Bool {
        guard (MessageHoles.macLength...AESCMAC.codeCount).contains(mac.count) else { return false }
        return message.withUnsafeBytes { message in
            let mac = UnsafeRawBufferPointer(rebasing: message[mac])
            return code.code(UnsafeRawBufferPointer(rebasing: message[covered])).withUnsafeBytes {
                constantTimeEquals(UnsafeRawBufferPointer(rebasing: $0[..<mac.count]), mac)
            }
        }
    }
}
