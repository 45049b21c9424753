// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModuleWire
import PaymentCryptography
import SecurityModule

/// The whole life of a module's process, in the order that matters: shut off, tested, keys opened, at its socket, closed in, and
/// only then ready.
public enum ModuleHouse {
    /// What it says on its standard output when clients may come.
    public static let ready = "ready\n"

    /// Runs until there is nothing to serve for.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - isSupervised: whether it ends with its standard input, which whoever started it holds. Signals that go to all of a
    ///     group are meant for that one, which still has answers to seal, and are not heard.
    ///   - open: opens the keys, when nobody can look on any more.
    ///   - instead: what to do in place of serving, for tests of what can be done then.
    public static func run(
        at path: String, isSupervised: Bool, open: () throws -> HostModuleService,
        instead: ((ModuleServer) -> Void)? = nil
    ) throws {
        signal(SIGPIPE, SIG_IGN)
        if isSupervised { for group in [SIGINT, SIGTERM, SIGHUP] { signal(group, SIG_IGN) } }
        try Hardening.shutOff()
        guard SoftHostModule.passesSelfTest() else { throw ModuleServerError.selfTest }
        let service = try open()
        let server = try ModuleServer(service, at: path)
        service.lockedMemory = try Hardening.close(keysAreLocked: service.module.keysAreLocked)
        _ = Array(ready.utf8).withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if let instead { return instead(server) }
        server.serve(until: isSupervised ? STDIN_FILENO : nil)
    }
}
