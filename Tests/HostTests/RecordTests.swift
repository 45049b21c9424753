// SPDX-License-Identifier: Apache-2.0
import Issuer
import SecurityTriggers
import Testing
import Vocabulary

@testable import Host

/// The journal's records: every kind comes back as it went, and nothing else does.
@Suite("Record codec")
struct RecordTests {
    @Test("every record kind decodes to itself and encodes to the same bytes", arguments: Samples.all.map(\.name))
    func roundTrip(name: String) throws {
        let record = try require(Samples.all.first { $0.name == name }).record
        let bytes = record.encoded()
        let decoded = try HostRecord(decoding: bytes)
        #expect(decoded == record)
        #expect(decoded.encoded() == bytes)
    }

    @Test("no record can be cut short, and none takes a byte more")
    func truncated() {
        for (name, record) in Samples.all {
            let bytes = record.encoded()
            for end in 0..<bytes.count {
                #expect(throws: CodecError.self, "\(name) cut to \(end)") {
                    try HostRecord(decoding: Array(bytes[..<end]))
                }
            }
            #expect(throws: CodecError.self, "\(name) with a byte more") { try HostRecord(decoding: bytes + [0]) }
        }
    }

    @Test("every version byte and every kind but the known ones are refused")
    func versions() {
        let bytes = HostRecord(at: Samples.at, .repeated(Samples.usage)).encoded()
        for version in UInt8.min...UInt8.max where version != HostRecord.version {
            #expect(throws: CodecError.invalid(offset: 0, what: "record version")) {
                try HostRecord(decoding: [version] + bytes.dropFirst())
            }
        }
        var writer = ByteWriter()
        writer.byte(HostRecord.version)
        writer.instant(Samples.at)
        for kind in [UInt8(0)] + Array(UInt8(21)...255) {
            #expect(throws: CodecError.self) { try HostRecord(decoding: writer.bytes + [kind] + bytes.dropFirst(10)) }
        }
    }

    @Test("a record with any one byte changed is refused, or is another record with bytes of its own")
    func changed() throws {
        for (name, record) in Samples.all {
            let bytes = record.encoded()
            for index in bytes.indices {
                for bit in [UInt8(1), 0x10, 0x80] {
                    var damaged = bytes
                    damaged[index] ^= bit
                    guard let other = try? HostRecord(decoding: damaged) else { continue }
                    #expect(other.encoded() == damaged, "\(name), byte \(index): one record, one form")
                }
            }
        }
    }

    @Test("random bytes never trap the decoder")
    func noise() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            var bytes = random.bytes(random.below(120))
            if !bytes.isEmpty { bytes[0] = HostRecord.version }
            if let record = try? HostRecord(decoding: bytes) { #expect(record.encoded() == bytes) }
        }
    }

    @Test("records that an earlier version wrote decode for ever, to the same bytes", arguments: 1...7)
    func golden(version: Int) throws {
        let golden = try Files.golden("records-\(version).hex")
        let samples = [
            Samples.first, Samples.second, Samples.third, Samples.fourth, Samples.fifth, Samples.sixth,
            Samples.seventh,
        ][version - 1]
        #expect(golden.map(\.name) == samples.map(\.name))
        for (line, sample) in zip(golden, samples) {
            let record = try HostRecord(decoding: line.bytes)
            #expect(record == sample.record, "\(line.name)")
            #expect(record.encoded() == line.bytes, "\(line.name)")
        }
    }

    @Test("a snapshot of the first version gives the host that its records give")
    func firstSnapshot() throws {
        var host = Host(rules: try require(Files.shippedRules))
        // The version knew no contradictions.
        for (name, record) in Samples.first where name != "issuer.cardAdded.plain" && name != "contradiction" {
            host.apply(record)
        }
        try expect("snapshot-1.hex", toGive: host)
    }

    @Test("a record of every kind applied in a sensible order gives the same host live and decoded")
    func applied() throws {
        let rules = try require(Files.shippedRules)
        var live = Host(rules: rules)
        var decoded = Host(rules: rules)
        // The second card of the samples has the first one's name.
        for (name, record) in Samples.all where name != "issuer.cardAdded.plain" {
            live.apply(record)
            decoded.apply(try HostRecord(decoding: record.encoded()))
            #expect(live.digest() == decoded.digest(), "\(name)")
        }
        let golden = try require(try Files.golden("snapshot-9.hex").first).bytes
        #expect(golden == live.snapshot(), "\(Hex.text(live.snapshot()))")
        #expect(try Host(snapshot: golden).digest() == live.digest())
        // Nothing of it came with a later version than the eighth, but that every terminal and merchant is counted.
        var eighth = try Host(snapshot: try require(try Files.golden("snapshot-8.hex").first).bytes)
        #expect(!eighth.isWarm && live.isWarm)
        eighth.triggers = live.triggers
        #expect(eighth.digest() == live.digest())
    }

    @Test("a snapshot of the seventh version gives the host that its records give")
    func seventhSnapshot() throws {
        try expect("snapshot-7.hex", toGive: try host { !Self.isSeventh($0) })
    }

    @Test("a snapshot of the sixth version gives the host that its records give: it knew no sealed journals")
    func sixthSnapshot() throws {
        try expect("snapshot-6.hex", toGive: try host { !Self.isSixth($0) && !Self.isSeventh($0) })
        try expect("snapshot-6.hex", toGive: try host { !$0.hasPrefix("journal.") && !Self.isSeventh($0) })
    }

    /// The host that these of the samples make.
    private func host(_ belongs: (String) -> Bool) throws -> Host {
        var host = Host(rules: try require(Files.shippedRules))
        // The second card of the samples has the first one's name.
        for (name, record) in Samples.all where name != "issuer.cardAdded.plain" && belongs(name) {
            host.apply(record)
        }
        return host
    }

    /// Snapshots before the eighth version kept no more of the rules' life than what was in force, and their windows had taken
    /// in no refunds.
    private static func level(_ read: inout Host, with host: borrowing Host) {
        #expect(read.rulesVersion == host.rulesVersion && read.rulesText == host.rulesText)
        read.ruleBook = host.ruleBook
        #expect(read.triggers.cardCount == host.triggers.cardCount)
        read.triggers = host.triggers
    }

    @Test("a snapshot of the fifth version gives the host that its records give")
    func fifthSnapshot() throws {
        try expect(
            "snapshot-5.hex",
            toGive: try host { !Self.isFifth($0) && !Self.isSixth($0) && !Self.isSeventh($0) })
    }

    private static func isSixth(_ name: String) -> Bool { Samples.sixth.contains { $0.name == name } }
    private static func isSeventh(_ name: String) -> Bool { Samples.seventh.contains { $0.name == name } }
    private static func isFifth(_ name: String) -> Bool { Samples.fifth.contains { $0.name == name } }

    /// Snapshots before the fifth version did not keep what the last sign-on attested, those before the sixth not when a
    /// terminal was heard last: the next one brings it.
    private func expect(_ name: String, toGive host: consuming Host) throws {
        var read = try Host(snapshot: try require(try Files.golden(name).first).bytes)
        let signOn = try Self.signOn()
        read.apply(signOn)
        host.apply(signOn)
        Self.level(&read, with: host)
        #expect(read.digest() == host.digest())
    }

    private static func signOn() throws -> HostRecord {
        try require(Samples.all.first { $0.name == "estate.leaseGranted" }).record
    }

    @Test("a snapshot of the fourth version gives the host that its records give, but for the trace numbers of advices")
    func fourthSnapshot() throws {
        var host = Host(rules: try require(Files.shippedRules))
        for (name, record) in Samples.first + Samples.second + Samples.third where name != "issuer.cardAdded.plain" {
            host.apply(record)
        }
        let state = try require(try Files.golden("snapshot-4.hex").first).bytes
        var read = try Host(snapshot: state)
        // What has been delivered no longer says under which number it went.
        for (index, settled) in read.upstream.settled.enumerated() where settled.name.isAdvice {
            host.upstream.settled[index].name.stan = settled.name.stan
            host.ledger.change(RRN(settled.reference)) { $0.upstream?.stan = settled.name.stan }
        }
        let signOn = try Self.signOn()
        read.apply(signOn)
        host.apply(signOn)
        Self.level(&read, with: host)
        #expect(read.digest() == host.digest())
    }

    @Test("a snapshot of the third version gives the host that its records give")
    func thirdSnapshot() throws {
        var host = Host(rules: try require(Files.shippedRules))
        for (name, record) in Samples.first + Samples.second where name != "issuer.cardAdded.plain" {
            host.apply(record)
        }
        try expect("snapshot-3.hex", toGive: host)
    }

    @Test("a snapshot of the second version gives the host that its records give")
    func secondSnapshot() throws {
        var host = Host(rules: try require(Files.shippedRules))
        for (name, record) in Samples.first where name != "issuer.cardAdded.plain" { host.apply(record) }
        try expect("snapshot-2.hex", toGive: host)
    }
}
