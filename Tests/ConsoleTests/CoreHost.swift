// SPDX-License-Identifier: Apache-2.0
import Host
import PaymentCryptography
import Storage
import Vocabulary

/// `Host` under a name that Foundation does not have too.
typealias CoreHost = Host

/// Links under a key of 16 or more bytes in hexadecimal.
func caseLinks(_ hex: String) -> CaseLinks {
    guard let key = SecretKey(hex: hex) else { preconditionFailure("no key: \(hex)") }
    return CaseLinks(key: key)
}

func staff(_ name: String) -> StaffID {
    guard let id = StaffID(name) else { preconditionFailure("no staff: \(name)") }
    return id
}

func terminalID(_ name: String) -> TerminalID {
    guard let id = TerminalID(name) else { preconditionFailure("no terminal: \(name)") }
    return id
}
