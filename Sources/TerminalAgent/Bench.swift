// SPDX-License-Identifier: Apache-2.0

/// What a bench socket has its hands on.
public struct Bench: Sendable {
    let bank: TerminalBank
    /// Where second devices stand, which claim a terminal's number.
    let spare: TerminalBank?
    private let moveClock: (@Sendable (Int64) -> Void)?

    /// - Parameters:
    ///   - spare: where second devices stand; nil: there are none.
    ///   - moveClock: sets the time so many seconds ahead; nil: nobody here does.
    public init(
        _ bank: TerminalBank, spare: TerminalBank? = nil, moveClock: (@Sendable (Int64) -> Void)? = nil
    ) {
        (self.bank, self.spare, self.moveClock) = (bank, spare, moveClock)
    }

    /// The bank that a device stands in; 1 is the terminal itself.
    func device(_ number: Int64) -> TerminalBank? { number == 1 ? bank : number == 2 ? spare : nil }

    /// - Returns: false where the clock is not to be moved.
    func setClock(ahead seconds: Int64) -> Bool {
        moveClock?(seconds)
        return moveClock != nil
    }
}
