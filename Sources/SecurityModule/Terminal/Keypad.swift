// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import PaymentCryptography
import Vocabulary

/// What a key did, as far as anybody outside may know: how many digits there are, never which.
public enum KeypadEcho: Equatable, Sendable {
    /// The keypad is closed; the key went nowhere.
    case closed
    /// Open, with that many digits.
    case entering(count: Int)
    /// The PIN is complete and waits to be encrypted.
    case entered(count: Int)
    case cancelled
}

/// Who types.
enum KeypadUser: Equatable, Sendable {
    case cardholder
    case supervisor
    /// Of this number, with a component.
    case custodian(UInt8)
}

/// The module's own keypad: one PIN, passcode or component at a time, kept no longer than a minute after the last key.
struct Keypad: ~Copyable, Sendable {
    static let timeout = Interval.seconds(60)

    private var entry: PINEntry?
    private var pin: ClearPIN?
    private var component: ComponentEntry?
    private var isComponentConfirmed = false
    private var touchedAt = Instant.epoch
    private var user = KeypadUser.cardholder

    init() {
        entry = nil
        pin = nil
        component = nil
    }

    /// Digits entered; nil when closed.
    var count: Int? {
        if let count = component.borrowed({ $0.count }) { return count }
        if let count = entry.borrowed({ $0.count }) { return count }
        return pin.borrowed { $0.count }
    }
    var isOpen: Bool { count != nil }
    /// Whether a whole entry of this user waits: a passcode is never encrypted as a PIN, nor a PIN tried as a passcode.
    func holdsEntry(of user: KeypadUser) -> Bool { pin != nil && user == self.user }

    mutating func open(for user: KeypadUser, at now: Instant) {
        self.user = user
        pin = nil
        entry = PINEntry()
        touchedAt = now
    }

    /// Opens for a component of so many bytes.
    mutating func openForComponent(of custodian: UInt8, count: Int, at now: Instant) {
        close()
        user = .custodian(custodian)
        component = ComponentEntry(keyCount: count)
        touchedAt = now
    }

    /// Forgets everything.
    mutating func close() {
        entry = nil
        pin = nil
        component = nil
        isComponentConfirmed = false
    }

    mutating func closeIfIdle(at now: Instant) {
        if isOpen, now - touchedAt >= Self.timeout { close() }
    }

    mutating func press(_ key: KeypadKey, at now: Instant) -> KeypadEcho {
        guard let count else { return .closed }
        touchedAt = now
        if key == .cancel {
            close()
            return .cancelled
        }
        if let typed = component.take() { return press(key, typed) }
        guard var open = entry.take() else { return .entered(count: count) }
        switch key {
        case .digit(let digit): open.press(digit)
        case .clear: open.clear()
        case .enter:
            if count >= ClearPIN.countMin {
                pin = open.finish()
                return .entered(count: count)
            }
        case .cancel: break
        }
        let entered = open.count
        entry = consume open
        return .entering(count: entered)
    }

    private mutating func press(_ key: KeypadKey, _ typed: consuming ComponentEntry) -> KeypadEcho {
        switch key {
        case .digit(let digit): if !isComponentConfirmed { typed.press(digit) }
        case .clear:
            typed.clear()
            isComponentConfirmed = false
        case .enter: isComponentConfirmed = typed.isComplete
        case .cancel: break
        }
        let count = typed.count
        component = consume typed
        return isComponentConfirmed ? .entered(count: count) : .entering(count: count)
    }

    /// Whose component is being typed.
    var custodian: UInt8? { if case .custodian(let number) = user, isOpen { number } else { nil } }

    /// A component that was confirmed, once.
    mutating func takeComponent() -> ComponentEntry? {
        guard isComponentConfirmed else { return nil }
        defer { close() }
        return component.take()
    }

    /// The entry, once; nil, and forgotten, when another user made it.
    mutating func take(of user: KeypadUser) -> ClearPIN? {
        defer { close() }
        return user == self.user ? pin.take() : nil
    }
}
