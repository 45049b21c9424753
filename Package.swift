// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The cores build without any package dependency. TILLGUARD_CORES=1 leaves everything else out, so that
// a core is planned, built and tested in seconds, and sanitizers never meet a dependency.
let coresOnly = Context.environment["TILLGUARD_CORES"] == "1" || Context.environment["TILLGUARD_FUZZ"] == "1"

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// MARK: - Pure libraries and cores: each line names what it may import, and nothing else

func core(_ name: String, _ dependencies: [String], resources: [Resource] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, resources: resources,
        swiftSettings: settings)
}

func test(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: settings)
}

var targets: [Target] = [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // Roundings and roots, which IEEE 754 defines to the last bit, are calls of libm on some processors.
    .target(name: "Vocabulary", swiftSettings: settings, linkerSettings: [.linkedLibrary("m")]),
    core("Catalogue", ["Vocabulary"], resources: [.embedInCode("Data")]),
    // The one C of the house, 150 lines: AES with the processor's instructions (see docs/architecture.md).
    .target(name: "CAES"),
    core("PaymentCryptography", ["COpenSSL", "CAES"]),
    core("CryptoTools", ["PaymentCryptography", "Vocabulary"]),
    core("ISO8583", ["Vocabulary"], resources: [.embedInCode("Specs"), .embedInCode("Characters")]),
    core(
        "ISO8583Tools", ["ISO8583", "PaymentCryptography", "Catalogue", "Vocabulary"],
        resources: [.embedInCode("Specs")]),
    core("RiskModels", ["Vocabulary"]),
    core("RiskTraining", ["RiskModels", "Vocabulary"]),
    core("Interchange", ["Vocabulary"]),
    core("Journal", ["Vocabulary", "PaymentCryptography"]),
    core("ModuleProtocol", ["Vocabulary", "Catalogue"]),
    core("SecurityModule", ["Vocabulary", "Catalogue", "PaymentCryptography", "ModuleProtocol"]),
    // Types alone: a PKCS #11 library is opened at run time, so that nothing needs to be installed to build.
    .systemLibrary(name: "CPKCS11"),
    // What stands behind `SecureHardware`. It has I/O, but no package dependency: it builds with the cores.
    core(
        "ModuleBackends", ["CPKCS11", "Vocabulary", "PaymentCryptography", "ModuleProtocol", "SecurityModule"]),
    core("ModuleWire", ["Vocabulary", "ModuleProtocol"]),
    // What Linux offers to shut a process off, where Swift cannot reach it.
    .target(name: "CHardening"),
    // The host's module in a process of its own, and the way to it. Like the back ends it has I/O and no package dependency.
    core(
        "ModuleServer",
        ["CHardening", "Vocabulary", "PaymentCryptography", "ModuleProtocol", "ModuleWire", "SecurityModule"]),
    // One instruction that Swift has no word for.
    .target(name: "CPrefetch"),
    core("SecurityTriggers", ["CPrefetch", "Vocabulary", "RiskModels"]),
    core("Scenarios", ["Vocabulary"]),
    core("TriggerTools", ["Vocabulary", "SecurityTriggers", "RiskModels", "RiskTraining"]),
    core("Estate", ["Vocabulary", "Catalogue", "PaymentCryptography", "ModuleProtocol"]),
    core("Issuer", ["Vocabulary", "Catalogue", "ModuleProtocol"]),
    core("UnionPay", ["Vocabulary", "Catalogue", "ISO8583", "ModuleProtocol"]),
    core("Terminal", ["Vocabulary", "Catalogue", "ISO8583", "ModuleProtocol", "UnionPay"]),
    core(
        "Host",
        [
            "Vocabulary", "Catalogue", "PaymentCryptography", "ISO8583", "Interchange", "Journal", "ModuleProtocol",
            "SecurityTriggers", "RiskModels", "Estate", "Issuer", "UnionPay",
        ]),

    core(
        "Simulator",
        [
            "Vocabulary", "Catalogue", "PaymentCryptography", "ISO8583", "Interchange", "Journal", "ModuleProtocol",
            "SecurityModule", "SecurityTriggers", "Estate", "Issuer", "Terminal", "Host", "UnionPay",
        ]),

    test("Vocabulary", ["Vocabulary"]),
    test("Catalogue", ["Catalogue", "Vocabulary"]),
    test("PaymentCryptography", ["PaymentCryptography", "COpenSSL", "Vocabulary"]),
    test("CryptoTools", ["CryptoTools", "PaymentCryptography", "Vocabulary"]),
    test("ISO8583", ["ISO8583", "Vocabulary"]),
    test("ISO8583Tools", ["ISO8583Tools", "ISO8583", "Vocabulary"]),
    test("RiskModels", ["RiskModels", "Vocabulary"]),
    test("RiskTraining", ["RiskTraining", "RiskModels", "Vocabulary"]),
    test("Detection", ["Detection", "SecurityTriggers", "RiskTraining", "RiskModels", "Vocabulary"]),
    test("Interchange", ["Interchange", "Vocabulary"]),
    test("Journal", ["Journal", "Vocabulary", "PaymentCryptography"]),
    test(
        "SecurityModule",
        ["SecurityModule", "ModuleProtocol", "PaymentCryptography", "Catalogue", "Vocabulary"]),
    test(
        "ModuleBackend",
        [
            "ModuleBackends", "ModuleBackendWorker", "CPKCS11", "COpenSSL", "SecurityModule", "ModuleProtocol",
            "PaymentCryptography", "Catalogue", "Vocabulary",
        ]),
    test("ModuleWire", ["ModuleWire", "ModuleProtocol", "Catalogue", "Vocabulary"]),
    test(
        "ModuleServer",
        [
            "ModuleServer", "ModuleServerFixture", "ModuleServerWorker", "ModuleWire", "SecurityModule",
            "ModuleProtocol",
            "PaymentCryptography", "Catalogue", "Vocabulary",
        ]),
    test("SecurityTriggers", ["SecurityTriggers", "RiskModels", "Vocabulary"]),
    test("Scenarios", ["Scenarios", "Vocabulary"]),
    test(
        "TriggerTools", ["TriggerTools", "SecurityTriggers", "RiskTraining", "RiskModels", "Scenarios", "Vocabulary"]),
    test(
        "Terminal", ["Terminal", "ISO8583", "ModuleProtocol", "Vocabulary", "Catalogue"]),
    test("Estate", ["Estate", "ModuleProtocol", "PaymentCryptography", "Vocabulary", "Catalogue"]),
    test("Issuer", ["Issuer", "ModuleProtocol", "Vocabulary", "Catalogue"]),
    test(
        "Host",
        [
            "Host", "Estate", "Interchange", "Issuer", "SecurityTriggers", "RiskModels", "SecurityModule",
            "ModuleProtocol", "Journal", "UnionPay",
            "ISO8583", "PaymentCryptography", "Vocabulary", "Catalogue",
        ]),
    test(
        "EndToEnd",
        [
            "Terminal", "Host", "Estate", "Issuer", "SecurityTriggers", "SecurityModule", "ModuleProtocol", "Journal",
            "ISO8583", "PaymentCryptography", "Vocabulary", "Catalogue", "UnionPay",
        ]),
    test("UnionPay", ["UnionPay", "ISO8583", "ModuleProtocol", "Catalogue", "Vocabulary"]),
    test("Simulator", ["Simulator", "SecurityTriggers", "Vocabulary"]),
    test("Architecture", []),
]

