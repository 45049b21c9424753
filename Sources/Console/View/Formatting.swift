// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Storage
import Vocabulary

/// Values as people read them.
enum Formatting {
    /// `2026-08-14 09:30:00`, in UTC.
    static func time(_ instant: Instant) -> String {
        var text = instant.iso8601
        text.removeLast()
        return text.replacing("T", with: " ")
    }

    /// `1,250.00 EUR`.
    static func money(_ money: Money) -> String {
        let parts = money.figure.split(separator: ".", maxSplits: 1)
        var digits = Array(parts[0])
        let sign = digits.first == "-" ? String(digits.removeFirst()) : ""
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return sign + grouped + (parts.count == 2 ? "." + parts[1] : "") + " " + money.currency.code
    }

    /// The two largest units: `3 h 20 min`.
    static func age(_ interval: Interval, _ language: Language) -> String {
        let seconds = max(0, interval.microseconds / 1_000_000)
        let units: [(Int64, String, String)] = [
            (86_400, "d", "天"), (3_600, "h", "小时"), (60, "min", "分钟"), (1, "s", "秒"),
        ]
        guard let first = units.firstIndex(where: { seconds >= $0.0 }) else {
            return language == .en ? "just now" : "刚刚"
        }
        var parts: [String] = []
        var rest = seconds
        for unit in units[first..<min(first + 2, units.count)] {
            let count = rest / unit.0
            rest %= unit.0
            if count > 0 { parts.append(language == .en ? "\(count) \(unit.1)" : "\(count) \(unit.2)") }
        }
        return parts.joined(separator: " ")
    }

    /// `1234`, whatever else of the number is known.
    static func lastFour(_ masked: String) -> String { String(masked.suffix(4)) }

    /// The lifecycle of a name such as `IN_TRANSIT`, as people read it.
    static func lifecycle(_ name: String, _ language: Language) -> String {
        Lifecycle.allCases.first { $0.name == name }?.title(language) ?? name
    }

    /// `good`, `warn`, `bad` or `off`: the colour of a state, never its only sign.
    static func tone(_ state: TradingState) -> String {
        switch state {
        case .ableToTrade: "good"
        case .restricted, .suspended: "warn"
        case .halted, .tampered: "bad"
        case .notActivated, .outOfService: "off"
        }
    }

    static func tone(_ intent: Intent) -> String {
        if intent.isAccepted { return "good" }
        return intent == .callIssuer || intent == .additionalProofRequired || intent == .wrongPIN ? "warn" : "bad"
    }

    static func tone(_ severity: Severity) -> String {
        switch severity {
        case .s1, .s2: "bad"
        case .s3: "warn"
        case .s4: "off"
        }
    }

    static func title(_ state: TradingState, _ language: Language) -> String {
        ConsoleTexts.text("state_\(state.rawValue)", language)
    }

    /// What an intent is called; a merchant reads what the till may say and no more.
    static func title(_ intent: Intent, _ language: Language, isMerchant: Bool) -> String {
        isMerchant ? intent.display(language, .merchant) : ConsoleTexts.text("intent_\(intent.rawValue)", language)
    }
}
