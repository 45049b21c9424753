// SPDX-License-Identifier: Apache-2.0
import Estate
import Foundation
import Host
import ISO8583
import NIOCore
import NIOPosix
import NIOSSL
import SecurityTriggers
import Storage
import Testing
import Vocabulary

@testable import HostServer
@testable import tillguard

@Suite("What goes wrong at lines to other hosts")
struct UpstreamFaultTests {
    @Test("A host that takes a connection and never speaks TLS is away after the time it is given")
    func silentTLS() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let listener = try await ServerBootstrap(group: loop)
            .childChannelInitializer { $0.eventLoop.makeSucceededVoidFuture() }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let events = Shared<[UpstreamEvent]>([])
        let lines = try await loop.submit {
            let lines = UpstreamLines(
                loop: loop,
                addresses: [
                    "NORTH": UpstreamAddress(host: "127.0.0.1", port: port, tls: .makeClientConfiguration())
                ], logger: silent, connectTimeout: .milliseconds(200))
            lines.onEvent = { event, _ in events.change { $0.append(event) } }
            lines.perform([UpstreamEffect.connecting]) { _ in "NORTH" }
            return NIOLoopBound(lines, eventLoop: loop)
        }.get()
        try await eventually("the line to be given up") { events.read { !$0.isEmpty } }
        #expect(events.read { $0 } == [.disconnected])
        try await loop.submit { lines.value.close() }.get()
        try await listener.close()
    }

    @Test("With the files that an upstream file names both sides prove themselves; another authority's host is away")
    func mutualTLS() async throws {
        let directory = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        let certificates = try EstateCertificates(in: directory.path, now: WallClock.now)
        let strangers = try EstateCertificates(in: other.path, now: WallClock.now)
        let terminal = DemoEstate.tills[0].id
        _ = try certificates.client(terminal)
        for (authority, expected) in [(certificates, UpstreamEvent.connected), (strangers, .disconnected)] {
            let context = try NIOSSLContext(configuration: authority.server(host: "127.0.0.1"))
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let listener = try await ServerBootstrap(group: loop)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let own = directory.file("terminals/\(terminal)/tls")
            let file = try UpstreamFile(
                parsing: """
                    tillguard-upstream 1
                    destination NORTH 127.0.0.1:\(try #require(listener.localAddress?.port))
                    tls NORTH \(directory.file("keys/estate-ca.crt")) \(own).crt \(own).key
                    """, path: "u")
            let events = Shared<[UpstreamEvent]>([])
            let lines = try await loop.submit {
                let lines = UpstreamLines(loop: loop, addresses: file.addresses, logger: silent)
                lines.onEvent = { event, _ in events.change { $0.append(event) } }
                lines.perform([UpstreamEffect.connecting]) { _ in "NORTH" }
                return NIOLoopBound(lines, eventLoop: loop)
            }.get()
            try await eventually("word of the line") { events.read { !$0.isEmpty } }
            #expect(events.read { $0.first } == expected)
            try await loop.submit { lines.value.close() }.get()
            try await listener.close()
        }
    }

    @Test("A snapshot is of durable records alone, however often one is taken")
    func snapshots() async throws {
        try await Slots.with {
            let directory = try TemporaryDirectory()
            let recovered = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            let lock = recovered.directory
            let module = try HostKeys.open(in: directory.path).module
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var configuration = HostServer.Configuration()
            configuration.snapshotInterval = 2
            // Traffic with others makes commits of its own when one has landed.
            configuration.upstream = HostServer.Upstream(addresses: [:], zones: module)
            let server = try await HostServer.start(
                recovered, module: module, configuration: configuration, on: group.next(), logger: silent,
                clock: WallClock.now, sink: { _ in })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<400 {
                    tasks.addTask {
                        try await server.submit(
                            .addMerchant(
                                MerchantID(number: 300_000_000_000_000 + UInt64(number)),
                                .init(
                                    name: "Shop \(number)", mcc: MCC(5_411), place: .init(latitude: 0, longitude: 0))),
                            by: DemoEstate.maker)
                    }
                }
                try await tasks.waitForAll()
            }
            try await eventually("a snapshot") { try !directory.snapshots().isEmpty }
            try await server.shutdown()
            try await group.shutdownGracefully()
            lock.unlock()
            let again = try RecoveredHost.open(
                at: directory.path, rules: try RuleSet(parsing: RuleFiles.shipped), logger: silent)
            #expect(again.host.sequence == 400)
        }
    }

    @Test("A zone's file that was never finished is no zone, and keeps no host from starting")
    func unfinishedZone() async throws {
        let directory = try TemporaryDirectory()
        let issuer = try await Neighbourhood()
        _ = try issuer.meet(directory)
        _ = try directory.write("tillguard-zone 1\n", to: "keys/zones/NORTH.partial")
        #expect(ZoneFiles.names(in: directory.path) == ["NORTH"])
        _ = try HostKeys.open(in: directory.path)
        #expect(!ZoneFiles.isName("NORTH.partial") && ZoneFiles.isName("NORTH.1"))
        try await issuer.server.close()
    }
}

extension UpstreamEffect {
    fileprivate static var connecting: UpstreamEffect { UpstreamEffect(destination: 0, action: .connect) }
}
