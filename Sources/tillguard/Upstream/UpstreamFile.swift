// SPDX-License-Identifier: Apache-2.0
import Foundation
import Host
import HostServer
import ISO8583
import ISO8583Tools
import Interchange
import NIOSSL

/// Which other hosts there are, where they listen, and whose cards they decide:
///
///     tillguard-upstream 1
///     destination NORTH 10.0.0.7:9000 framing len2 stand-in 3000 40000
///     tls NORTH issuer-ca.pem client.pem client.key
///     route 51 NORTH
///     route 520000-529999 NORTH
///
/// `framing` is one of `tillguard iso8583 sniff`, `len2` if none is named, without addresses and header. `stand-in` gives
/// what may be approved while the destination is away, of one transaction and of one card in one business day, in minor
/// units; nothing if it is not there. What follows `#` is a comment.
struct UpstreamFile {
    var destinations: [UpstreamDestination] = []
    var addresses: [String: UpstreamAddress] = [:]
    /// As `RoutingTable` reads it.
    var routing = ""

    /// Every flaw of a file, each with its line.
    struct Flaws: Error, CustomStringConvertible {
        var path: String
        var flaws: [(line: Int, reason: String)]
        var description: String { flaws.map { "\(path):\($0.line): \($0.reason)" }.joined(separator: "\n") }
    }

    private struct Flaw: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    static let header = "tillguard-upstream 1"

    /// - Throws: `Flaws`, or why the file cannot be read.
    static func read(_ path: String) throws -> UpstreamFile {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw DeploymentError.refused("\(path) cannot be read")
        }
        return try UpstreamFile(parsing: text, path: path)
    }

    init(parsing text: String, path: String) throws(Flaws) {
        var flaws: [(line: Int, reason: String)] = []
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().map {
            (number: $0 + 1, words: $1.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init))
        }
        lines.removeAll { $0.words.isEmpty }
        if lines.first?.words.joined(separator: " ") == Self.header {
            lines.removeFirst()
        } else {
            flaws.append((lines.first?.number ?? 1, "the first line is \"\(Self.header)\""))
        }
        for (number, words) in lines {
            do throws(Flaw) { try take(words) } catch { flaws.append((number, error.reason)) }
        }
        do throws(RoutingTableError) {
            let table = try RoutingTable(parsing: routing)
            for name in Set(table.routes.map(\.destination)).sorted() where addresses[name] == nil {
                flaws.append((lines.last?.number ?? 1, "a route leads to \(name), which is no destination"))
            }
        } catch {
            flaws += Self.inFile(error, lines).map { ($0.line, $0.reason) }
        }
        guard flaws.isEmpty else { throw Flaws(path: path, flaws: flaws.sorted { $0.line < $1.line }) }
    }

    /// The flaws of the routes by the file's own lines: the table is read once more, with each route where it stands.
    private static func inFile(
        _ error: RoutingTableError, _ lines: [(number: Int, words: [String])]
    ) -> [RoutingTable.Flaw] {
        var padded = Array(repeating: "", count: lines.last?.number ?? 0)
        for (number, words) in lines where words[0] == "route" {
            padded[number - 1] = words.dropFirst().joined(separator: " ")
        }
        do throws(RoutingTableError) {
            _ = try RoutingTable(parsing: padded.joined(separator: "\n"))
            return error.flaws
        } catch { return error.flaws }
    }

    private mutating func take(_ words: [String]) throws(Flaw) {
        switch words[0] {
        case "destination": try addDestination(Array(words.dropFirst()))
        case "tls": try addTLS(Array(words.dropFirst()))
        case "route": routing += words.dropFirst().joined(separator: " ") + "\n"
        default: throw Flaw("expected destination, tls or route, found \"\(words[0])\"")
        }
    }

    private mutating func addDestination(_ words: [String]) throws(Flaw) {
        guard words.count >= 2 else { throw Flaw("expected: destination NAME HOST:PORT") }
        guard ZoneFiles.isName(words[0]) else { throw Flaw("a name is 1 to 32 letters, digits, points and hyphens") }
        guard addresses[words[0]] == nil else { throw Flaw("\(words[0]) is here twice") }
        guard destinations.count < UpstreamDestination.countMax else { throw Flaw("too many destinations") }
        guard let colon = words[1].lastIndex(of: ":"), let port = UInt16(words[1][words[1].index(after: colon)...]),
            port > 0, colon > words[1].startIndex
        else { throw Flaw("expected HOST:PORT, found \"\(words[1])\"") }
        // An address of IPv6 stands in brackets before a port (RFC 3986, section 3.2.2).
        var host = String(words[1][..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        var address = UpstreamAddress(host: host, port: Int(port))
        var destination = UpstreamDestination(name: words[0])
        var rest = words.dropFirst(2)
        while let word = rest.popFirst() {
            switch word {
            case "framing":
                guard let framing = rest.popFirst().flatMap({ FrameLayout($0) })?.framing, framing.leadBytes == 0 else {
                    throw Flaw("framing: expected a length, such as len2, len4ascii or len2+incl")
                }
                address.framing = framing
            case "stand-in":
                guard let transaction = rest.popFirst().flatMap({ Int64($0) }),
                    let day = rest.popFirst().flatMap({ Int64($0) }), transaction >= 0, day >= transaction
                else { throw Flaw("stand-in: expected two amounts in minor units, the second at least the first") }
                destination.standIn = StandInLimits(transaction: transaction, cardAndDay: day)
            default: throw Flaw("expected framing or stand-in, found \"\(word)\"")
            }
        }
        destinations.append(destination)
        addresses[destination.name] = address
    }

    private mutating func addTLS(_ words: [String]) throws(Flaw) {
        guard words.count == 4 || words.count == 2 else { throw Flaw("expected: tls NAME CA [CERTIFICATE KEY]") }
        guard addresses[words[0]] != nil else { throw Flaw("\(words[0]) is no destination above this line") }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        do {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(words[1]))
            if words.count == 4 {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(words[2]).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: words[3], format: .pem))
            }
        } catch { throw Flaw("tls: a file cannot be read: \(error)") }
        addresses[words[0]]?.tls = configuration
    }
}
