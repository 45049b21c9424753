// SPDX-License-Identifier: Apache-2.0
import PaymentCryptography

/// What a supervisor wants at the keypad.
public enum SupervisorPurpose: Equatable, Sendable {
    /// To reach the settings, with a passcode.
    case enter
    /// To set a passcode: the first supervisor before the terminal was ever in service, any other once one has entered.
    case enrol
}

/// Why the keypad did not open for a supervisor.
public enum SupervisorRefusal: Error, Equatable, Sendable {
    case tampered
    /// Not 1 to 8.
    case unknownNumber
    case notAllowed
    /// Too many wrong passcodes (K07).
    case locked
    /// A cardholder's PIN is being entered.
    case busy
}

/// What became of a passcode.
public enum SupervisorOutcome: Equatable, Sendable {
    case entered
    case enrolled
    case wrong(triesLeft: Int)
    case locked
    /// No check was waiting for this verdict; nothing has changed.
    case stale
}

/// A passcode that waits for its hash, which takes some 100 ms and 32 MiB: the one thing that a step of the module does not
/// do itself. Whoever runs the module takes the check, runs it wherever that disturbs nobody, and hands the verdict back.
///
/// Neither says anything about right or wrong: that is compared in the module, under a key of its own.
public struct SupervisorCheck: ~Copyable, Sendable {
    let attempt: UInt32
    let passcode: ClearPIN
    let salt: [UInt8]

    /// The slow part.
    public consuming func run() -> SupervisorVerdict {
        SupervisorVerdict(attempt: attempt, hash: PasswordHash.derive(passcode, salt: salt))
    }
}

/// A passcode's hash, for the check it came from alone.
public struct SupervisorVerdict: ~Copyable, Sendable {
    let attempt: UInt32
    let hash: SecretKey
}
