// SPDX-License-Identifier: Apache-2.0
import ModuleWire

/// One client's side of the conversation, without a socket: bytes in, frames answered one by one.
///
/// A client that is not understood, asks for what it may not, or asks before it has said who it is gets a refusal, and too many of
/// them end its line. What ends it ends nothing else.
public final class ModuleSession {
    /// Refusals that one line may earn.
    public static let refusalsMax = 8

    private let service: HostModuleService
    private var buffer = WireBuffer()
    private var role: WireRole?
    private var keys: ChannelKeys?
    private var refusals = 0
    /// Whether the line is to be closed behind what was answered.
    public private(set) var hasEnded = false

    public init(_ service: HostModuleService) { self.service = service }

    var isIntroduced: Bool { role != nil }

    /// Whether a frame waits to be answered. Nothing is to be read until it is, so that the buffer stays bounded.
    public var isReady: Bool { !hasEnded && buffer.isReady }

    public func receive(_ portion: UnsafeRawBufferPointer) { buffer.append(portion) }

    /// The frame that answers the next one.
    /// - Returns: nil when no frame is whole.
    public func answer() -> [UInt8]? {
        guard !hasEnded else { return nil }
        let frame: WireFrame
        do throws(WireRefusal) {
            guard let next = try buffer.next() else { return nil }
            frame = next
        } catch {
            hasEnded = true
            return refuse(error).frame(0).encoded()
        }
        service.counters.frames += 1
        return reply(to: frame).frame(frame.number).encoded()
    }

    private func reply(to frame: WireFrame) -> WireReply {
        do throws(WireRefusal) {
            let reply = try done(WireRequest(frame))
            if case .refused(let refusal) = reply { throw refusal }
            return reply
        } catch {
            return refuse(error)
        }
    }

    private func done(_ request: WireRequest) throws(WireRefusal) -> WireReply {
        if case .hello(let hello) = request { return .hello(try introduce(hello)) }
        guard let role, let keys else { throw .notIntroduced }
        guard role.includes(request.kind) else { throw .notPermitted }
        return service.answer(request, keys)
    }

    private func introduce(_ hello: WireHello) throws(WireRefusal) -> WireWelcome {
        guard role == nil else { throw .introducedAlready }
        let half = ChannelHalf()
        let publicKey = half.publicKey
        guard hello.version == WireLimits.version, let agreed = half.keys(client: hello.publicKey) else {
            throw .introduction
        }
        (role, keys) = (hello.role, agreed)
        return WireWelcome(identity: service.identity, publicKey: publicKey)
    }

    private func refuse(_ refusal: WireRefusal) -> WireReply {
        refusals += 1
        service.counters.count(refusal)
        guard refusals >= Self.refusalsMax, !hasEnded else { return .refused(refusal) }
        hasEnded = true
        service.counters.count(.tooManyRefusals)
        return .refused(.tooManyRefusals)
    }
}
