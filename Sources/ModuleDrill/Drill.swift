// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Demo
import Dispatch
import Foundation
import Synchronization
import Vocabulary

/// A fire drill: every warning of the catalogue, raised for real against a running server of its own.
///
/// Faults act on the hardware, the line, the files, the clock and what people lay down for the estate; nothing raises a
/// warning by its code. What comes of each is seen through the doors that anybody has: the terminal's screen, the module's
/// status, the console, and the host's port.
public struct Drill {
    /// What a supplier lays down about boards: made by whoever has the means to sign it.
    public struct Matrix: Sendable {
        /// The supplier's public key and the signed matrix, in hexadecimal.
        public var supplier: String
        public var text: String

        public init(supplier: String, text: String) { (self.supplier, self.text) = (supplier, text) }
    }

    public struct Options: Sendable {
        /// The program to start with `serve`.
        public var executable: String
        public var matrix: Matrix
        /// An empty or new directory, which stays; nil: a temporary one.
        public var data: String?
        /// The codes to drill; nil: all.
        public var only: [WarningCode]?
        /// Whether Ctrl-C is to be caught; a program of its own wants it, a test does not.
        public var catchesInterrupt = true

        public init(executable: String, matrix: Matrix) { (self.executable, self.matrix) = (executable, matrix) }
    }

    private let options: Options
    private let tell: @Sendable (DrillResult) -> Void

    /// Terminals that are worked on at the same time.
    private static let handsMax = 8

    /// - Parameter tell: gets each row as it ends.
    public init(_ options: Options, tell: @escaping @Sendable (DrillResult) -> Void = { _ in }) {
        (self.options, self.tell) = (options, tell)
    }

    /// Runs the drill.
    /// - Throws: when the server could not be started. Whatever else goes wrong is a failed row.
    public func run() throws -> DrillReport {
        let scenarios = Scenario.all.filter { options.only?.contains($0.code) ?? true }.sorted(by: Scenario.order)
        let house = try House(executable: options.executable, data: options.data)
        defer { house.close() }
        let sources = options.catchesInterrupt ? house.closeOnInterrupt() : []
        defer { for source in sources { source.cancel() } }
        let clock = DrillClock(rows: scenarios.count, hands: Self.handsMax) { try? house.setClock(ahead: $0) }
        let results = Mutex<[DrillResult]>([])
        let ended = DispatchGroup()
        for scenario in scenarios {
            ended.enter()
            Thread.detachNewThread { [options, tell] in
                clock.enter()
                let result = Self.result(of: scenario, house, clock, options.matrix)
                clock.leave()
                results.withLock { $0.append(result) }
                tell(result)
                ended.leave()
            }
        }
        ended.wait()
        let order = WarningCode.allCases
        return DrillReport(
            results: results.withLock { found in
                order.flatMap { code in found.filter { $0.code == code } }
            })
    }

    private static func result(
        of scenario: Scenario, _ house: House, _ clock: DrillClock, _ matrix: Matrix
    ) -> DrillResult {
        let number = WarningCode.allCases.firstIndex(of: scenario.code) ?? 0
        do {
            return try Course(scenario, number: number, house: house, clock: clock, matrix: matrix).run()
        } catch {
            var seen = Observation()
            seen.failure = "\(error)"
            return DrillResult(scenario.expectation, fault: scenario.fault, seen: seen)
        }
    }
}
