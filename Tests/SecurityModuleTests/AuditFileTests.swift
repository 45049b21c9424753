// SPDX-License-Identifier: Apache-2.0
import Catalogue
import PaymentCryptography
import Testing
import Vocabulary

@testable import SecurityModule

@Suite("Audit file")
struct AuditFileTests {
    private func file(of device: AuditDevice, room: Int = 900) -> AuditFile {
        var file = AuditFile(device.identity)
        while true {
            let next = (file.segments.last?.end.index ?? 0) + 1
            let segment = device.log.collect(from: next, bytesMax: room)
            guard !segment.entries.isEmpty else { return file }
            file.segments.append(segment)
        }
    }

    @Test("a file says what its log says")
    func report() throws {
        let device = try AuditDevice()
        device.write(60)
        try device.restart()
        device.log.unlogged = 4
        device.write(.tamperLatched, warning: .t01)
        device.chain = nil
        device.write(.zeroised)
        device.sign()
        let file = try AuditFile(decoding: file(of: device).encoded())
        let report = try file.verify(firstKey: device.firstKey, publicKey: device.identityKey.publicKey)
        #expect(report.records == 63 && report.checkpoints == 2 && report.end == device.log.position)
        #expect(report.boot == 2 && report.unlogged == 4 && report.unproved == 1 && report.isClosed)
        let short = AuditFile(device.identity)
        let rest = try short.verify(
            firstKey: device.firstKey, publicKey: device.identityKey.publicKey, attested: device.log.position)
        #expect(rest.uncollected == 63)
        #expect(throws: AuditFinding.edited(1)) {
            try file.verify(firstKey: .random(count: 32), publicKey: device.identityKey.publicKey)
        }
        #expect(throws: AuditFinding.unsigned(32)) {
            try file.verify(firstKey: device.firstKey, publicKey: device.hostKey.publicKey)
        }
    }

    @Test("a cut file is no file, and one with a segment less or twice in its place is found out")
    func cuts() throws {
        let device = try AuditDevice()
        device.write(60)
        let whole = file(of: device)
        let bytes = whole.encoded()
        for count in stride(from: 0, to: bytes.count, by: 11) {
            #expect(throws: CodecError.self) { try AuditFile(decoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: CodecError.self) { try AuditFile(decoding: bytes + [0]) }
        func finding(_ file: AuditFile) -> AuditFinding? {
            do {
                _ = try file.verify(firstKey: device.firstKey, publicKey: device.identityKey.publicKey)
            } catch { return error }
            return nil
        }
        #expect(finding(whole) == nil && whole.segments.count > 2)
        var short = whole
        short.segments.remove(at: 1)
        #expect(finding(short) == .missing(whole.segments[1].start.index + 1))
        var swapped = whole
        swapped.segments.swapAt(0, 1)
        #expect(finding(swapped) == .missing(1))
        var twice = whole
        twice.segments.insert(whole.segments[0], at: 2)
        #expect(finding(twice) == nil)
    }

    @Test("whatever the life of a module, its log is sound, and one change of what it gave is found")
    func lives() throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededRandom(seed: 20_260_814 &+ seed)
            let device = try AuditDevice()
            var verifier = device.verifier()
            var collected: [LogSegment] = []
            for _ in 0..<60 {
                switch random.below(8) {
                case 0: device.sign()
                case 1: try device.restart()
                case 2, 3:
                    let from = verifier.position.index + 1 - UInt32(random.below(min(3, collected.count + 1)))
                    let segment = device.log.collect(from: from, bytesMax: 200 + random.below(2_000))
                    try verifier.verify(segment)
                    if !segment.entries.isEmpty { collected.append(segment) }
                case 4:
                    let signed = try device.acknowledgement(of: verifier.position)
                    try device.log.acknowledge(signed, by: device.hostKey.publicKey)
                default:
                    let event = AuditEvent.allCases[random.below(AuditEvent.allCases.count)]
                    if event != .tamperLatched { device.write(event, detail: UInt32(random.below(5))) }
                }
                #expect(device.log.isIntact, "seed \(seed)")
                #expect(try verifier.check(attested: device.log.position) <= 60, "seed \(seed)")
            }
            guard !collected.isEmpty else { continue }
            var changed = AuditFile(device.identity)
            changed.segments = collected
            let place = random.below(collected.count)
            let entry = random.below(collected[place].entries.count)
            changed.segments[place].entries[entry].record.eventCounter += 1
            let finding = #expect(throws: AuditFinding.self, "seed \(seed)") {
                try changed.verify(firstKey: device.firstKey, publicKey: device.identityKey.publicKey)
            }
            #expect(finding?.index == collected[place].entries[entry].record.index, "seed \(seed)")
        }
    }
}
