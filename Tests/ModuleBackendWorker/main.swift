// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModuleBackends
import ModuleProtocol
import SecurityModule
import Vocabulary

// Raises a hardware's counter by one, again and again, and says each value that is durable, until it is killed.
//
//     ModuleBackendWorker emulated DIRECTORY
//     ModuleBackendWorker pkcs11 DIRECTORY LIBRARY TOKEN
//     ModuleBackendWorker tpm DIRECTORY SOCKET

func raise(_ hardware: consuming some SecureHardware & ~Copyable) throws(HardwareError) {
    var value = try hardware.counter()
    while true {
        value += 1
        try hardware.raiseCounter(to: value)
        FileHandle.standardOutput.write(Data("\(value)\n".utf8))
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("emulated", 2): try raise(EmulatedSecureHardware(arguments[1], firmware: SoftwareVersion(1, 2, 0)))
case ("pkcs11", 4):
    try raise(PKCS11Hardware(PKCS11Library(arguments[2]), token: arguments[3], directory: arguments[1]))
case ("tpm", 3): try raise(TPMHardware(TPMFile.socket(arguments[2]), directory: arguments[1]))
default: exit(64)
}
