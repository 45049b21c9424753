// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// A ceremony of named custodians in the place of bare components or shares.
struct CeremonyArguments: ParsableArguments {
    @Option(
        name: .customLong("custodian"), parsing: .singleValue,
        help: "A ceremony's custodian, once for each: NAME=KCV:PART (PART, @file or -), or NAME for who does not come.")
    var custodians: [CustodianInput] = []
    @Option(help: "A ceremony's key: what it is for.") var purpose = "a key"
    @Option(help: "A ceremony's key: how many bytes.") var bytes = 16
    @Option(help: "How many entries of a ceremony may be wrong, 0 to 99.") var wrongEntries = 3
    @Option(help: "How many minutes a ceremony may take, up to a day.") var minutes = 30

    /// Whether there is to be a ceremony.
    var isWanted: Bool { !custodians.isEmpty }

    /// Takes every custodian's part in the order of the options, and the key; writes down what happened.
    ///
    /// A part that is asked for at the standard input may be entered again when it is wrong; any other one ends the
    /// ceremony.
    ///
    /// - Parameter enter: hands one custodian's part to the ceremony.
    /// - Returns: nil when no key was formed, which the answer says.
    func key(
        _ division: KeyCeremonyPlan.Division, _ algorithm: CryptoKeyAlgorithm, verify: CryptoInput?,
        into answer: inout CryptoAnswer,
        _ enter: (inout KeyCeremony, CustodianInput, CryptoInput, [UInt8]) throws -> Void
    ) throws -> SecretKey? {
        let plan = try plan(division, algorithm, verify)
        var ceremony = try KeyCeremony(plan, at: Self.now)
        var key: SecretKey?
        do {
            for custodian in custodians where ceremony.end == nil {
                try admit(custodian, to: &ceremony, algorithm, enter)
            }
            if ceremony.end == nil { key = try ceremony.form(at: Self.now) }
        } catch let error as KeyCeremonyError {
            ceremony.abandon(at: Self.now)
            answer.add("ceremony", rows: ceremony.events.map(Self.row))
            answer.add("formed", verified: false, else: CryptoWords.ceremony(error))
            return nil
        }
        answer.add("ceremony", rows: ceremony.events.map(Self.row))
        answer.add("formed", verified: key != nil, else: ceremony.end.map(CryptoWords.ceremony) ?? "")
        return key
    }

    private func plan(
        _ division: KeyCeremonyPlan.Division, _ algorithm: CryptoKeyAlgorithm, _ verify: CryptoInput?
    ) throws -> KeyCeremonyPlan {
        guard let verify else { throw ValidationError("--verify: a ceremony needs the check value of its key") }
        guard (1...1_440).contains(minutes) else {
            throw ValidationError("--minutes: expected 1 to 1440, got \(minutes)")
        }
        return try KeyCeremonyPlan(
            purpose: purpose, algorithm: algorithm.divided, keyCount: bytes, division: division,
            checkValue: verify.bytes("--verify"), custodians: custodians.map(\.name), refusedMax: wrongEntries,
            deadline: Self.now + Interval.minutes(Int64(minutes)).microseconds)
    }

    private func admit(
        _ custodian: CustodianInput, to ceremony: inout KeyCeremony, _ algorithm: CryptoKeyAlgorithm,
        _ enter: (inout KeyCeremony, CustodianInput, CryptoInput, [UInt8]) throws -> Void
    ) throws {
        guard let part = custodian.part else { return }
        let checkValue = try CryptoInput(argument: part.checkValue).bytes("the KCV of \(custodian.name)")
        while ceremony.end == nil {
            do {
                return try enter(&ceremony, custodian, part.input, checkValue)
            } catch let error as KeyCeremonyError {
                guard part.isAskedFor, case .refused = error else { throw error }
                LineWriter.error.write("\(custodian.name): \(CryptoWords.ceremony(error))\n")
            }
        }
    }

    static var now: Int64 { WallClock.now().microseconds }

    private static func row(_ event: KeyCeremonyEvent) -> (label: String, text: String, value: JSON) {
        let time = Instant(microseconds: event.at).iso8601
        let (word, custodian, kcv, text): (String, String?, [UInt8]?, String) =
            switch event.kind {
            case .opened(let value): ("opened", nil, value, "")
            case .entered(let name, let value): ("entered", name, value, "")
            case .refused(let name, let reason): ("refused", name, nil, CryptoWords.ceremony(reason))
            case .ended(let end): ("ended", nil, nil, CryptoWords.ceremony(end))
            }
        var members = [JSON.Member("at", .string(time)), JSON.Member("event", .string(word))]
        if let custodian { members.append(JSON.Member("custodian", .string(custodian))) }
        if let kcv { members.append(JSON.Member("kcv", .string(Hex.text(kcv)))) }
        if !text.isEmpty { members.append(JSON.Member("reason", .string(text))) }
        let parts = [time, custodian ?? "", kcv.map { "KCV \(Hex.text($0))" } ?? "", text]
        return (word, parts.filter { !$0.isEmpty }.joined(separator: "  "), .object(members))
    }
}
