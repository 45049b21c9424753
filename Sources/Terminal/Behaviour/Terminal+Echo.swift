// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// The echo test of an idle line. A line may be dead for hours before anybody says so; the next sale would be the first to
/// find out, and be reversed.
extension Terminal {
    func isEchoDue(_ now: Instant) -> Bool { nextEcho.map { $0 <= now } ?? false }

    /// When the next echo is due, if that is yet to come.
    func nextEcho(after now: Instant) -> Instant? { nextEcho.flatMap { $0 > now ? $0 : nil } }

    /// Nil for a terminal that sends none: without a lease the sign-on tries the line.
    private var nextEcho: Instant? {
        guard let interval = configuration.echoInterval, isConnected, line == nil, sale == nil, module.canProtect,
            signOn.leaseExpires != nil
        else { return nil }
        return lastHeard + interval
    }

    mutating func startEcho(_ step: inout Step) {
        let stan = takeSTAN()
        do throws(EncodeError) {
            let message = try managementMessage(.echo, stan: stan, now: step.now)
            protect(message, .echo, as: .signOn, stan: stan, at: step.now, &step)
        } catch {
            step.log(.messageNotEncoded)
            lastHeard = step.now
        }
    }

    /// Any answer shows that the line is alive, whatever it says.
    mutating func echoAnswered(_ step: inout Step) { closeLine(&step) }

    /// No answer: the line is down. Whatever else went wrong happened at this end of it.
    mutating func echoFailed(_ failure: Exchange.Failure, _ step: inout Step) {
        lastHeard = step.now
        guard failure == .noAnswer else { return }
        step.log(.lineDead)
        step.hangUp()
        disconnected(&step)
    }
}
