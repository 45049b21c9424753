// SPDX-License-Identifier: Apache-2.0
import Host
import Vocabulary

/// A card of the demonstration that the virtual terminal's page offers; never a real one.
public struct TestCard: Sendable {
    public var pan: PAN
    /// YYMM.
    public var expiry: UInt16
    /// What people read beside it.
    public var label: String

    public init(pan: PAN, expiry: UInt16, label: String) {
        self.pan = pan
        self.expiry = expiry
        self.label = label
    }
}

/// Where the console listens and what it offers.
public struct ConsoleConfiguration: Sendable {
    /// The address to listen on, such as `127.0.0.1`.
    public var host: String
    /// 0 takes any free port; `Console.run(onRunning:)` tells which.
    public var port: Int
    /// Where people reach the console, such as `https://bank.example`: cookies are marked secure if it is `https`.
    public var origin: String
    /// The test cards the virtual terminal offers.
    public var testCards: [TestCard]
    /// Reads a stretch of an audit log that was collected; empty for what is none.
    public var readLog: @Sendable (_ segment: [UInt8]) -> [AuditLine] = { _ in [] }

    /// Bytes of a form's or JSON body; a rule file may be longer.
    public static let bodyBytesMax = 16 * 1_024
    /// Bytes of the body that carries a rule file: percent-encoding may take three bytes for one.
    public static let ruleBodyBytesMax = 3 * 1_024 * 1_024 + 16 * 1_024
    /// Bytes of the body that carries a model and its drift figures, percent-encoded too.
    public static let modelBodyBytesMax = 3 * (ModelText.bytesMax + ModelText.driftBytesMax) + 16 * 1_024
    /// Browsers that may listen to live events at a time.
    public static let liveListenersMax = 64
    /// Connections open at a time.
    public static let connectionsMax = 512

    public init(host: String = "127.0.0.1", port: Int = 8_080, origin: String, testCards: [TestCard] = []) {
        self.host = host
        self.port = port
        self.origin = origin
        self.testCards = testCards
    }

    var isSecure: Bool { origin.hasPrefix("https://") }
}
