// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Host
import Testing
import Vocabulary

@testable import Console

struct LogInTests {
    private func logIn(_ client: Client, _ user: String, _ password: String) async throws -> Answer {
        let token = try #require(try await client.get("/login").hidden("csrf"))
        return try await client.post("/login", ["csrf": token, "user": user, "password": password])
    }

    @Test("A right password opens a session whose cookie no script and no other site can use")
    func rightPassword() async throws {
        try await House.with { house in
            let issued = try house.users.add(User(name: staff("oper1"), role: .operator))
            let client = house.stranger
            let answer = try await logIn(client, "oper1", issued.password)
            #expect(answer.status == 303)
            let cookie = try #require(
                answer.headers.first { $0.name == "set-cookie" && $0.value.hasPrefix("tillguard_session") })
            #expect(cookie.value.contains("HttpOnly") && cookie.value.contains("SameSite=Strict"))
            let overview = try await client.get("/")
            #expect(overview.status == 200)
            #expect(overview.body.contains("oper1"))
            // The token logs out; without it nothing happens.
            #expect(try await client.post("/logout", [:]).status == 403)
            let stolen = client.cookies
            #expect(try await client.submit("/logout", from: "/").status == 303)
            client.cookies = stolen
            #expect(try await client.get("/").header("location") == "/login")
        }
    }

    @Test("Five wrong passwords close the door for half an hour, also for the right one, with one and the same answer")
    func lockOut() async throws {
        try await House.with { house in
            let issued = try house.users.add(User(name: staff("desk1"), role: .analyst))
            let client = house.stranger
            var bodies: [String] = []
            for _ in 0..<5 {
                let answer = try await logIn(client, "desk1", "wrong")
                #expect(answer.status == 401)
                bodies.append(ConsoleTexts.text("logInRefused", .en))
                #expect(answer.body.contains(bodies[0]))
            }
            let closed = try await logIn(client, "desk1", issued.password)
            #expect(closed.status == 401)
            #expect(closed.body.contains(bodies[0]))
            let unknown = try await logIn(client, "nobody", "x")
            #expect(unknown.status == 401 && unknown.body.contains(bodies[0]))
            house.bank.advance(.minutes(30))
            #expect(try await logIn(client, "desk1", issued.password).status == 303)
        }
    }

    @Test("A door that was closed stays closed when the server starts again")
    func lockOutOutlives() async throws {
        let bank = try Bank()
        try bank.open()
        var password = ""
        try await House.serve(bank) { house in
            password = try house.users.add(User(name: staff("desk1"), role: .analyst)).password
            for _ in 0..<5 {
                let answer = try await logIn(house.stranger, "desk1", "wrong")
                #expect(answer.status == 401)
            }
        }
        try await House.serve(bank) { house in
            let closed = try await logIn(house.stranger, "desk1", password)
            #expect(closed.status == 401)
            house.bank.advance(.minutes(30))
            let open = try await logIn(house.stranger, "desk1", password)
            #expect(open.status == 303)
        }
    }

    @Test("A session ends after half an hour without a request, and not before")
    func idle() async throws {
        try await House.with { house in
            let client = try house.client("oper1", .operator)
            house.bank.advance(.minutes(29))
            #expect(try await client.get("/").status == 200)
            house.bank.advance(.minutes(29))
            #expect(try await client.get("/").status == 200)
            house.bank.advance(.minutes(30))
            #expect(try await client.get("/").header("location") == "/login")
        }
    }

    @Test("A log-in form without the token of its own page is refused")
    func forgedLogIn() async throws {
        try await House.with { house in
            let issued = try house.users.add(User(name: staff("oper1"), role: .operator))
            let answer = try await house.stranger.post("/login", ["user": "oper1", "password": issued.password])
            #expect(answer.status == 403)
        }
    }

    @Test("The first users come once, one a role and a second for what takes two people, and are found again")
    func bootstrap() async throws {
        let bank = try Bank()
        let users = try UserStore(in: bank.path)
        let issued = try users.bootstrap()
        #expect(
            issued.map(\.user.role) == [
                .operator, .operator, .analyst, .analyst, .merchant, .technician, .custodian, .custodian,
                .serviceCentre, .serviceCentre,
            ])
        #expect(Set(issued.map(\.password)).count == issued.count)
        #expect(try users.bootstrap().isEmpty)
        let again = try UserStore(in: bank.path)
        #expect(again.users == users.users)
        #expect(await again.verify(name: "oper1", password: issued[0].password) == issued[0].user)
        #expect(await again.verify(name: "oper1", password: issued[1].password) == nil)
        #expect(throws: UserStoreError.roleWithoutLogIn(.cardholder)) {
            try again.add(User(name: staff("card"), role: .cardholder))
        }
        #expect(throws: UserStoreError.nameTaken(issued[0].user.name)) { try again.add(issued[0].user) }
    }
}
