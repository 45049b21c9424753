// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import ISO8583
import ModuleProtocol
import Vocabulary

/// Stretches of modules' audit logs: reports whose DE 60 says so, with the segment in DE 57.
extension Host {
    static func isLog(_ view: MessageView) -> Bool {
        (view.mti == .administrativeAdvice || view.mti == .administrativeAdviceRepeat)
            && view.text(60) == LogQuestion.mark
    }

    /// What the module is asked about the segment of a message; nil for a message without one.
    func logQuestion(_ view: MessageView, _ id: TerminalID) -> LogQuestion? {
        guard Self.isLog(view), let segment = view.bytes(57) else { return nil }
        return estate.logQuestion(id, segment: Array(segment))
    }

    func decideLog(_ request: Request, _ verdict: OpenVerdict, _ usage: TerminalUsage, now: Instant) -> Decision {
        guard verdict.health != nil else { return refuse(.healthNotProved, request, usage, now: now) }
        guard let question = request.log, let found = verdict.log, found != .unreadable else {
            return refuse(.formatError, request, usage, now: now)
        }
        // Another segment has been taken since the question was put.
        guard estate.logQuestion(request.terminal, segment: question.segment) == question else { return .askAgain }
        let stored = plain(.adviceAccepted)
        guard let record = estate.decideLog(question, verdict: found, usage: usage) else {
            return .answer(Answer(stored), HostRecord(at: now, .repeated(usage)))
        }
        let remembered = RememberedReport(names: request.names, answer: stored)
        return .answer(Answer(stored), HostRecord(at: now, .report(record, remembered)))
    }

    /// The log of a module that was tampered with, by its death token; nil where it proves nothing new.
    func decideTokenLog(_ log: (LogQuestion, LogVerdict)?, token: [UInt8], now: Instant) -> Decision? {
        guard let (question, verdict) = log,
            let record = estate.decideTokenLog(question, verdict: verdict, token: token)
        else { return nil }
        return .answer(unsealed(.adviceAccepted), HostRecord(at: now, .estate(record)))
    }
}
