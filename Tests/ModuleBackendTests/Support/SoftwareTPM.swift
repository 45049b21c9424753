// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends

/// A TPM of swtpm in a process of its own, which can be killed and started again over its state.
final class SoftwareTPM {
    /// Why there is none; nil if there is.
    static let absence: String? =
        Tool.path("swtpm") == nil ? "swtpm is not installed: the TPM back end is not tested" : nil

    private let scratch: Scratch
    private var process: pid_t = 0
    private var starts = 0

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        try start()
    }

    deinit { kill() }

    private var state: String { scratch.file("state") }
    var socket: String { scratch.file("s\(starts)") }

    func start() throws {
        starts += 1
        let identity = scratch.file("pid\(starts)")
        // It goes into the background once it listens.
        try Tool.run(
            "swtpm",
            [
                "socket", "--tpm2", "--tpmstate", "dir=\(state)", "--server", "type=unixio,path=\(socket)", "--flags",
                "not-need-init", "--daemon", "--pid", "file=\(identity)",
            ])
        let text = try String(contentsOfFile: identity, encoding: .utf8)
        process = try require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// As a power cut: whatever is not on its disk is lost.
    func kill() {
        guard process > 0 else { return }
        Foundation.kill(process, SIGKILL)
        // It is nobody's child any more, so its end is read in the table of processes; who inherits it may let it lie there.
        while let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), !line.contains(") Z") {
            sched_yield()
        }
        process = 0
    }
}
