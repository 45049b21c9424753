// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends
import Synchronization

/// SoftHSM 2 with as many tokens as the tests take: they are made before the library looks, and each test has its own.
enum SoftHSM {
    static let pin = "tillguard"
    private static let tokensMax = 24

    struct World: Sendable {
        /// A directory of SoftHSM's, kept for the life of the process.
        let directory: String
        let configuration: String
        let library: String
    }

    static let libraryPath: String? = {
        let folders = ["/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/local/lib/softhsm", "/usr/lib64/pkcs11"]
        return folders.map { $0 + "/libsofthsm2.so" }.first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Why there is none; nil if there is.
    static let absence: String? =
        libraryPath == nil || Tool.path("softhsm2-util") == nil
        ? "softhsm2 is not installed: the PKCS #11 back end is not tested" : nil

    static let world = Result {
        let directory = directoryAtExit
        try FileManager.default.createDirectory(atPath: directory + "/tokens", withIntermediateDirectories: true)
        let configuration = directory + "/softhsm2.conf"
        try "directories.tokendir = \(directory)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n".write(
            toFile: configuration, atomically: true, encoding: .utf8)
        for number in 0..<tokensMax {
            try Tool.run(
                "softhsm2-util",
                ["--init-token", "--free", "--label", label(number), "--so-pin", "supervisor", "--pin", pin],
                environment: ["SOFTHSM2_CONF": configuration])
        }
        setenv("SOFTHSM2_CONF", configuration, 1)
        atexit { try? FileManager.default.removeItem(atPath: SoftHSM.directoryAtExit) }
        return World(directory: directory, configuration: configuration, library: try require(libraryPath))
    }

    private static var directoryAtExit: String {
        Scratch.base + "tg-softhsm-\(ProcessInfo.processInfo.processIdentifier)"
    }

    private static let taken = Atomic(0)

    /// A fresh token's label.
    static func token() throws -> String {
        let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < tokensMax else { throw Missing() }
        return label(number)
    }

    private static func label(_ number: Int) -> String { "tillguard \(number)" }
}
