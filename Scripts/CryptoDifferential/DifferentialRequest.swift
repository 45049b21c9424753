// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography
import Vocabulary

/// One request: an operation whose output is random, so that no known answer can stand in its place.
struct DifferentialRequest {
    struct Missing: Error { let name: String }

    private let operation: String
    private let inputs: JSON

    init(_ json: JSON) throws {
        guard let operation = json["op"]?.string, let inputs = json["inputs"] else { throw Missing(name: "op") }
        self.operation = operation
        self.inputs = inputs
    }

    func output() throws -> JSON {
        switch operation {
        case "wrap": try wrap()
        case "pin_block": try pinBlock()
        case "dukpt_pin": try transactionPIN()
        case "components": try components()
        case "ecdsa_sign": try sign()
        case "sealed_box": try sealedBoxes()
        default: throw Missing(name: operation)
        }
    }

    // MARK: Operations

    private func wrap() throws -> JSON {
        guard let version = KeyBlockVersion(rawValue: try text("version")),
            let blocks = inputs["optional_blocks"]?.array
        else { throw Missing(name: "header") }
        let header = KeyBlockHeader(
            version: version, usage: KeyUsage(rawValue: try text("usage")),
            algorithm: KeyAlgorithm(rawValue: try text("algorithm")),
            modeOfUse: ModeOfUse(rawValue: try text("mode_of_use")), keyVersion: try text("key_version"),
            exportability: Exportability(rawValue: try text("exportability")),
            optionalBlocks: blocks.map {
                KeyBlockHeader.OptionalBlock(id: $0["id"]?.string ?? "", text: $0["data_ascii"]?.string ?? "")
            })
        return ["key_block": .string(try KeyBlock.wrap(try key("key"), header: header, under: try key("kbpk")))]
    }

    private func pinBlock() throws -> JSON {
        guard let number = inputs["format"]?.integer, let raw = UInt8(exactly: number),
            let format = PINBlockFormat(rawValue: raw)
        else { throw Missing(name: "format") }
        return block(PINBlock.encrypt(try pin(), pan: try pan(), format: format, key: try key("key")))
    }

    private func transactionPIN() throws -> JSON {
        guard let ksn = TDESKeySerialNumber(try bytes("ksn")) else {
            throw Missing(name: "ksn")
        }
        let keys = try TDESDUKPT.transactionKeys(bdk: try key("bdk"), ksn: ksn)
        return block(keys.encryptPINBlock(try pin(), pan: try pan()))
    }

    private func components() throws -> JSON {
        guard let count = inputs["count"]?.integer else { throw Missing(name: "count") }
        var components: [JSON] = []
        try KeyComponents.split(try key("key"), algorithm: .tdes, into: Int(count)) { _, component, checkValue in
            let text = component.withBytes { Hex.text(Array($0)) }
            components.append(["component": .string(text), "kcv": .string(Hex.text(checkValue))])
        }
        return ["components": .array(components)]
    }

    private func sign() throws -> JSON {
        let key = try P256PrivateKey(scalar: try key("private_key"))
        let signature = try key.signature(of: try bytes("message"))
        return [
            "public": .string(Hex.text(key.publicKey.compressed)), "signature": .string(Hex.text(signature)),
        ]
    }

    /// A box of its own, and the second record of a session.
    private func sealedBoxes() throws -> JSON {
        let recipient = try P256PublicKey(try bytes("public"))
        let (plaintext, data) = (try bytes("plaintext"), try bytes("associated_data"))
        var session = try SealSession(for: recipient)
        _ = try session.seal([])
        let boxes = [
            try SealedBox.seal(plaintext, for: recipient, associatedData: data),
            try session.seal(plaintext, associatedData: data),
        ]
        return ["boxes": .array(boxes.map { .string(Hex.text($0)) })]
    }

    // MARK: Inputs

    private func bytes(_ name: String) throws -> [UInt8] {
        guard let bytes = Hex.bytes(try text(name)) else { throw Missing(name: name) }
        return bytes
    }

    private func block(_ bytes: [UInt8]) -> JSON { ["block": .string(Hex.text(bytes))] }

    private func text(_ name: String) throws -> String {
        guard let text = inputs[name]?.string else { throw Missing(name: name) }
        return text
    }

    private func key(_ name: String) throws -> SecretKey {
        guard let key = SecretKey(hex: try text(name)) else { throw Missing(name: name) }
        return key
    }

    private func pin() throws -> ClearPIN {
        let digits = try text("pin")
        guard !digits.isEmpty else { throw Missing(name: "pin") }
        let ascii = SecretKey(count: digits.utf8.count) { $0.copyBytes(from: digits.utf8) }
        guard let pin = ClearPIN(digits: ascii) else { throw Missing(name: "pin") }
        return pin
    }

    private func pan() throws -> PANDigits {
        guard let pan = PANDigits(try text("pan")) else { throw Missing(name: "pan") }
        return pan
    }
}
