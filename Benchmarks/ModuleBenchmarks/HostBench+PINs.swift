// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// A PIN verification alone: to the transaction's key, the PIN out of its block, and PVV or offset. The module verifies no
/// PIN outside an authentic message, so that these are its calls into the library, without it.
extension HostBench {
    private static let transactions: UInt32 = 4_096
    private static let calls = 32_768

    func verifyPINs(_ stopwatch: inout Stopwatch) throws {
        let digits = try PANDigits("4111111111111111").orFail("PAN")
        let pin = try Self.pin()
        let pvk = SecretKey.random(count: 16).withOddParity()
        let values = Values(
            pvv: VisaPVV.value(pvk: pvk, pan: digits, pvki: 1, pin: pin),
            offset: IBM3624.offset(pvk: pvk, pan: digits, table: .standard, pin: pin))
        let key = SecretKey.random(count: 16)
        switch profile {
        case .tdes: try verifyTDES(&stopwatch, key, pvk, digits, pin, values)
        default: try verifyAES(&stopwatch, key, pvk, digits, pin, values)
        }
    }

    private struct Values {
        let pvv: [UInt8]
        let offset: [UInt8]
    }

    private func verifyTDES(
        _ stopwatch: inout Stopwatch, _ key: borrowing SecretKey, _ pvk: borrowing SecretKey, _ pan: PANDigits,
        _ pin: borrowing ClearPIN, _ values: Values
    ) throws {
        // A closure cannot capture a borrowed parameter.
        let key = key.copy()
        let pvk = pvk.copy()
        let ksns = (1...Self.transactions).compactMap {
            TDESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3400, counter: $0)
        }.filter(\.isLegal)
        var blocks: [[UInt8]] = []
        for ksn in ksns {
            blocks.append(try TDESDUKPT.transactionKeys(initialKey: key, ksn: ksn).encryptPINBlock(pin, pan: pan))
        }
        var scratch = TDESDUKPT.Scratch()
        var nodes = TDESDUKPT.NodeCache(capacity: 64)
        var found = try Self.pin()
        try stopwatch.measure("pin_verify_pvv_tdes", calls: Self.calls) { call in
            let call = call % ksns.count
            try scratch.derive(initialKey: key, ksn: ksns[call], nodes: &nodes)
            try blocks[call].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return VisaPVV.verify(values.pvv, pvk: pvk, pan: pan, pvki: 1, pin: found) ? 1 : try wrong()
        }
        try stopwatch.measure("pin_verify_offset_tdes", calls: Self.calls) { call in
            let call = call % ksns.count
            try scratch.derive(initialKey: key, ksn: ksns[call], nodes: &nodes)
            try blocks[call].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return IBM3624.verify(values.offset, pvk: pvk, pan: pan, table: .standard, pin: found) ? 1 : try wrong()
        }
        try stopwatch.measure("pin_verify_pvv_tdes_without_nodes", calls: Self.calls) { call in
            let call = call % ksns.count
            let keys = try TDESDUKPT.transactionKeys(initialKey: key, ksn: ksns[call])
            let found = try keys.decryptPINBlock(blocks[call], pan: pan)
            return VisaPVV.verify(values.pvv, pvk: pvk, pan: pan, pvki: 1, pin: found) ? 1 : try wrong()
        }
    }

    private func verifyAES(
        _ stopwatch: inout Stopwatch, _ key: borrowing SecretKey, _ pvk: borrowing SecretKey, _ pan: PANDigits,
        _ pin: borrowing ClearPIN, _ values: Values
    ) throws {
        // A closure cannot capture a borrowed parameter.
        let key = key.copy()
        let pvk = pvk.copy()
        let ksns = (1...Self.transactions).map { AESKeySerialNumber(initialKeyID: 0x1234_5678_9012_3456, counter: $0) }
        var blocks: [[UInt8]] = []
        for ksn in ksns {
            blocks.append(try AESDUKPT.transactionKeys(initialKey: key, ksn: ksn).encryptPINBlock(pin, pan: pan))
        }
        var scratch = AESDUKPT.Scratch()
        var nodes = AESDUKPT.NodeCache(capacity: 64)
        var found = try Self.pin()
        try stopwatch.measure("pin_verify_pvv_aes", calls: Self.calls) { call in
            let call = call % ksns.count
            try scratch.derive(initialKey: key, ksn: ksns[call], nodes: &nodes)
            try blocks[call].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return VisaPVV.verify(values.pvv, pvk: pvk, pan: pan, pvki: 1, pin: found) ? 1 : try wrong()
        }
        try stopwatch.measure("pin_verify_offset_aes", calls: Self.calls) { call in
            let call = call % ksns.count
            try scratch.derive(initialKey: key, ksn: ksns[call], nodes: &nodes)
            try blocks[call].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return IBM3624.verify(values.offset, pvk: pvk, pan: pan, table: .standard, pin: found) ? 1 : try wrong()
        }
        try stopwatch.measure("pin_verify_pvv_aes_without_nodes", calls: Self.calls) { call in
            let call = call % ksns.count
            let keys = try AESDUKPT.transactionKeys(initialKey: key, ksn: ksns[call])
            let found = try keys.decryptPINBlock(blocks[call], pan: pan)
            return VisaPVV.verify(values.pvv, pvk: pvk, pan: pan, pvki: 1, pin: found) ? 1 : try wrong()
        }
    }

    private static func pin() throws(BenchError) -> ClearPIN {
        guard let pin = ClearPIN(digits: "1234") else { throw BenchError(what: "PIN") }
        return pin
    }

    private func wrong() throws(BenchError) -> UInt64 { throw BenchError(what: "a right PIN is wrong") }
}
