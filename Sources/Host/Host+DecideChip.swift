// SPDX-License-Identifier: Apache-2.0
import Catalogue
import ISO8583
import Issuer
import ModuleProtocol
import Vocabulary

/// Chip data of a sale: what the module is asked about them, and what follows from its verdict.
extension Host {
    private static let amountTag: UInt32 = 0x9F02
    private static let currencyTag: UInt32 = 0x5F2A

    /// The data objects of field 55, of the message as it came.
    static func chipObjects(_ message: MessageView) -> [ChipObject] {
        guard message.has(55) else { return [] }
        return message.tlv(55).elements.map { ChipObject(tag: $0.tag, value: $0.range) }
    }

    /// - Returns: nil where there are no chip data, and where the issuer has no key of this card's.
    func chipQuestion(_ request: Request, _ card: Card, _ pan: PAN) -> CryptogramQuestion? {
        guard let reference = card.chip, !request.chip.isEmpty, request.kind?.hasOriginal == false else { return nil }
        return CryptogramQuestion(objects: request.chip, pan: pan, reference: reference)
    }

    /// What is wrong with a sale's chip data before any key is used. Cards without a chip's key have no such fault.
    ///
    /// 1. The chip was read, says DE 22, and its data are not there.
    /// 2. Amount or currency are others than the message names: the cryptogram was given for something else.
    func chipFault(_ request: Request, _ card: Card) -> Intent? {
        guard card.chip != nil, request.kind?.hasOriginal == false else { return nil }
        guard !request.chip.isEmpty else {
            // By contact, or without.
            return [5, 7].contains((request.view.number(22) ?? 0) / 10) ? .chipRequired : nil
        }
        let isCovered =
            agrees(request, Self.amountTag, UInt64(exactly: request.amount.minorUnits))
            && agrees(request, Self.currencyTag, UInt64(request.amount.currency.numeric))
        return isCovered ? nil : .cardDataWrong
    }

    /// Whether a data object of packed digits says what the message says. One that is missing is the module's to find.
    private func agrees(_ request: Request, _ tag: UInt32, _ value: UInt64?) -> Bool {
        guard let object = request.chip.first(where: { $0.tag == tag }) else { return true }
        var number: UInt64 = 0
        for byte in request.open.message[object.value] {
            guard byte >> 4 <= 9, byte & 15 <= 9, number < 1_000_000_000_000 else { return false }
            number = number * 100 + UInt64(byte >> 4) * 10 + UInt64(byte & 15)
        }
        return number == value
    }

    /// A cryptogram that is not right refuses the sale. Without a key nothing is known of it, which the record says.
    func checkChip(_ sale: inout Sale, _ verdict: OpenVerdict) -> Intent? {
        guard let card = sale.card else { return nil }
        if let fault = chipFault(sale.request, card) {
            if !sale.request.chip.isEmpty { sale.chip = ChipFact(finding: .wrong) }
            return fault
        }
        guard sale.request.open.cryptogram != nil else { return nil }
        switch verdict.chip?.finding {
        case .right: break
        case .wrong: sale.chip = ChipFact(finding: .wrong)
        case .unreadable, nil: sale.chip = ChipFact(finding: .unreadable)
        }
        guard let chip = verdict.chip, chip.finding == .right else { return .cardDataWrong }
        sale.chip = ChipFact(finding: .right, counter: chip.counter, isCounterStale: chip.counter <= card.chipCounter)
        return nil
    }
}
