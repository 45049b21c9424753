// SPDX-License-Identifier: Apache-2.0
import Foundation
import Vocabulary

/// What a benchmark measured.
struct BenchReport: Sendable {
    var options: BenchOptions
    var client: BenchClientResult
    var serverMicroseconds: Int64
    var journal: BenchJournal

    var perSecond: Double { client.seconds > 0 ? Double(client.answers) / client.seconds : 0 }
    var serverEach: Double { each(Double(serverMicroseconds)) }
    var clientEach: Double { each(Double(client.cpuMicroseconds)) }
    var bytesEach: Double { each(Double(journal.bytes)) }
    var commitMedian: Int { journal.commits.isEmpty ? 0 : journal.commits[journal.commits.count / 2] }
    var commitMean: Double {
        journal.commits.isEmpty ? 0 : Double(journal.records) / Double(journal.commits.count)
    }

    private func each(_ total: Double) -> Double { client.answers > 0 ? total / Double(client.answers) : 0 }

    var json: JSON {
        [
            "terminals": .integer(Int64(options.terminals)), "cards": .integer(Int64(options.cards)),
            "inFlight": .integer(Int64(options.inFlight)), "connections": .integer(Int64(options.connections)),
            "keepsRecords": .bool(options.keepsRecords),
            "processors": .integer(Int64(ProcessInfo.processInfo.activeProcessorCount)),
            "seconds": .double(client.seconds), "answers": .integer(Int64(client.answers)),
            "approved": .integer(Int64(client.approved)), "perSecond": .double(perSecond),
            "latencyMicroseconds": client.latency.json, "serverMicrosecondsEach": .double(serverEach),
            "clientMicrosecondsEach": .double(clientEach),
            "journal": [
                "authorisations": .integer(Int64(journal.authorisations)), "records": .integer(Int64(journal.records)),
                "bytesEach": .double(bytesEach), "commits": .integer(Int64(journal.commits.count)),
                "recordsPerCommit": [
                    "mean": .double(commitMean), "p50": .integer(Int64(commitMedian)),
                    "max": .integer(Int64(journal.commits.last ?? 0)),
                ],
            ],
        ]
    }

    var text: String {
        """
        \(Figures.grouped(Int(perSecond))) durable authorisations a second: \(Figures.grouped(client.answers)) in \
        \(Figures.decimal(client.seconds, 1)) s, \(Figures.grouped(client.approved)) approved
        latency at \(options.inFlight) in flight: \(client.latency.text)
        processor time an authorisation: server \(Figures.decimal(serverEach, 1)) µs, client \
        \(Figures.decimal(clientEach, 1)) µs (\(ProcessInfo.processInfo.activeProcessorCount) processors)
        journal: \(Figures.grouped(journal.authorisations)) authorisations, as many as answers; \
        \(Figures.decimal(bytesEach, 0)) bytes each; \(Figures.grouped(journal.commits.count)) commits of \
        \(Figures.decimal(commitMean, 1)) records (median \(commitMedian), largest \(journal.commits.last ?? 0))
        """
    }
}
