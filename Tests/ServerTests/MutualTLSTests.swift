// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOSSL
import PaymentCryptography
import TerminalAgent
import Testing
import Vocabulary

@testable import tillguard

@Suite("Mutual authentication between terminal and host")
struct MutualTLSTests {
    @Test("A client that does not know the server's certificate talks to nobody")
    func strangeServer() async throws {
        try await Self.refused { _, _ in .makeClientConfiguration() }
    }

    @Test("A client without a certificate talks to nobody")
    func noCertificate() async throws {
        try await Self.refused { _, own in
            var configuration = own
            configuration.certificateChain = []
            configuration.privateKey = nil
            return configuration
        }
    }

    @Test("A client with a terminal's name from another authority talks to nobody")
    func otherAuthority() async throws {
        try await Self.refused { _, own in
            let stranger = try TLSAuthority.make(
                commonName: "Tillguard estate", nowSeconds: WallClock.now().seconds)
            return try Self.replacing(own, by: stranger, name: DemoEstate.tills[0].id.description)
        }
    }

    @Test("A client whom the estate's authority certified under no terminal's name talks to nobody")
    func noTerminal() async throws {
        try await Self.refused { house, own in
            let file = house.directory.file("keys/estate-ca")
            let key = try #require(FileManager.default.contents(atPath: file + ".key"))
            let text = try String(contentsOfFile: file + ".crt", encoding: .utf8)
            guard
                let authority = TLSAuthority(
                    certificatePEM: text, privateKeyPEM: SecretKey(count: key.count) { $0.copyBytes(from: key) })
            else { throw CertificateError.commonName }
            return try Self.replacing(own, by: authority, name: "not a terminal's name")
        }
    }

    @Test("A terminal's connection carries no message of another terminal")
    func otherTerminal() async throws {
        try await ServerHouse.with(tls: true) { house in
            try await Neighbour.trading(beside: house) {
                let line = try await house.line(as: DemoEstate.tills[1].id)
                let hello = try await Till(DemoEstate.tills[2], module: house.module).header("0800", [70: "001"])
                #expect(try await line.ask(hello.encoded().bytes) == nil)
                let own = try await house.line(as: DemoEstate.tills[2].id)
                #expect(try await own.ask(hello.encoded().bytes) != nil)
            }
        }
    }

    @Test("Certificates last over a restart")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        var first: [String] = []
        for round in 0..<2 {
            let certificates = try EstateCertificates(in: directory.path, now: WallClock.now)
            _ = try certificates.server(host: "127.0.0.1")
            _ = try certificates.client(DemoEstate.tills[0].id)
            let files = ["keys/estate-ca.crt", "keys/host.crt", "terminals/\(DemoEstate.tills[0].id)/tls.crt"]
            let texts = try files.map { try String(contentsOfFile: directory.file($0), encoding: .utf8) }
            if round == 0 { first = texts } else { #expect(texts == first) }
        }
        // In its last month an end's certificate is made anew; the authority's stays.
        let later = try EstateCertificates(in: directory.path) { WallClock.now() + .days(340) }
        _ = try later.server(host: "127.0.0.1")
        #expect(try String(contentsOfFile: directory.file("keys/host.crt"), encoding: .utf8) != first[1])
        #expect(try String(contentsOfFile: directory.file("keys/estate-ca.crt"), encoding: .utf8) == first[0])
    }

    // MARK: - Clients

    private static func refused(
        _ configuration: @Sendable (ServerHouse, TLSConfiguration) throws -> TLSConfiguration
    ) async throws {
        try await ServerHouse.with(tls: true) { house in
            try await Neighbour.trading(beside: house) {
                let own = try #require(try house.deployment.certificates?.client(DemoEstate.tills[0].id))
                let line = try await Line.open(house.port, tls: try configuration(house, own))
                let hello = try await Till(DemoEstate.tills[0], module: house.module).header("0800", [70: "001"])
                #expect(try await line.ask(hello.encoded().bytes) == nil)
            }
        }
    }

    private static func replacing(
        _ own: TLSConfiguration, by authority: borrowing TLSAuthority, name: String
    ) throws -> TLSConfiguration {
        let issued = try authority.issueClient(commonName: name, validDays: 1, nowSeconds: WallClock.now().seconds)
        var configuration = own
        configuration.certificateChain = [
            .certificate(try NIOSSLCertificate(bytes: Array(issued.certificatePEM.utf8), format: .pem))
        ]
        let key = issued.privateKeyPEM.withBytes { Array($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
        return configuration
    }
}
