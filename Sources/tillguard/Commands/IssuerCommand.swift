// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Catalogue
import ISO8583
import Logging
import ModuleProtocol
import NIOCore
import NIOPosix
import ServiceLifecycle
import Simulator
import UnixSignals
import Vocabulary

struct IssuerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issuer", abstract: "Run another issuer's host to try serve --upstream with.",
        discussion: """
            It answers sign-on, echo, sales, advices and reversals of one zone, and keeps a book in memory. The last \
            two figures of an amount choose the answer: 10.51 is declined for its funds, 10.05 without a reason, 10.14 \
            for its card, 10.55 for its PIN, 10.91 as if it could not decide; every other one is approved.
            """)

    @Option(help: "The data directory with the zone's keys, as tillguard zone load puts them there.")
    var data = "issuer"
    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"
    @Option(help: "Port; 0 takes a free one.")
    var port = 9_000
    @Flag(help: "Print one JSON object a line.")
    var json = false
    @Argument(help: "The zone.")
    var zone: String

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("a port is a number from 0 to 65535") }
    }

    func run() async throws {
        guard ZoneFiles.names(in: data).contains(zone) else {
            throw DeploymentError.refused("\(data) has no keys of a zone \(zone); tillguard zone load puts them there")
        }
        let module = try HostKeys.open(in: data).module
        let name = ZoneID(zone)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let json = json
        let server: IssuerServer
        do {
            server = try await IssuerServer.start(
                { SimulatedIssuer(module: module, zone: name, decide: Self.code) }, host: host, port: port,
                on: group.next()
            ) { request, answer in LineWriter.output.write(Self.line(request, answer, json: json) + "\n") }
        } catch {
            try await group.shutdownGracefully()
            throw DeploymentError.listening(on: host, port, error)
        }
        let started: JSON = ["event": "started", "port": .integer(Int64(server.port))]
        LineWriter.output.write(
            (json ? started.text : "The issuer of \(zone) listens on \(host):\(server.port). Ctrl-C stops it.") + "\n")
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        for await _ in signals { break }
        try await server.close()
        try await group.shutdownGracefully()
    }

    /// The response code that an amount asks for.
    static func code(_ amount: Int64) -> String {
        let figures = amount % 100
        return [5, 14, 51, 55, 91].contains(figures) ? (figures < 10 ? "0\(figures)" : "\(figures)") : "00"
    }

    private static func line(_ request: [UInt8], _ answer: [UInt8]?, json: Bool) -> String {
        let view = try? MessageView(request, spec: .iso8583_1987)
        let code = answer.flatMap { try? MessageView($0, spec: .iso8583_1987) }?.text(39)
        let type = view?.mti.description ?? "unreadable"
        let amount = view?.number(4).map { Money(minorUnits: Int64(clamping: $0), .eur) }
        if json {
            let event: JSON = [
                "event": "message", "type": .string(type), "reference": .integer(Int64(view?.number(37) ?? 0)),
                "amount": .string(amount?.description ?? ""), "code": .string(code ?? ""),
            ]
            return event.text
        }
        let parts = [type, view?.text(41) ?? "", view?.text(37) ?? "", amount?.description ?? ""]
        return parts.filter { !$0.isEmpty }.joined(separator: "  ") + "  → " + (code ?? "no answer")
    }
}
