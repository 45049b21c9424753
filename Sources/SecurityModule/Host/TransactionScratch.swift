// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// Where the host's module goes to one DUKPT transaction after another. From a terminal's last transaction the next one is
/// a step away; nothing is allocated for it, and only the working key that is asked for is derived.
struct TransactionScratch: ~Copyable {
    /// Initial keys of each scheme whose way to the latest transaction is kept, those used last: a mebibyte of AES keys and
    /// half of one of TDES keys at most, so that the secure heap has room for other secrets.
    static let nodesMax = 2_048

    private var tdes = TDESDUKPT.Scratch()
    private var tdesNodes = TDESDUKPT.NodeCache(capacity: nodesMax)
    private var aes = AESDUKPT.Scratch()
    private var aesNodes = AESDUKPT.NodeCache(capacity: nodesMax)
    private var isAES = false
    /// What `readPIN` or `hold` left, until `forgetPIN`.
    private(set) var pin = ClearPIN.random(count: ClearPIN.countMin)

    private let anyPAN: PANDigits

    init() {
        guard let anyPAN = PANDigits("0") else { preconditionFailure("one digit is a number") }
        self.anyPAN = anyPAN
        forgetPIN()
    }

    /// Goes to a transaction of the terminal whose initial key this is.
    ///
    /// - Returns: false, at no transaction, for a counter that no transaction may use.
    mutating func derive(initialKey: borrowing SecretKey, ksn: KSN) -> Bool {
        do {
            switch ksn {
            case .tdes(let ksn):
                isAES = false
                try tdes.derive(initialKey: initialKey, ksn: ksn, nodes: &tdesNodes)
            case .aes(let ksn):
                isAES = true
                try aes.derive(initialKey: initialKey, ksn: ksn, nodes: &aesNodes)
            }
            return true
        } catch { return false }
    }

    /// Whether the request's MAC is that of the part of the message; in constant time.
    mutating func verifyRequestMAC(_ message: [UInt8], _ covered: Range<Int>, _ mac: Range<Int>) -> Bool {
        message.withUnsafeBytes { message in
            let covered = UnsafeRawBufferPointer(rebasing: message[covered])
            let mac = UnsafeRawBufferPointer(rebasing: message[mac])
            return isAES
                ? aes.verifyRequestMAC(mac, message: covered) : tdes.verifyRequestMAC(mac, message: covered)
        }
    }

    /// Writes the answer's MAC over a part of the message into another part.
    mutating func writeResponseMAC(_ message: inout [UInt8], _ covered: Range<Int>, _ mac: Range<Int>) {
        message.withUnsafeMutableBytes { message in
            let room = UnsafeMutableRawBufferPointer(rebasing: message[mac])
            let covered = UnsafeRawBufferPointer(rebasing: message[covered])
            let isWritten =
                isAES ? aes.writeResponseMAC(of: covered, into: room) : tdes.writeResponseMAC(of: covered, into: room)
            precondition(isWritten, "a MAC is written at a transaction, in eight bytes")
        }
    }

    /// Takes the PIN out of a block under the transaction's key.
    ///
    /// - Returns: false, with no PIN held, for a block that holds none.
    mutating func readPIN(_ message: [UInt8], _ block: Range<Int>, _ pan: PANDigits) -> Bool {
        message.withUnsafeBytes { message in
            let block = UnsafeRawBufferPointer(rebasing: message[block])
            do throws(PINBlockError) {
                if isAES {
                    try aes.decryptPINBlock(block, pan: pan, into: &pin)
                } else {
                    try tdes.decryptPINBlock(block, pan: pan, into: &pin)
                }
                return true
            } catch { return false }
        }
    }

    /// Takes a PIN that came under another key.
    mutating func hold(_ pin: consuming ClearPIN) { self.pin = pin }

    /// Wipes the PIN; a use of it stops the process from then on.
    mutating func forgetPIN() {
        // A block that is none leaves no PIN.
        try? tdes.decryptPINBlock(UnsafeRawBufferPointer(start: nil, count: 0), pan: anyPAN, into: &pin)
    }
}
