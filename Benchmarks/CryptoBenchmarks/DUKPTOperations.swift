// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// DUKPT over the first 4096 legal KSNs; every PIN block is that of its KSN.
extension Bench {
    mutating func tdesDUKPT() throws {
        let bdk = try Samples.key(Samples.tdesKey)
        let ksns = try Samples.tdesKSNs()
        let pan = try Samples.pan("4012345678909")
        let pin = try Samples.pin()
        let initial = try TDESDUKPT.initialKey(bdk: bdk, ksn: ksns[0])
        var blocks: [[UInt8]] = []
        for ksn in ksns {
            let keys = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            blocks.append(keys.encryptPINBlock(pin, pan: pan))
        }
        let mask = ksns.count - 1

        try measure("tdes-initial-key", calls: 20_000) { call in
            try TDESDUKPT.initialKey(bdk: bdk, ksn: ksns[call & mask]).withBytes { UInt64($0[0]) }
        }
        var scratch = TDESDUKPT.Scratch()
        var found = try Samples.pin()
        try measure("tdes-transaction-key", calls: 20_480, isHot: true) { call in
            try scratch.derive(initialKey: initial, ksn: ksns[call & mask])
            return UInt64(ksns[call & mask].counter)
        }
        try measure("tdes-initial-key-to-pin", calls: 20_480, isHot: true) { call in
            try scratch.derive(initialKey: initial, ksn: ksns[call & mask])
            try blocks[call & mask].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return UInt64(found.count)
        }
        var nodes = TDESDUKPT.NodeCache(capacity: 64)
        try measure("tdes-nodes-transaction-key", calls: 40_960, isHot: true) { call in
            try scratch.derive(initialKey: initial, ksn: ksns[call & mask], nodes: &nodes)
            return UInt64(ksns[call & mask].counter)
        }
        try measure("tdes-nodes-base-key-to-pin", calls: 40_960, isHot: true) { call in
            try scratch.derive(bdk: bdk, ksn: ksns[call & mask], nodes: &nodes)
            try blocks[call & mask].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return UInt64(found.count)
        }
        try measure("tdes-base-key-to-pin", calls: 20_480) { call in
            let keys = try TDESDUKPT.transactionKeys(bdk: bdk, ksn: ksns[call & mask])
            return try UInt64(keys.decryptPINBlock(blocks[call & mask], pan: pan).count)
        }
        let keys = try TDESDUKPT.transactionKeys(initialKey: initial, ksn: ksns[0])
        let block = blocks[0]
        try measure("tdes-pin", calls: 50_000) { _ in try UInt64(keys.decryptPINBlock(block, pan: pan).count) }
        measure("tdes-mac-17", calls: 50_000) { _ in word(keys.requestMAC(Samples.message)) }
        guard let first = TDESKeySerialNumber(initialKeyID: ksns[0].initialKeyID) else { return }
        var device = try TDESDUKPTDevice(initialKey: initial, ksn: first)
        let storage = SecretKey.random(count: 32)
        try measure("tdes-device-next", calls: 50_000) { _ in
            if !device.isReserved {
                try device.confirm(stored: device.reserve(DUKPTReservation.countMax, under: storage))
            }
            return try UInt64(device.nextTransaction().ksn.counter)
        }
    }

    mutating func aesDUKPT(_ length: AESKeyLength, _ prefix: String) throws {
        let bdk = try Samples.key(String(repeating: Samples.aesKey, count: length == .aes128 ? 1 : 2))
        let ksns = try Samples.aesKSNs()
        let pan = try Samples.pan("4111111111111111")
        let pin = try Samples.pin()
        let initial = try AESDUKPT.initialKey(bdk: bdk, ksn: ksns[0])
        var blocks: [[UInt8]] = []
        for ksn in ksns {
            let keys = try AESDUKPT.transactionKeys(initialKey: initial, ksn: ksn)
            blocks.append(keys.encryptPINBlock(pin, pan: pan))
        }
        let mask = ksns.count - 1

        try measure("\(prefix)-initial-key", calls: 50_000) { call in
            try AESDUKPT.initialKey(bdk: bdk, ksn: ksns[call & mask]).withBytes { UInt64($0[0]) }
        }
        try measure("\(prefix)-transaction-key", calls: 40_960) { call in
            try UInt64(AESDUKPT.transactionKeys(initialKey: initial, ksn: ksns[call & mask]).ksn.counter)
        }
        var scratch = AESDUKPT.Scratch()
        var found = try Samples.pin()
        try measure("\(prefix)-initial-key-to-pin", calls: 40_960, isHot: true) { call in
            try scratch.derive(initialKey: initial, ksn: ksns[call & mask])
            try blocks[call & mask].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return UInt64(found.count)
        }
        try measure("\(prefix)-base-key-to-pin", calls: 40_960, isHot: true) { call in
            try scratch.derive(bdk: bdk, ksn: ksns[call & mask])
            try blocks[call & mask].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return UInt64(found.count)
        }
        var nodes = AESDUKPT.NodeCache(capacity: 64)
        try measure("\(prefix)-nodes-initial-key-to-pin", calls: 40_960, isHot: true) { call in
            try scratch.derive(initialKey: initial, ksn: ksns[call & mask], nodes: &nodes)
            try blocks[call & mask].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return UInt64(found.count)
        }
        try measure("\(prefix)-nodes-base-key-to-pin", calls: 40_960, isHot: true) { call in
            try scratch.derive(bdk: bdk, ksn: ksns[call & mask], nodes: &nodes)
            try blocks[call & mask].withUnsafeBytes { try scratch.decryptPINBlock($0, pan: pan, into: &found) }
            return UInt64(found.count)
        }
        let keys = try AESDUKPT.transactionKeys(initialKey: initial, ksn: ksns[0])
        measure("\(prefix)-mac-17", calls: 50_000) { _ in word(keys.requestMAC(Samples.message)) }
    }
}
