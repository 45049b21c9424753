// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends
import ModuleProtocol
import PaymentCryptography
import SecurityModule
import Vocabulary

// Works on a hardware until it is killed, and says what has been done.
//
//     ModuleBackendWorker count BACKEND         raises the counter by one, and says each value that is durable
//     ModuleBackendWorker sell PIN BOUNDS TIME BACKEND   resumes the module beside it, and says each protected message
//
// BACKEND is `emulated DIRECTORY`, `pkcs11 DIRECTORY LIBRARY TOKEN` or `tpm DIRECTORY SOCKET`; BOUNDS are where KSN, health
// element and MAC begin and end in a message, between commas; TIME is in seconds.

struct Usage: Error {}

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

func count(_ hardware: consuming some SecureHardware & ~Copyable) throws {
    var value = try hardware.counter()
    while true {
        value += 1
        try hardware.raiseCounter(to: value)
        say("\(value)")
    }
}

func sell(_ hardware: consuming some SecureHardware & ~Copyable, _ settings: [String], _ directory: String) throws {
    let digits = Array(settings[0].utf8)
    try hardware.authorise(pin: SecretKey(count: digits.count) { $0.copyBytes(from: digits) })
    let bounds = settings[1].split(separator: ",").compactMap { Int($0) }
    guard bounds.count == 5, let seconds = Int64(settings[2]) else { throw Usage() }
    let now = Instant(seconds: seconds)
    var module = try HardwareModule.resume(
        DirectoryModuleStore(directory), firmware: SoftwareVersion(1, 2, 0), hardware: hardware, now: now)
    let command = TerminalModuleCommand.protect(
        purpose: .authorisation, message: [UInt8](repeating: 0x31, count: bounds[4]),
        holes: MessageHoles(
            ksn: bounds[0]..<bounds[1], health: bounds[1]..<bounds[2], pinBlock: nil, mac: bounds[3]..<bounds[4]),
        pan: nil)
    while true {
        guard case .protected(let message) = try module.handle(command, now: now) else { throw Usage() }
        say(message.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}

func work(_ hardware: consuming some SecureHardware & ~Copyable, _ settings: [String], _ directory: String) throws {
    if settings.isEmpty { try count(hardware) } else { try sell(hardware, settings, directory) }
}

var arguments = Array(CommandLine.arguments.dropFirst())
let isSale = arguments.first == "sell"
guard isSale || arguments.first == "count", arguments.count > (isSale ? 4 : 1) else { throw Usage() }
let settings = isSale ? Array(arguments[1..<4]) : []
arguments.removeFirst(isSale ? 4 : 1)
switch (arguments[0], arguments.count) {
case ("emulated", 2):
    try work(EmulatedSecureHardware(arguments[1], firmware: SoftwareVersion(1, 2, 0)), settings, arguments[1])
case ("pkcs11", 4):
    try work(
        PKCS11Hardware(PKCS11Library(arguments[2]), token: arguments[3], directory: arguments[1]), settings,
        arguments[1])
case ("tpm", 3): try work(TPMHardware(TPMFile.socket(arguments[2]), directory: arguments[1]), settings, arguments[1])
default: throw Usage()
}
