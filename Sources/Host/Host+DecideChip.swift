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

    /// A cryptogram that is not right refuses the sale. Without a key nothing is known of it, which the record says.
    func checkChip(_ sale: inout Sale, _ verdict: OpenVerdict) -> Intent? {
        guard sale.request.open.cryptogram != nil, let card = sale.card else { return nil }
        guard let chip = verdict.chip, chip.finding != .unreadable else {
            sale.chip = ChipFact(finding: .unreadable)
            return .cardDataWrong
        }
        guard chip.finding == .right, coversMessage(sale.request) else {
            sale.chip = ChipFact(finding: .wrong)
            return .cardDataWrong
        }
        sale.chip = ChipFact(finding: .right, counter: chip.counter, isCounterStale: chip.counter <= card.chipCounter)
        return nil
    }

    /// Whether the cryptogram was given for what the message asks for: the terminal names amount and currency twice.
    private func coversMessage(_ request: Request) -> Bool {
        func number(_ tag: UInt32) -> UInt64? {
            request.chip.first { $0.tag == tag }.flatMap { object in
                request.open.message[object.value].reduce(UInt64?(0)) { value, byte in
                    value.flatMap {
                        byte >> 4 <= 9 && byte & 15 <= 9 ? $0 * 100 + UInt64(byte >> 4 * 10 + byte & 15) : nil
                    }
                }
            }
        }
        return number(Self.amountTag) == UInt64(exactly: request.amount.minorUnits)
            && number(Self.currencyTag) == UInt64(request.amount.currency.numeric)
    }
}
