// SPDX-License-Identifier: Apache-2.0
import Foundation
import ISO8583Tools
import ModuleProtocol
import NIOCore
import NIOPosix
import PaymentCryptography
import SecurityModule
import Simulator
import Testing
import Vocabulary

@testable import tillguard

/// Another issuer's host on a real port, the keys it shares with the servers of a test, and the file that leads to it.
final class Neighbourhood: Sendable {
    static let zone = "NORTH"
    let server: IssuerServer
    private let directory: TemporaryDirectory
    private let kek: String
    private let pinKey: String
    private let macKey: String

    /// The card's number begins as the route does.
    static func card(_ number: Int = 0) throws -> String {
        String(decoding: try #require(PAN(accountDigits: "51000000000000\(number)")).ascii, as: UTF8.self)
    }

    init(
        framing: String = "len2", decide: @escaping @Sendable (Int64) -> String = IssuerCommand.code
    ) async throws {
        directory = try TemporaryDirectory()
        let key = SecretKey.random(count: 32)
        kek = key.withBytes { Hex.text($0) }
        func header(_ usage: KeyUsage, _ mode: ModeOfUse, _ algorithm: KeyAlgorithm) -> KeyBlockHeader {
            KeyBlockHeader(
                version: .d, usage: usage, algorithm: algorithm, modeOfUse: mode, exportability: .exportable)
        }
        pinKey = try KeyBlock.wrap(
            SecretKey.random(count: 16).withOddParity(), header: header(.pinEncryption, .both, .tdes), under: key)
        macKey = try KeyBlock.wrap(
            SecretKey.random(count: 16), header: header(.cmac, .generateAndVerify, .aes), under: key)
        try Self.load(directory.path, kek, pinKey, macKey)
        let module = try HostKeys.open(in: directory.path).module
        server = try await IssuerServer.start(
            { SimulatedIssuer(module: module, zone: ZoneID(Self.zone), decide: decide) }, host: "127.0.0.1", port: 0,
            framing: #require(FrameLayout(framing)?.framing), on: MultiThreadedEventLoopGroup.singleton.next(),
            heard: { _, _ in })
    }

    private static func load(_ path: String, _ kek: String, _ pin: String, _ mac: String) throws {
        let key = try CryptoInput(argument: kek).key("the key", [32])
        _ = try ZoneFiles.load(zone, into: path, kek: key, pin: pin, mac: mac, permitsWeakerCipher: true)
    }

    /// The other side begins anew with what it has loaded.
    func forgetKeys() async throws {
        let path = directory.path
        try await server.read { issuer in
            guard let module = try? HostKeys.open(in: path).module else { return }
            issuer.use(module)
        }
    }

    /// Lets the server of a data directory speak to this issuer.
    /// - Returns: the options of `serve`.
    func meet(_ other: TemporaryDirectory, options: String = "") throws -> [String] {
        try Self.load(other.path, kek, pinKey, macKey)
        let file = try directory.write(
            """
            tillguard-upstream 1
            destination \(Self.zone) 127.0.0.1:\(server.port) \(options)
            route 51 \(Self.zone)

            """, to: "upstream-\(UUID().uuidString.prefix(8))")
        return ["--upstream", file]
    }
}
