// SPDX-License-Identifier: Apache-2.0
import Host
import Hummingbird

extension Action {
    /// A model is proposed; nobody puts one in force alone. It is read here, so that the host need not.
    static let model = Action(
        path: "/models", roles: [.analyst], bytesMax: ConsoleConfiguration.modelBodyBytesMax, done: "done_model",
        back: { _ in "/models" },
        command: { _, _, fields in
            guard let name = fields["name"], !name.isEmpty, let text = fields["text"], !text.isEmpty else { return nil }
            return .proposeModel(name: name, ModelText(bytes(of: text), drift: bytes(of: fields["drift"] ?? "")))
        })

    /// The steps of a model's life after its proposal.
    static let modelSteps: [Action] = [
        modelStep("shadow", "done_modelShadow") { .shadowModel($0) },
        modelStep("approve", "done_approve") { .approveModel($0) },
        modelStep("activate", "done_modelLive") { .activateModel($0) },
        modelStep("rollback", "done_rollback") { .rollBackModel($0) },
        modelStep("withdraw", "done_withdraw") { .withdrawModel($0) },
    ]

    /// A form sends its lines with CR LF; the journal keeps them as files have them.
    private static func bytes(of text: String) -> [UInt8] { Array(text.replacing("\r\n", with: "\n").utf8) }

    private static func modelStep(
        _ verb: String, _ done: String, _ command: @escaping @Sendable (UInt32) -> Command
    ) -> Action {
        Action(
            path: "/models/{id}/\(verb)", roles: [.analyst], done: done, back: { _ in "/models" },
            command: { _, context, _ in
                guard let number = context.number().flatMap({ UInt32(exactly: $0) }) else {
                    throw HTTPError(.notFound)
                }
                return command(number)
            })
    }
}
