// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Testing
import Vocabulary

@Suite struct `DUKPT, on random inputs` {
    @Test func `has KSNs that come back from their bytes`() {
        forAll(500) { draw in
            let bytes = draw.bytes(draw.element([10, 12]))
            let ksn = try #require(KSN(bytes: bytes))
            try hold(ksn.bytes == bytes, "\(Hex.text(bytes)) gives \(Hex.text(ksn.bytes))")
            let counter = bytes.count == 10 ? ksn.counter >> 21 : 0
            try hold(counter == 0, "a counter of more bits than the scheme has")
            let other = draw.bytes(draw.below(20))
            try hold((KSN(bytes: other) == nil) == (other.count != 10 && other.count != 12), "\(other.count) bytes")
        }
    }

    @Test func `counts upwards through legal counters and leaves none out`() {
        forAll(300) { draw in
            let ksn = try draw.tdesKSN()
            if let next = ksn.next {
                try hold(next.isLegal && next.counter > ksn.counter, "\(next.counter)")
                try hold(
                    !((ksn.counter + 1)..<next.counter).contains { $0.nonzeroBitCount <= 10 },
                    "a legal counter left out")
            } else {
                try hold(ksn.counter == 0x1FF800, "\(ksn.counter) is not the last")
            }
            let long = draw.aesKSN()
            guard let next = long.next else { return try hold(long.counter == 0xFFFF_0000, "not the last") }
            try hold(next.isLegal && next.counter > long.counter, "\(next.counter)")
            // What lies between has the higher bits of the next and more ones than it.
            let between = next.counter - long.counter
            try hold(
                between == 1 || between == long.counter & (0 &- long.counter), "\(long.counter) to \(next.counter)")
        }
    }

    @Test func `of TDES gives back PINs and data, and verifies its MACs alone`() {
        forAll(60) { draw in
            let bdk = draw.key(16)
            let ksn = try draw.tdesKSN()
            let keys = try TDESDUKPT.transactionKeys(bdk: bdk, ksn: ksn)
            let pin = try draw.pin()
            let pan = try draw.pan()
            for format in [PINBlockFormat.format0, .format1, .format3] {
                let block = keys.encryptPINBlock(pin, pan: pan, format: format)
                try hold(try keys.decryptPINBlock(block, pan: pan, format: format).equals(pin), "another PIN")
            }
            let data = draw.bytes(8 * draw.below(20))
            let (sent, answered) = (keys.encryptRequestData(data), keys.encryptResponseData(data))
            try hold(keys.decryptRequestData(try #require(sent)) == data, "another request")
            try hold(keys.decryptResponseData(try #require(answered)) == data, "another response")
            let message = draw.bytes(draw.count(1...100))
            let (request, response) = (keys.requestMAC(message), keys.responseMAC(message))
            try hold(keys.verifyRequestMAC(request, message: message), "a request's MAC")
            try hold(keys.verifyResponseMAC(response, message: message), "a response's MAC")
            try hold(!keys.verifyRequestMAC(response, message: message), "a response's MAC on a request")
            try hold(!keys.verifyRequestMAC(draw.flipped(request), message: message), "a changed MAC")
            try hold(!keys.verifyRequestMAC(request, message: draw.flipped(message)), "a changed message")
        }
    }

    @Test func `of AES gives back PINs and data, and verifies its MACs alone`() {
        forAll(60) { draw in
            let bdk = draw.aesKey()
            let ksn = draw.aesKSN()
            let working = draw.element(AESKeyLength.allCases.filter { $0.rawValue <= bdk.count })
            let keys = try AESDUKPT.transactionKeys(bdk: bdk, ksn: ksn, workingKeys: working)
            let pin = try draw.pin()
            let pan = try draw.pan()
            let block = keys.encryptPINBlock(pin, pan: pan)
            try hold(try keys.decryptPINBlock(block, pan: pan).equals(pin), "another PIN")
            let data = draw.bytes(16 * draw.below(20))
            let (sent, answered) = (keys.encryptRequestData(data), keys.encryptResponseData(data))
            try hold(keys.decryptRequestData(try #require(sent)) == data, "another request")
            try hold(keys.decryptResponseData(try #require(answered)) == data, "another response")
            let message = draw.bytes(draw.count(1...100))
            let (request, response) = (keys.requestMAC(message), keys.responseMAC(message))
            try hold(keys.verifyRequestMAC(request, message: message), "a request's MAC")
            try hold(keys.verifyResponseMAC(response, message: message), "a response's MAC")
            try hold(!keys.verifyRequestMAC(response, message: message), "a response's MAC on a request")
            try hold(!keys.verifyRequestMAC(draw.flipped(request), message: message), "a changed MAC")
            try hold(!keys.verifyRequestMAC(request, message: draw.flipped(message)), "a changed message")
        }
    }

    @Test func `of a TDES device survives sealing and agrees with the host`() {
        forAll(40) { draw in
            let initial = draw.key(16)
            let sealing = draw.aesKey()
            let ksn = try #require(TDESKeySerialNumber(initialKeyID: draw.word() & ~0x1F))
            var device = try TDESDUKPTDevice(initialKey: initial, ksn: ksn)
            try device.advance(to: try draw.tdesKSN().counter)
            let sealed = device.record(under: sealing)
            var restored = try require(TDESDUKPTDevice(record: sealed, under: sealing))
            try hold(restored.nextCounter == device.nextCounter, "another counter")
            let message = draw.bytes(20)
            let mine = try device.use()
            let again = try restored.use()
            let host = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: mine.ksn)
            try hold(mine.ksn == again.ksn && mine.ksn.initialKeyID == ksn.initialKeyID, "another KSN")
            let codes = [mine.requestMAC(message), again.requestMAC(message), host.requestMAC(message)]
            try hold(codes.allSatisfy { $0 == codes[0] }, "device, restored device and host differ")
            let changed = draw.flipped(sealed)
            try hold(isRefused { TDESDUKPTDevice(record: changed, under: sealing) }, "a changed state")
            let other = draw.key(sealing.count)
            try hold(isRefused { TDESDUKPTDevice(record: sealed, under: other) }, "a state under another key")
        }
    }

    @Test func `of an AES device survives sealing and agrees with the host`() {
        forAll(40) { draw in
            let initial = draw.aesKey()
            let sealing = draw.aesKey()
            let working = draw.element(AESKeyLength.allCases.filter { $0.rawValue <= initial.count })
            let ksn = AESKeySerialNumber(initialKeyID: draw.word())
            var device = try AESDUKPTDevice(initialKey: initial, ksn: ksn, workingKeys: working)
            try device.advance(to: draw.aesKSN().counter)
            let sealed = device.record(under: sealing)
            var restored = try require(AESDUKPTDevice(record: sealed, under: sealing))
            try hold(restored.nextCounter == device.nextCounter, "another counter")
            try hold(restored.workingKeys == working, "another key length")
            let message = draw.bytes(20)
            let mine = try device.use()
            let again = try restored.use()
            let host = try AESDUKPT.transactionKeys(initialKey: initial, ksn: mine.ksn, workingKeys: working)
            try hold(mine.ksn == again.ksn && mine.ksn.initialKeyID == ksn.initialKeyID, "another KSN")
            let codes = [mine.requestMAC(message), again.requestMAC(message), host.requestMAC(message)]
            try hold(codes.allSatisfy { $0 == codes[0] }, "device, restored device and host differ")
            let changed = draw.flipped(sealed)
            try hold(isRefused { AESDUKPTDevice(record: changed, under: sealing) }, "a changed state")
        }
    }
}
