// SPDX-License-Identifier: Apache-2.0

/// DE 12 and 13: hhmmss and MMDD where the terminal stands.
public struct LocalTime: Hashable, Sendable {
    /// hhmmss
    public var time: UInt32
    /// MMDD
    public var date: UInt16

    public init(time: UInt32, date: UInt16) {
        self.time = time
        self.date = date
    }

    init?(_ view: borrowing MessageView) {
        guard let time = view.number(12), let date = view.number(13) else { return nil }
        self.init(time: UInt32(truncatingIfNeeded: time), date: UInt16(truncatingIfNeeded: date))
    }

    /// Sets DE 12 and 13.
    public func write(to builder: inout MessageBuilder) {
        builder.set(12, number: UInt64(time))
        builder.set(13, number: UInt64(date))
    }
}

/// DE 60 of UnionPay terminals: what transaction it is, and of which batch.
public struct TransactionType: Hashable, Sendable {
    /// 60.1
    public var type: UInt8
    /// 60.2
    public var batch: UInt32
    /// 60.3; nil where the field ends before it.
    public var networkCode: UInt16?
    /// 60.4, of 60.3 to 60.5 the last but one; nil where the field ends before it.
    public var readingCapability: UInt8?
    /// 60.5
    public var chipCondition: UInt8?

    public init(
        type: UInt8, batch: UInt32, networkCode: UInt16? = nil, readingCapability: UInt8? = nil,
        chipCondition: UInt8? = nil
    ) {
        self.type = type
        self.batch = batch
        self.networkCode = networkCode
        self.readingCapability = readingCapability
        self.chipCondition = chipCondition
    }

    init?(_ view: borrowing MessageView) {
        guard view.isDivided(60), let type = view.number(60, part: 1),
            let batch = view.number(60, part: 2)
        else { return nil }
        self.init(
            type: UInt8(truncatingIfNeeded: type), batch: UInt32(truncatingIfNeeded: batch),
            networkCode: view.number(60, part: 3).map { UInt16(truncatingIfNeeded: $0) },
            readingCapability: view.number(60, part: 4).map { UInt8(truncatingIfNeeded: $0) },
            chipCondition: view.number(60, part: 5).map { UInt8(truncatingIfNeeded: $0) })
    }

    /// Sets DE 60, up to the first part that is nil.
    public func write(to builder: inout MessageBuilder) {
        var text = digits(UInt64(type), 2) + digits(UInt64(batch), 6)
        if let networkCode {
            text += digits(UInt64(networkCode), 3)
            if let readingCapability {
                text += digits(UInt64(readingCapability), 1)
                if let chipCondition { text += digits(UInt64(chipCondition), 1) }
            }
        }
        builder.set(60, text: text)
    }
}

/// DE 61 of UnionPay terminals: the transaction that this one undoes or completes.
public struct OriginalTransaction: Hashable, Sendable {
    /// 61.1
    public var batch: UInt32
    /// 61.2; nil where the field ends before it.
    public var stan: UInt32?
    /// 61.3, MMDD; nil where the field ends before it.
    public var date: UInt16?

    public init(batch: UInt32, stan: UInt32?, date: UInt16? = nil) {
        self.batch = batch
        self.stan = stan
        self.date = date
    }

    init?(_ view: borrowing MessageView) {
        guard view.isDivided(61), let batch = view.number(61, part: 1) else { return nil }
        self.init(
            batch: UInt32(truncatingIfNeeded: batch),
            stan: view.number(61, part: 2).map { UInt32(truncatingIfNeeded: $0) },
            date: view.number(61, part: 3).map { UInt16(truncatingIfNeeded: $0) })
    }

    /// Sets DE 61, up to the first part that is nil.
    public func write(to builder: inout MessageBuilder) {
        var text = digits(UInt64(batch), 6)
        if let stan {
            text += digits(UInt64(stan), 6)
            if let date { text += digits(UInt64(date), 4) }
        }
        builder.set(61, text: text)
    }
}

extension MessageView {
    /// Whether the dialect divides the field in this message.
    fileprivate func isDivided(_ field: Int) -> Bool {
        // What a plan recognises is not divided.
        has(field) && spec.compiled.plan(of: field).check == .general && layout(of: field)?.content == .composite
    }
}

/// A number with zeros before it.
private func digits(_ number: UInt64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
}