// MARK: - Shells

if !coresOnly {
    let nio: [Target.Dependency] = [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
    ]
    let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
    let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

    targets += [
        .target(
            name: "Storage",
            dependencies: [
                "Vocabulary", "Catalogue", "PaymentCryptography", "Journal", "ModuleProtocol", "SecurityTriggers",
                "Estate", "Issuer", "Host", .product(name: "GRDB", package: "GRDB.swift"), log,
            ],
            swiftSettings: settings),
        .target(
            name: "TerminalAgent",
            dependencies: [
                "Vocabulary", "Catalogue", "PaymentCryptography", "ISO8583", "ModuleProtocol", "SecurityModule",
                "ModuleBackends", "Terminal", "Storage", tls, log,
            ] + nio,
            swiftSettings: settings),
        .target(
            name: "HostServer",
            dependencies: [
                "Vocabulary", "Catalogue", "PaymentCryptography", "ISO8583", "Journal", "ModuleProtocol", "Host",
                "Storage", tls, log, .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio,
            swiftSettings: settings),
        .target(
            name: "Console",
            dependencies: [
                "Vocabulary", "Catalogue", "PaymentCryptography", "ModuleProtocol", "RiskModels", "SecurityTriggers",
                "Estate", "Issuer", "Host", "Storage", "TerminalAgent", log,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("Pages")],
            swiftSettings: settings),
        // A client like any other: it shares nothing with the server but the wire.
        .target(name: "Demo", dependencies: ["Vocabulary"], swiftSettings: settings),
        .target(name: "ModuleDrill", dependencies: ["Demo", "Catalogue", "Vocabulary"], swiftSettings: settings),
        .executableTarget(
            name: "tillguard",
            dependencies: [
                "Vocabulary", "Catalogue", "PaymentCryptography", "CryptoTools", "ISO8583", "ISO8583Tools", "Journal",
                "ModuleProtocol", "ModuleServer", "ModuleWire",
                "SecurityModule", "SecurityTriggers", "Estate", "Issuer", "Terminal", "Host", "Storage",
                "TerminalAgent", "HostServer", "Console", "Simulator", "Scenarios",
                "TriggerTools", "RiskModels", "RiskTraining", "Demo", "ModuleDrill", tls, log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ] + nio,
            resources: [.embedInCode("Resources/default.rules")],
            swiftSettings: settings),
        test(
            "Storage",
            [
                "Storage", "Journal", "Vocabulary", "PaymentCryptography", "Catalogue", "Estate", "Host", "Issuer",
                "ModuleProtocol", "SecurityTriggers", log, .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        test("Demo", ["Demo", "tillguard", "Vocabulary"]),
        test("Drill", ["ModuleDrill", "tillguard", "Catalogue", "Vocabulary"]),
        test(
            "Command",
            [
                "tillguard", "PaymentCryptography", "Vocabulary",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        test(
            "Replay",
            [
                "tillguard", "Vocabulary", "Catalogue", "PaymentCryptography", "ISO8583", "Estate", "Issuer", "Host",
                "HostServer", "Storage", log,
            ]),
        test(
            "Console",
            [
                "tillguard", "Vocabulary", "Catalogue", "PaymentCryptography", "ModuleProtocol", "Journal",
                "RiskModels", "SecurityTriggers", "SecurityModule", "Estate", "Issuer", "Host", "Storage",
                "TerminalAgent", "Console", log,
                .product(name: "GRDB", package: "GRDB.swift"),
            ] + nio),
        test(
            "Server",
            [
                "tillguard", "Vocabulary", "Catalogue", "PaymentCryptography", "Journal", "ModuleProtocol",
                "ModuleServer", "SecurityModule", "SecurityTriggers", "Estate", "Issuer", "Terminal", "Host",
                "Interchange", "Simulator", "Storage", "TerminalAgent", "HostServer", "ISO8583", "ISO8583Tools", tls,
                log,
                .product(name: "GRDB", package: "GRDB.swift"),
            ] + nio),
    ]
}

// MARK: - Proof: programs beside the tests, on the cores alone

/// A program outside `Sources`, of folders and files that no product takes in.
func proof(_ name: String, _ path: String, _ dependencies: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, path: path, swiftSettings: settings)
}

targets.append(
    proof("CryptoDifferential", "Scripts/CryptoDifferential", ["CryptoTools", "PaymentCryptography", "Vocabulary"]))
// Raises a hardware's counter until it is killed; a test looks at what is left.
targets.append(
    proof(
        "ModuleBackendWorker", "Tests/ModuleBackendWorker",
        ["ModuleBackends", "SecurityModule", "ModuleProtocol", "PaymentCryptography", "Vocabulary"]))
// A module's process as it ships, with keys that tests know; and what it must not be able to do.
targets += [
    .target(name: "CForbiddenCalls", path: "Tests/CForbiddenCalls"),
    .target(
        name: "ModuleServerFixture",
        dependencies: ["ModuleServer", "SecurityModule", "ModuleProtocol", "PaymentCryptography"],
        path: "Tests/ModuleServerFixture", swiftSettings: settings),
    proof(
        "ModuleServerWorker", "Tests/ModuleServerWorker", ["CForbiddenCalls", "ModuleServer", "ModuleServerFixture"]),
]
targets.append(
    proof("ISO8583Differential", "Scripts/ISO8583Differential", ["ISO8583Tools", "ISO8583", "Vocabulary"]))
targets.append(proof("TriggerExample", "Examples/TriggerExample", ["SecurityTriggers", "Vocabulary"]))
targets.append(
    proof(
        "Detection", "Scripts/Detection",
        ["TriggerTools", "SecurityTriggers", "RiskTraining", "RiskModels", "Vocabulary"]))
targets.append(
    proof(
        "DefaultModel", "Scripts/DefaultModel",
        ["TriggerTools", "SecurityTriggers", "RiskTraining", "RiskModels", "Scenarios", "Vocabulary"]))
if coresOnly {
    targets.append(.target(name: "CAllocations", path: "Benchmarks/CAllocations"))
    targets.append(
        proof(
            "CryptoBenchmarks", "Benchmarks/CryptoBenchmarks", ["CAllocations", "PaymentCryptography", "Vocabulary"]))
    targets.append(
        proof("ISO8583Benchmarks", "Benchmarks/ISO8583Benchmarks", ["CAllocations", "ISO8583", "Vocabulary"]))
    targets.append(
        proof(
            "ModuleBenchmarks", "Benchmarks/ModuleBenchmarks",
            [
                "CAllocations", "ModuleServer", "ModuleServerFixture", "ModuleWire",
                "SecurityModule", "ModuleProtocol", "PaymentCryptography", "Vocabulary",
            ]))
    targets.append(
        proof(
            "TriggerBenchmarks", "Benchmarks/TriggerBenchmarks",
            [
                "CAllocations", "TriggerTools", "Scenarios", "SecurityTriggers", "RiskTraining", "RiskModels",
                "Vocabulary",
            ]))
}

/// `TILLGUARD_FUZZ=1` adds the fuzzers, and builds what they look into for libFuzzer and the address sanitizer. A fuzzer
/// more is a folder in `Fuzz` and its name here.
let fuzzers = [
    "KeyBlockFuzzer", "PINBlockFuzzer", "TR34Fuzzer", "FramingFuzzer", "MessageFuzzer", "DataObjectFuzzer",
    "SpecFuzzer", "SignatureFuzzer", "AuditFuzzer", "SealedJournalFuzzer", "ModuleCommandFuzzer", "RuleFileFuzzer",
    "RuleEvaluationFuzzer", "RiskModelFuzzer", "ListFuzzer",
]
/// Those that look into messages, into the security module, and into the triggers; the others look into payment cryptography.
let messageFuzzers = ["FramingFuzzer", "MessageFuzzer", "DataObjectFuzzer", "SpecFuzzer"]
let moduleFuzzers = ["AuditFuzzer", "SealedJournalFuzzer", "ModuleCommandFuzzer"]
let triggerFuzzers = ["RuleFileFuzzer", "RuleEvaluationFuzzer", "RiskModelFuzzer", "ListFuzzer"]

if Context.environment["TILLGUARD_FUZZ"] == "1" {
    let linker: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
    targets.append(.target(name: "FuzzDriver", path: "Fuzz/FuzzDriver", swiftSettings: settings))
    for name in fuzzers {
        var subjects = messageFuzzers.contains(name) ? ["ISO8583"] : ["PaymentCryptography"]
        if triggerFuzzers.contains(name) { subjects = ["SecurityTriggers", "RiskModels"] }
        if moduleFuzzers.contains(name) { subjects += ["SecurityModule", "ModuleProtocol", "Catalogue"] }
        if name == "ModuleCommandFuzzer" { subjects += ["ModuleWire", "ModuleServer"] }
        let target = proof(name, "Fuzz/\(name)", ["FuzzDriver", "Vocabulary"] + subjects)
        target.linkerSettings = linker
        targets.append(target)
    }
    let subjects = [
        "PaymentCryptography", "ISO8583", "Vocabulary", "SecurityModule", "ModuleProtocol", "Catalogue", "ModuleWire",
        "ModuleServer", "SecurityTriggers", "RiskModels",
    ]
    for target in targets where (subjects + ["FuzzDriver"]).contains(target.name) {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer,address"])]
    }
    for target in targets where target.name == "CAES" {
        target.cSettings = [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])]
    }
}

// TILLGUARD_ONLY=JournalTests,… plans those tests and what they need and nothing else, for the inner loop of one core.
if let only = Context.environment["TILLGUARD_ONLY"], !only.isEmpty {
    var wanted = only.split(separator: ",").map(String.init)
    var kept: [String] = []
    while let name = wanted.popLast() {
        guard !kept.contains(name), let target = targets.first(where: { $0.name == name }) else { continue }
        kept.append(name)
        for case .byNameItem(let dependency, _) in target.dependencies { wanted.append(dependency) }
    }
    targets = targets.filter { kept.contains($0.name) }
}

let package = Package(
    name: "tillguard",
    // A client needs the words that a core's functions take as well.
    products: [
        ("PaymentCryptography", ["PaymentCryptography", "Vocabulary"]), ("ISO8583", ["ISO8583", "Vocabulary"]),
        ("SecurityTriggers", ["SecurityTriggers", "RiskModels", "Vocabulary"]),
    ].filter { product in
        product.1.allSatisfy { name in targets.contains { $0.name == name } }
    }.map { .library(name: $0.0, targets: $0.1) },
    dependencies: coresOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
            .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
            .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
            .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
            .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
            .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
            .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
            .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
            .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
