// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Writes what people and programs read, and says nothing more once nobody reads it.
///
/// `FileHandle.write(_:)` stops the process when the other end has gone (EPIPE); this ends quietly.
struct LineWriter: Sendable {
    static let output = LineWriter(descriptor: STDOUT_FILENO)
    static let error = LineWriter(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
        // Whoever writes to a pipe that nobody reads is told by an error, not by a signal. The disposition is the
        // process's, and the same for every writer.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Writes a text whole, in one write where the system takes it, so that lines of several tasks do not mix.
    ///
    /// - Returns: false when it could not be written, which callers may ignore.
    @discardableResult
    func write(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}
