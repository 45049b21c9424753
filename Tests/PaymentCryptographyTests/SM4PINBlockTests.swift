// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite("The PIN block of SM4 terminals")
struct SM4PINBlockTests {
    /// A worked example of a pinpad (blog.csdn.net/M_Kerry/article/details/104625499): test TMK, the PIN key under it with
    /// its check value, and the clear block of PIN 123654.
    @Test("the published example: its key's check value, and its clear block under that key")
    func published() throws {
        guard let master = SecretKey(hex: "1234567890ABCDEFABCDEF0987654321") else { throw PINBlockError() }
        let wrapped = try #require(Hex.bytes("3D66234C49E4296FF9C78D8BACBD6A76"))
        let clearKey = try SM4.decryptECB(wrapped, key: master)
        let key = SecretKey(count: 16) { $0.copyBytes(from: clearKey) }
        #expect(try SM4.kcv(key, count: 8) == Hex.bytes("861E83E31FAEBF10"))
        let pan = try #require(PANDigits("6230606601007726888"))
        guard let pin = ClearPIN(digits: "123654") else { throw PINBlockError() }
        let block = PINBlock.encryptSM4(pin, pan: pan, key: key)
        #expect(try SM4.decryptECB(block, key: key) == Hex.bytes("06123654FFFFFFFFFFFF99FEFF88D977"))
    }

    @Test("a PIN of every length comes back, and a block that is damaged, cut or of another PAN gives none")
    func roundTrip() throws {
        let key = SecretKey.random(count: 16)
        let pan = try #require(PANDigits("6230606601007726888"))
        let other = try #require(PANDigits("6230606601007726789"))
        for count in ClearPIN.countMin...ClearPIN.countMax {
            let pin = ClearPIN.random(count: count)
            let block = PINBlock.encryptSM4(pin, pan: pan, key: key)
            let back = try PINBlock.decryptSM4(block, pan: pan, key: key)
            let isSame = back.equals(pin)
            #expect(isSame && block.count == PINBlock.sm4Count)
            let isBound = isRefused(block, other, key)
            let isWhole = isRefused(Array(block.dropLast()), pan, key)
            #expect(isBound && isWhole)
            for index in block.indices {
                var damaged = block
                damaged[index] ^= 1
                let isFound = isRefused(damaged, pan, key)
                #expect(isFound, "byte \(index)")
            }
        }
    }

    private func isRefused(_ block: [UInt8], _ pan: PANDigits, _ key: borrowing SecretKey) -> Bool {
        do {
            _ = try PINBlock.decryptSM4(block, pan: pan, key: key)
            return false
        } catch { return true }
    }
}
