// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Hummingbird
import PaymentCryptography
import Vocabulary

extension ConsoleRoutes {
    func addLogIn(to router: Router<ConsoleContext>) {
        router.get("/login") { request, context -> Response in logInPage(request, context, message: nil) }
        router.post("/login") { request, context -> Response in
            let fields = try await form(request)
            let cookie = request.cookies[ConsoleCookie.form]?.value ?? ""
            guard constantTimeEquals(fields["csrf"] ?? "", cookie) else {
                return logInPage(request, context, message: "logInExpired", status: .forbidden)
            }
            guard let user = await logIn(fields["user"] ?? "", fields["password"] ?? "") else {
                return logInPage(request, context, message: "logInRefused", status: .unauthorized)
            }
            if let old = context.session { sessions.end(old) }
            let (token, _) = sessions.begin(user, now: now())
            var response = Response.redirect("/")
            response.setCookie(ConsoleCookie.make(ConsoleCookie.session, token, isSecure: configuration.isSecure))
            response.setCookie(
                ConsoleCookie.make(ConsoleCookie.form, "", isSecure: configuration.isSecure, maxAge: 0))
            return response
        }
        router.post("/logout") { request, context -> Response in
            let session = try self.session(context)
            _ = try await form(request, session)
            sessions.end(session)
            var response = Response.redirect("/login")
            response.setCookie(
                ConsoleCookie.make(ConsoleCookie.session, "", isSecure: configuration.isSecure, maxAge: 0))
            return response
        }
    }

    /// One answer for an unknown name, a wrong password and a closed door.
    private func logIn(_ name: String, _ password: String) async -> User? {
        // Nobody's name stands for every unknown one: nothing of a stranger's is kept, and it takes as long to write.
        let door = users.knows(name)?.description ?? ""
        let isAdmitted = await logIns.reserve(door, now: now())
        // Behind a closed door too the hash is computed, so that the time tells nothing.
        guard let user = await users.verify(name: name, password: password), isAdmitted else { return nil }
        await logIns.succeeded(user.name.description, now: now())
        return user
    }

    private func logInPage(
        _ request: Request, _ context: ConsoleContext, message: String?, status: HTTPResponse.Status = .ok
    ) -> Response {
        let token = Hex.text(RandomBytes.bytes(16))
        var model: [String: Any] = ["formToken": token]
        if let message { model["refusal"] = ConsoleTexts.text(message, context.language) }
        var response = pages.page(
            "login", title: Texts.text("console.logIn", context.language), model, request, context, status: status)
        response.setCookie(ConsoleCookie.make(ConsoleCookie.form, token, isSecure: configuration.isSecure))
        return response
    }
}
