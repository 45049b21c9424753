// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import ModuleProtocol
import Vocabulary

/// Sign-off: the clerk ends trade. The lease is given up at once, whether or not the host hears of it.
extension Terminal {
    mutating func startSignOff(_ step: inout Step) {
        guard sale == nil, book.batch.settlement == nil else { return step.show(.text("terminal.wait")) }
        requireSignOn(step.now)
        signOn.isSignedOff = true
        signOn.isSigningOff = module.canProtect
        step.show(.text("terminal.signedOff"))
    }

    /// The clerk asks for a sign-on.
    mutating func startSignOn(_ step: inout Step) {
        signOn.isSignedOff = false
        signOn.isSigningOff = false
        signOn.renewAt = step.now
        signOn.notBefore = step.now
        step.show(.text(isConnected ? "terminal.wait" : "terminal.offline"))
    }

    mutating func startSignOffExchange(_ step: inout Step) {
        signOn.isSigningOff = false
        let stan = takeSTAN()
        do throws(EncodeError) {
            let message = try managementMessage(.signOff, stan: stan, now: step.now)
            protect(message, .signOff, as: .signOn, stan: stan, at: step.now, &step)
        } catch {
            step.log(.messageNotEncoded)
        }
    }

    mutating func signOffAnswered(_ answer: HostAnswer, _ step: inout Step) {
        guard answer.reading?.isApproval ?? false else { return failExchange(.unfitting, &step) }
        closeLine(&step)
        step.log(.signedOff)
    }
}
