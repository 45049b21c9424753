// SPDX-License-Identifier: Apache-2.0
import Testing

/// The house: what each target may import. Dependencies run downwards only.
enum House {
    /// Cores and pure libraries, top to bottom. Nothing beside these and the standard library.
    static let cores: [(target: String, imports: [String])] = [
        (
            "Simulator",
            [
                "Host", "Issuer", "Estate", "Terminal", "UnionPay", "SecurityModule", "SecurityTriggers",
                "ModuleProtocol", "Journal", "Interchange", "ISO8583", "PaymentCryptography", "Catalogue",
                "Vocabulary",
            ]
        ),
        (
            "Host",
            [
                "Issuer", "Estate", "SecurityTriggers", "RiskModels", "UnionPay", "ModuleProtocol", "Journal",
                "Interchange", "ISO8583",
                "PaymentCryptography", "Catalogue", "Vocabulary",
            ]
        ),
        ("Issuer", ["ModuleProtocol", "Catalogue", "Vocabulary"]),
        ("Estate", ["ModuleProtocol", "PaymentCryptography", "Catalogue", "Vocabulary"]),
        ("Terminal", ["UnionPay", "ModuleProtocol", "ISO8583", "Catalogue", "Vocabulary"]),
        ("UnionPay", ["ModuleProtocol", "ISO8583", "Catalogue", "Vocabulary"]),
        ("SecurityModule", ["ModuleProtocol", "PaymentCryptography", "Catalogue", "Vocabulary"]),
        ("SecurityTriggers", ["CPrefetch", "RiskModels", "Vocabulary"]),
        ("TriggerTools", ["SecurityTriggers", "RiskTraining", "RiskModels", "Vocabulary"]),
        ("Scenarios", ["Vocabulary"]),
        ("ModuleWire", ["ModuleProtocol", "Vocabulary"]),
        ("ModuleProtocol", ["Catalogue", "Vocabulary"]),
        ("Journal", ["PaymentCryptography", "Vocabulary"]),
        ("RiskTraining", ["RiskModels", "Vocabulary"]),
        ("RiskModels", ["Vocabulary"]),
        ("ISO8583", ["Vocabulary"]),
        ("Interchange", ["Vocabulary"]),
        ("CryptoTools", ["PaymentCryptography", "Vocabulary"]),
        ("ISO8583Tools", ["ISO8583", "PaymentCryptography", "Catalogue", "Vocabulary"]),
        ("PaymentCryptography", ["CAES", "COpenSSL", "Glibc"]),
        ("Catalogue", ["Vocabulary"]),
        ("Vocabulary", []),
    ]

    /// Shells, top to bottom: the project's own targets that each may import.
    static let shells: [(target: String, imports: [String])] = [
        ("ModuleDrill", ["Demo", "Catalogue", "Vocabulary"]),
        ("Demo", ["Vocabulary"]),
        (
            "Console",
            [
                "TerminalAgent", "Storage", "Host", "Issuer", "Estate", "SecurityTriggers", "RiskModels",
                "ModuleProtocol", "Journal", "PaymentCryptography", "Catalogue", "Vocabulary",
            ]
        ),
        (
            "HostServer",
            [
                "Storage", "Host", "Issuer", "Estate", "SecurityTriggers", "ModuleProtocol", "Journal", "ISO8583",
                "PaymentCryptography", "Catalogue", "Vocabulary",
            ]
        ),
        (
            "TerminalAgent",
            [
                "Storage", "Terminal", "ModuleBackends", "SecurityModule", "ModuleProtocol", "ISO8583",
                "PaymentCryptography", "Catalogue", "Vocabulary",
            ]
        ),
        ("ModuleBackends", ["SecurityModule", "ModuleProtocol", "PaymentCryptography", "Vocabulary"]),
        ("ModuleServer", ["ModuleWire", "SecurityModule", "ModuleProtocol", "PaymentCryptography", "Vocabulary"]),
        (
            "Storage",
            [
                "Host", "Issuer", "Estate", "SecurityTriggers", "ModuleProtocol", "Journal", "PaymentCryptography",
                "Catalogue", "Vocabulary",
            ]
        ),
    ]

    /// What belongs to shells: a core is handed time, randomness and bytes.
    static let bannedModules = [
        "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "NIOCore", "GRDB", "Logging",
    ]
    static let bannedWords = [
        "async ", "await ", "Task {", "Task." + "sleep", "ContinuousClock", "SuspendingClock", "clock_gettime",
        "Date()",
        "Mutex<", "NSLock", "DispatchQueue", "print(", "try!", "as!", "fatalError(", "SystemRandomNumberGenerator",
    ]
    /// The two places that may: the system's random source is a value that only shells make, and libcrypto's heap is
    /// guarded where it is.
    static let exceptions = ["Sources/Vocabulary/RandomSource.swift": ["SystemRandomNumberGenerator"]]
}

@Suite("Arrows of the house")
struct ArrowTests {
    @Test("a core imports only what stands below it", arguments: House.cores.map(\.target))
    func coresPointDown(target: String) throws {
        let allowed = try #require(House.cores.first { $0.target == target }).imports
        let files = SourceTree.swiftFiles(under: "Sources/\(target)")
        #expect(!files.isEmpty)
        for file in files {
            for module in file.imports where module != target {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("a shell imports of the project only what stands below it", arguments: House.shells.map(\.target))
    func shellsPointDown(target: String) throws {
        let allowed = try #require(House.shells.first { $0.target == target }).imports
        let own = House.cores.map(\.target) + House.shells.map(\.target)
        for file in SourceTree.swiftFiles(under: "Sources/\(target)") {
            for module in file.imports where own.contains(module) && module != target {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("a core has no clock, lock, task, I/O or forced step", arguments: House.cores.map(\.target))
    func coresArePure(target: String) {
        for file in SourceTree.swiftFiles(under: "Sources/\(target)") {
            let code = file.code
            for word in House.bannedWords where House.exceptions[file.path]?.contains(word) != true {
                #expect(!code.contains(word), "\(file.path) contains \(word)")
            }
            for module in House.bannedModules {
                #expect(!file.imports.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("every target of the tree stands in the house")
    func nothingIsOutside() {
        let known = House.cores.map(\.target) + House.shells.map(\.target) + ["tillguard"]
        for file in SourceTree.swiftFiles(under: "Sources") {
            let target = String(file.path.split(separator: "/")[1])
            #expect(known.contains(target), "\(file.path)")
        }
    }
}
