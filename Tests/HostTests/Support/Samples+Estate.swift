// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ModuleProtocol
import Vocabulary

@testable import Host

/// What came with orders, acts and the clock. In an order in which each has something to change.
extension Samples {
    private static let device = TerminalID("NEW00001")!
    private static let position = Position(latitude: -90_000_000, longitude: 180_000_000)
    private static let attested: EvidenceClaims = {
        var attested = Samples.evidence
        attested.device = DeviceClaims(
            model: 7, revision: 2, bootCount: 3, firmwareDigest: [UInt8](repeating: 0xF0, count: 32),
            applicationDigest: [], isDebuggable: true, position: position, binding: 0x0102_0304_0506_0708, logIndex: 9,
            journalIndex: 10,
            inventory: [
                DeviceClaims.KeyEntry(slot: 1, checkValue: []),
                DeviceClaims.KeyEntry(slot: 2, checkValue: [1, 2, 3]),
            ])
        return attested
    }()
    private static let lease = Lease(id: 11, expires: at + .hours(30))
    private static let range = FirmwareRange(minimum: SoftwareVersion(1, 0, 0), maximum: SoftwareVersion(2, 0, 0))
    private static let matrix = CompatibilityMatrix(
        version: 4,
        rows: [
            CompatibilityMatrix.Row(
                model: 7, revisions: 1...3, profiles: [.aes, .sessionSM4], firmware: range, application: range)
        ], signature: [UInt8](repeating: 0x51, count: 64))

    private static let acts: [EstateAct] = [
        .personalise(device), .ship(device, seal: "封 77"), .reportLost(device), .enterMaintenance(terminal),
        .endMaintenance(terminal), .inspect(terminal, findings: [.overlay, .damage], photo: "a.jpg"),
        .inspect(terminal, findings: [], photo: "b.jpg"),
        .setReleases(
            model: 7,
            ReleasePolicy(
                recommended: SoftwareVersion(1, 2, 0), minimum: SoftwareVersion(1, 0, 0), deadline: at + .days(9))),
        .setReleases(
            model: 0,
            ReleasePolicy(recommended: SoftwareVersion(1, 1, 0), minimum: SoftwareVersion(1, 0, 0), deadline: nil)),
        .setDigests([[UInt8](repeating: 0xF0, count: 32), [UInt8](repeating: 0xF1, count: 32)]),
        .setKeySetEnd(3, until: at + .days(40)),
        .setTerms(merchant, MerchantTerms(acquirer: 48_270_000, account: .max, radius: 300)), .importMatrix(matrix),
    ]

    private static let orders: [EstateOrder] = [
        .receive(device, seal: "封 77"), .loadInitialKeys(device), .issueKeys(terminal, keySet: 4),
        .permitSwap(terminal, serial: .max), .revokeKeySet(9, since: at - .days(3)),
        .extendLeases(until: at + .hours(72)), .trustSupplier(key: [UInt8](repeating: 2, count: 33)),
        .erase(terminal, .k04), .takeIntoServiceCentre(terminal), .reidentify(terminal, serial: 501, keySet: 5),
        .retire(device),
    ]

    static let fifth: [(name: String, record: HostRecord)] = {
        let new = EstateTerminal(
            merchant: merchant, profile: .sessionSM4, keySet: 1, identityEpoch: 1, serial: 500, currency: .cny)
        var records: [(String, EstateRecord)] = [
            ("terminalRegistered", .terminalRegistered(device, new)),
            (
                "signedOn",
                .signedOn(
                    SignedOn(
                        usage: usage, lease: lease, evidence: attested, closed: [.k02],
                        raised: [RaisedWarning(.a03, .s4)]))
            ),
            ("signedOn.session", .signedOn(SignedOn(usage: poorUsage, lease: lease, evidence: evidence, session: 8))),
            ("swapRefused", .swapRefused(usage, serial: .max)),
        ]
        for (index, act) in acts.enumerated() { records.append(("acted.\(act.kind).\(index)", .acted(act, by: alice))) }
        for order in orders {
            records.append(("proposed.\(order.kind)", .proposed(order, by: alice)))
            if order.kind != .extendLeases {
                records.append(("ordered.\(order.kind)", .ordered(order, by: [alice, bob])))
            }
        }
        records.append(("ticked", .ticked(clock)))
        return records.map { (name: "estate.\($0.0)", record: HostRecord(at: at, .estate($0.1))) }
    }()

    private static let clock: [ClockChange] = {
        var first = ClockChange(terminal)
        first.raised = [RaisedWarning(.p03), RaisedWarning(.a05, .s4)]
        first.closed = [.a03]
        var second = ClockChange(device)
        second.reminders = 2
        return [first, second]
    }()
}
