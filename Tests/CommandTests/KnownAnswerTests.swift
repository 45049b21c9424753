// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("Known answers through the command line")
struct KnownAnswerTests {
    static let pinBlocks: [KnownAnswer] =
        Vector.all("pin_blocks", "iso9564_format0", "iso9564_format2").map { vector in
            let format = vector.operation.hasSuffix("0") ? "0" : "2"
            let pan = vector.has("pan") ? ["--pan", vector.input("pan")] : []
            return KnownAnswer(
                vector, ["pin-block", "encode", "--pin", vector.input("pin"), "--format", format] + pan,
                ["clearBlock": vector.expected("block")])
        }
        + (0...3).flatMap { format in
            Vector.all("pin_blocks", "iso9564_format\(format)_decode").map { vector in
                let pan = vector.has("pan") ? ["--pan", vector.input("pan")] : []
                return KnownAnswer(
                    vector,
                    ["pin-block", "decode", "--show-pin", "--block", vector.input("block"), "--format", "\(format)"]
                        + pan,
                    ["pin": vector.expected("pin")])
            }
        }
        + Vector.all("pin_blocks", "iso9564_format4_decipher").map { vector in
            KnownAnswer(
                vector,
                [
                    "pin-block", "decrypt", "--show-pin", "--format", "4", "--block", vector.input("block"), "--pan",
                    vector.input("pan"), "--key", vector.input("key"),
                ], ["pin": vector.expected("pin")], secrets: ["key"])
        }
        + Vector.all("pin_blocks", "iso9564_format0_tdes").map { vector in
            KnownAnswer(
                vector,
                [
                    "pin-block", "encrypt", "--pin", vector.input("pin"), "--pan", vector.input("pan"), "--key",
                    vector.input("key"),
                ], ["pinBlock": vector.expected("encrypted_block")], secrets: ["key"])
        }

    @Test("PIN blocks", arguments: pinBlocks)
    func pinBlock(_ answer: KnownAnswer) throws { try answer.check() }

    static let verification: [KnownAnswer] =
        Vector.all("pin_verification", "visa_pvv").map { vector in
            KnownAnswer(
                vector,
                ["pvv"]
                    + ["pvk", "pan", "pvki", "pin"].flatMap { ["--\($0)", vector.input($0)] }
                    + ["--verify", vector.expected("pvv") ?? ""],
                ["pvv": vector.expected("pvv")], secrets: ["pvk"])
        }
        + Vector.all("pin_verification", "ibm3624").filter { $0.expected("pin") != nil && $0.has("offset") }.map {
            vector in
            KnownAnswer(
                vector,
                [
                    "natural-pin", "--show-pin", "--pvk", vector.input("pvk"), "--table",
                    vector.input("decimalization_table"), "--validation-data", vector.input("validation_data"),
                    "--offset", vector.input("offset"),
                ], ["pin": vector.expected("pin")], secrets: ["pvk"])
        }
        + Vector.all("pin_verification", "ibm3624").filter { $0.has("offset") && $0.expected("pin") != nil }.map {
            vector in
            KnownAnswer(
                vector,
                [
                    "offset", "--pvk", vector.input("pvk"), "--table", vector.input("decimalization_table"),
                    "--validation-data", vector.input("validation_data"), "--pin", vector.expected("pin") ?? "",
                ], ["offset": vector.input("offset")], secrets: ["pvk"])
        }

    @Test("PVV, offset and natural PIN", arguments: verification)
    func pinVerification(_ answer: KnownAnswer) throws { try answer.check() }

    static let cards: [KnownAnswer] =
        Vector.all("card_verification", "cvv").map { vector in
            KnownAnswer(
                vector,
                [
                    "cvv", "--cvk", vector.input("cvk"), "--pan", vector.input("pan"), "--expiry",
                    vector.input("expiry"),
                    "--service-code", vector.input("service_code"),
                ], ["cvv": vector.expected("value")], secrets: ["cvk"])
        }
        + Vector.all("card_verification", "cavv_cvd_method").map { vector in
            KnownAnswer(
                vector,
                [
                    "cavv", "--cvk", vector.input("cvk"), "--pan", vector.input("pan"), "--un",
                    vector.input("unpredictable_number"), "--result", vector.input("auth_result_code"), "--factor",
                    vector.input("second_factor_code"),
                ], ["cavv": vector.expected("value")], secrets: ["cvk"])
        }
        + Vector.all("card_verification", "dcvv").map { vector in
            KnownAnswer(
                vector,
                [
                    "dcvv", "--imk", vector.input("imk_dcvv"), "--pan", vector.input("pan"), "--psn",
                    vector.input("psn"),
                    "--option", vector.input("mk_derivation").lowercased(), "--expiry", vector.input("expiry"),
                    "--service-code", vector.input("service_code"), "--atc", vector.input("atc"),
                ], ["dcvv": vector.expected("value")], secrets: ["imk_dcvv"])
        }
        + Vector.all("card_verification", "cvc3").filter { $0.has("track_data") }.map { vector in
            KnownAnswer(
                vector,
                [
                    "cvc3", "--imk", vector.input("imk_cvc3"), "--pan", vector.input("pan"), "--psn",
                    vector.input("psn"),
                    "--track", vector.input("track_data"), "--un", vector.input("unpredictable_number"), "--atc",
                    vector.input("atc"),
                ], ["cvc3": vector.expected("cvc3_5digits"), "ivcvc3": vector.expected("ivcvc3")],
                secrets: ["imk_cvc3"])
        }
        + Vector.all("card_security_code", "amex_csc").map { vector in
            let service = vector.has("service_code") ? ["--service-code", vector.input("service_code")] : []
            return KnownAnswer(
                vector,
                [
                    "csc", "--csck", vector.input("csck"), "--pan", vector.input("pan"), "--expiry",
                    vector.input("expiry"), "--verify", vector.expected("csc4") ?? "",
                ] + service,
                [
                    "csc5": vector.expected("csc5"), "csc4": vector.expected("csc4"),
                    "csc3": vector.expected("csc3"),
                ], secrets: ["csck"])
        }

    @Test("CVV, CAVV, dCVV, CVC3 and CSC", arguments: cards)
    func cardValue(_ answer: KnownAnswer) throws { try answer.check() }

    @Test("Every list of known answers above has at least four")
    func nothingIsEmpty() {
        for list in [
            Self.pinBlocks, Self.verification, Self.cards, Self.keys, Self.codes, Self.cryptograms, Self.tokens,
        ] {
            #expect(list.count >= 4)
        }
    }
}
