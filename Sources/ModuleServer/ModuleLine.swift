// SPDX-License-Identifier: Apache-2.0
import ModuleProtocol
import ModuleWire

/// A client's line to a module's process, made again by itself when the module is back. Used under its lock.
///
/// The first module that answers is the module: one that comes back with other keys is another, and gets nothing to do.
final class ModuleLine: @unchecked Sendable {
    // Unchecked: `lock` guards the variables; every method but `init` is called while it is held.
    let lock = Lock()
    private let path: String
    private let role: WireRole
    private let patience: ModulePatience
    private var connection: ModuleConnection?
    private var identity: [UInt8]?
    private var nextTry = Monotonic(milliseconds: 0)
    private var wait: Int64
    private var isUp: Bool?
    private let onChange: @Sendable (_ isUp: Bool) -> Void
    /// What a module that has come back is to be told before anything else.
    var introduction: [WireRequest] = []

    init(
        _ path: String, _ role: WireRole, _ patience: ModulePatience,
        onChange: @escaping @Sendable (_ isUp: Bool) -> Void = { _ in }
    ) {
        (self.path, self.role, self.patience, self.onChange) = (path, role, patience, onChange)
        wait = patience.retryMilliseconds.lowerBound
    }

    /// Whether the module answers as far as is known, or it is time to see.
    var isAvailable: Bool { connection != nil || nextTry <= .now }

    /// The keys of the line as it stands; made if there is none.
    func keys() throws(ModuleUnavailable) -> ChannelKeys { try connected().keys }

    func ask(_ request: WireRequest) throws(ModuleUnavailable) -> WireReply {
        let connection = try connected()
        do throws(ModuleUnavailable) {
            return try connection.exchange(request, until: .now + patience.answerMilliseconds)
        } catch {
            // A refusal is an answer; after anything else question and answer may be out of step.
            if error != .refused { lose() }
            throw error
        }
    }

    private func connected() throws(ModuleUnavailable) -> ModuleConnection {
        if let connection, !connection.isStale { return connection }
        if connection != nil {
            connection = nil
            // Nothing was lost by it; what comes back at once is taken at once.
            nextTry = .now
        }
        guard nextTry <= .now else { throw .away }
        do throws(ModuleUnavailable) {
            let deadline = Monotonic.now + patience.connectMilliseconds
            let made = try ModuleConnection(path, role, until: deadline)
            guard identity == nil || identity == made.identity else { throw .another }
            for request in introduction { _ = try made.exchange(request, until: deadline) }
            identity = made.identity
            connection = made
            wait = patience.retryMilliseconds.lowerBound
            tell(true)
            return made
        } catch {
            lose()
            throw error
        }
    }

    private func lose() {
        connection = nil
        nextTry = .now + wait
        wait = min(wait * 2, patience.retryMilliseconds.upperBound)
        tell(false)
    }

    private func tell(_ isUp: Bool) {
        guard self.isUp != isUp else { return }
        self.isUp = isUp
        onChange(isUp)
    }
}

/// How long a client waits for a module: whoever waits is the host itself.
public struct ModulePatience: Sendable {
    public var connectMilliseconds: Int64
    /// For one frame of a batch.
    public var answerMilliseconds: Int64
    /// Between attempts to reach a module that is away: doubled from the one to the other.
    public var retryMilliseconds: ClosedRange<Int64>

    public init(
        connectMilliseconds: Int64 = 500, answerMilliseconds: Int64 = 2_000,
        retryMilliseconds: ClosedRange<Int64> = 50...5_000
    ) {
        self.connectMilliseconds = connectMilliseconds
        self.answerMilliseconds = answerMilliseconds
        self.retryMilliseconds = retryMilliseconds
    }
}
