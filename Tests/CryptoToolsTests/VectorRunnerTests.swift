// SPDX-License-Identifier: Apache-2.0
import CryptoTools
import Testing
import Vocabulary

@Suite struct `The vector runner` {
    @Test(arguments: [
        ("aes_dukpt", 56), ("tdes_dukpt", 45), ("pin_blocks", 51), ("pin_verification", 27), ("mac", 41), ("kcv", 18),
        ("tr31", 51), ("ecdh_kdf", 20), ("sm_unionpay", 22), ("ecdsa", 18),
    ])
    func `passes every vector of a file`(file: String, count: Int) throws {
        let report = try VectorRunner.run(VectorFiles.text(file))
        #expect(report.outcomes.count == count)
        #expect(report.topic == file)
        for outcome in report.outcomes where !outcome.passed { Issue.record("\(outcome)") }
    }

    @Test(arguments: [
        "aes_dukpt", "tdes_dukpt", "pin_blocks", "pin_verification", "mac", "kcv", "tr31", "ecdh_kdf", "sm_unionpay",
        "ecdsa",
    ])
    func `fails a vector as soon as one expected value is another`(file: String) throws {
        let vectors = try #require(try JSON(parsing: VectorFiles.text(file))["vectors"]?.array)
        for vector in vectors where vector["op"]?.string != "sm4_ecb_1000000_iterations" {
            for member in try #require(vector["expected"]?.members) {
                let changed = vector.replacing("expected", member.name, with: Self.other(member.value))
                let outcome = VectorRunner.run(changed)
                #expect(!outcome.passed, "\(outcome.id) \(member.name)")
            }
        }
    }

    /// The same kind of value with its first character or number changed.
    private static func other(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string((text.hasPrefix("1") ? "2" : "1") + text.dropFirst())
        case .integer(let number): .integer(number + 1)
        case .bool(let flag): .bool(!flag)
        default: .string("1")
        }
    }

    @Test func `fails an operation it does not know, and says which`() {
        let outcome = VectorRunner.run(["id": "x-1", "op": "rot13", "inputs": [:], "expected": ["text": "A"]])
        #expect(outcome.failures == ["unknown op \"rot13\""])
        #expect(outcome.id == "x-1")
    }

    @Test func `fails an expected value that the operation does not compute`() {
        let outcome = VectorRunner.run([
            "id": "x-2", "op": "sm3", "inputs": ["message": "61"],
            "expected": [
                "digest": "623476AC18F65A2909E43C7FEC61B49C7E764A91A18CCB82F1917A29C86C5E88", "length": 32,
            ],
        ])
        #expect(outcome.failures == ["expected \"length\" is not computed by this operation"])
        #expect(!VectorRunner.run(["id": "x-3", "op": "sm3", "inputs": ["message": "61"], "expected": [:]]).passed)
    }

    @Test(arguments: [
        ("iso9797_1_alg3", "key", "11"), ("cmac_aes", "key", "0011"), ("sm4_ecb", "key", "00"),
        ("ibm3624", "pvk", "00"),
        ("unwrap", "kbpk", "00"), ("transaction", "ksn", "FFFF"), ("sm2_sign", "private_key", "00"),
        ("ecdh_p256", "peer_x", "00"), ("kcv_tdes_zeros", "key", "xx"), ("sp800_108_counter_cmac", "key", "00"),
        ("iso9564_format4_decipher", "block", "00"), ("visa_pvv", "pvki", "9"), ("iso9564_format0", "pin", "1"),
    ])
    func `fails broken inputs with a reason instead of stopping`(operation: String, input: String, value: String) throws
    {
        let files = [
            "tdes_dukpt", "pin_blocks", "pin_verification", "mac", "kcv", "tr31", "ecdh_kdf", "sm_unionpay", "ecdsa",
        ]
        var found = 0
        for file in files {
            for vector in try JSON(parsing: VectorFiles.text(file))["vectors"]?.array ?? []
            where vector["op"]?.string == operation {
                found += 1
                #expect(!VectorRunner.run(vector.replacing("inputs", input, with: .string(value))).passed)
                #expect(!VectorRunner.run(vector.replacing("inputs", input, with: .null)).passed)
            }
        }
        #expect(found > 0)
    }

    @Test(arguments: [
        "aes_dukpt", "tdes_dukpt", "pin_blocks", "pin_verification", "mac", "kcv", "tr31", "ecdh_kdf", "sm_unionpay",
        "ecdsa",
    ])
    func `survives every input replaced by something else`(file: String) throws {
        for vector in try #require(try JSON(parsing: VectorFiles.text(file))["vectors"]?.array)
        where vector["op"]?.string != "sm4_ecb_1000000_iterations" {
            for member in try #require(vector["inputs"]?.members) {
                let texts = ["", "0", "00", "x", "0000000000000000", String(repeating: "F", count: 64)]
                for value in texts.map(JSON.string) + [.null, .integer(-1), .integer(.max), .array([])] {
                    let outcome = VectorRunner.run(vector.replacing("inputs", member.name, with: value))
                    #expect(outcome.id == vector["id"]?.string)
                }
            }
        }
    }

    @Test func `tells no key in its reasons`() {
        let outcome = VectorRunner.run([
            "id": "x-4", "op": "derive_ik",
            "inputs": ["bdk": "0123456789ABCDEFFEDCBA9876543210", "iksn": "FFFF9876543210E00000"],
            "expected": ["ik": "00000000000000000000000000000000"],
        ])
        #expect(outcome.failures == ["ik: another value"])
    }

    @Test func `refuses a file that is no file of vectors`() {
        func error(_ text: String) -> VectorFileError? {
            do throws(VectorFileError) {
                _ = try VectorRunner.run(Array(text.utf8))
                return nil
            } catch { return error }
        }
        #expect(error("{") != nil)
        #expect(error("{}") == .noVectors)
        #expect(error(#"{"vectors":[]}"#) == .noVectors)
        #expect(error(#"{"count":2,"vectors":[{"id":"a","op":"sm3"}]}"#) == .wrongCount(said: 2, found: 1))
    }

    @Test func `reports topic, counts and failures as JSON`() throws {
        let text = #"{"topic":"t","vectors":[{"id":"a","op":"none","inputs":{},"expected":{}}]}"#
        #expect(
            try VectorRunner.run(Array(text.utf8)).json.text
                == #"{"topic":"t","passed":0,"failed":1,"failures":[{"id":"a","op":"none","#
                + #""reasons":["unknown op \"none\""]}]}"#)
    }

    @Test func `knows each operation once`() {
        #expect(Set(VectorRunner.operationNames).count == VectorRunner.operationNames.count)
    }
}

extension JSON {
    /// This object with one member of one of its objects replaced.
    func replacing(_ outer: String, _ inner: String, with value: JSON) -> JSON {
        .object(
            (members ?? []).map { member in
                guard member.name == outer else { return member }
                let changed = (member.value.members ?? []).map { $0.name == inner ? Member(inner, value) : $0 }
                return Member(outer, .object(changed))
            })
    }
}
