// SPDX-License-Identifier: Apache-2.0
import Catalogue
import Estate
import Host
import Issuer
import SecurityTriggers

/// Why a command was refused, as a sentence.
enum RefusalSentence {
    static func key(_ refusal: CommandRefusal) -> String {
        switch refusal {
        case .notYours: "notAllowed"
        case .estate(let refusal): key(refusal)
        case .issuer(let refusal): key(refusal)
        case .rules: "refusal_rules"
        case .ruleLife(let refusal): key(refusal)
        case .model(let refusal): key(refusal)
        case .label(.unknownTransaction): "refusal_unknownTransaction"
        case .label(.alreadyLabelled): "refusal_alreadyLabelled"
        case .label(.notLabelled): "refusal_notLabelled"
        case .list(let refusal): key(refusal)
        case .malformed: "refusal_malformed"
        case .upstream(let refusal): key(refusal)
        case .busy, .stopping: "busy"
        }
    }

    static func text(_ refusal: CommandRefusal, _ language: Language) -> String {
        let sentence = ConsoleTexts.text(key(refusal), language)
        switch refusal {
        case .estate(.notAllowed(let lifecycle)): return sentence + " (\(lifecycle.title(language)))"
        case .estate(.clearanceNotHere(let clearance)): return sentence + " (\(clearance.title(language)))"
        case .rules(let error): return sentence + " \(error)"
        case .model(.unreadable(let error)), .model(.doesNotFit(let error)): return sentence + " \(error)"
        case .malformed(let field): return sentence + " (\(field.rawValue))"
        default: return sentence
        }
    }

    private static func key(_ refusal: EstateRefusal) -> String {
        switch refusal {
        case .unknownTerminal: "refusal_unknownTerminal"
        case .unknownMerchant: "refusal_unknownMerchant"
        case .alreadyExists: "refusal_alreadyExists"
        case .notAllowed: "refusal_lifecycle"
        case .secondPersonRequired: "refusal_secondPerson"
        case .warningNotOpen: "refusal_warningNotOpen"
        case .clearanceNotHere: "refusal_clearanceNotHere"
        case .emptyRange: "refusal_emptyRange"
        case .sealMismatch: "refusal_sealMismatch"
        case .keySetNotFresh: "refusal_keySetNotFresh"
        case .notTrusted: "refusal_notTrusted"
        case .outOfBounds: "refusal_outOfBounds"
        case .nothingDue: "refusal_nothingDue"
        }
    }

    private static func key(_ refusal: IssuerRefusal) -> String {
        switch refusal {
        case .unknownAccount: "refusal_unknownAccount"
        case .unknownCard: "refusal_unknownCard"
        case .unknownCase: "refusal_unknownCase"
        case .alreadyExists: "refusal_alreadyExists"
        case .notFrozen: "refusal_notFrozen"
        case .alreadyAnswered: "refusal_alreadyAnswered"
        case .secondPersonRequired: "refusal_secondPerson"
        case .factorRequired: "refusal_factorRequired"
        case .tooManyNotices: "refusal_tooManyNotices"
        case .badNotice: "refusal_badNotice"
        case .currencyMismatch: "refusal_currencyMismatch"
        }
    }

    private static func key(_ refusal: RuleRefusal) -> String {
        switch refusal {
        case .alreadyInForce: "refusal_rulesInForce"
        case .unchanged: "refusal_rulesUnchanged"
        case .alreadyProposed: "refusal_rulesProposed"
        case .versionNotHigher: "refusal_rulesVersion"
        case .tooManyWaiting: "refusal_rulesTooMany"
        case .unknownVersion: "refusal_rulesUnknown"
        case .notAllowed: "refusal_rulesState"
        case .secondPersonRequired: "refusal_secondPerson"
        case .baseChanged: "refusal_rulesBase"
        case .modelDoesNotFit: "refusal_rulesModel"
        case .unreadable: "refusal_rulesUnreadable"
        }
    }

    private static func key(_ refusal: ModelRefusal) -> String {
        switch refusal {
        case .badName: "refusal_modelName"
        case .unreadable: "refusal_modelUnreadable"
        case .doesNotFit: "refusal_modelMisfit"
        case .unchanged: "refusal_modelUnchanged"
        case .alreadyProposed: "refusal_modelProposed"
        case .tooManyWaiting: "refusal_rulesTooMany"
        case .tooManyNames: "refusal_modelNames"
        case .unknownVersion: "refusal_rulesUnknown"
        case .notAllowed: "refusal_rulesState"
        case .secondPersonRequired: "refusal_secondPerson"
        }
    }

    private static func key(_ refusal: ListRefusal) -> String {
        switch refusal {
        case .name: "refusal_listName"
        case .text: "refusal_listText"
        case .unknownList: "refusal_listUnknown"
        case .alreadyExists: "refusal_alreadyExists"
        case .wrongKind: "refusal_listKind"
        case .unchanged: "refusal_listUnchanged"
        case .expired: "refusal_listExpired"
        case .expiry: "refusal_listExpiry"
        case .alreadyListed: "refusal_listAlready"
        case .notListed: "refusal_listNot"
        case .tooManyLists: "refusal_listTooMany"
        case .tooManyChanges: "refusal_listChanges"
        case .inUse: "refusal_listInUse"
        case .fileMissing: "refusal_listFile"
        }
    }

    private static func key(_ refusal: UpstreamRefusal) -> String {
        switch refusal {
        case .unknownDestination, .routeToNowhere: "refusal_unknownDestination"
        case .notDead: "refusal_notDead"
        case .negativeFileFull: "refusal_negativeFileFull"
        case .notListed: "refusal_notListed"
        case .keysUnderWay: "refusal_keysUnderWay"
        case .tooManyDestinations, .routing, .routingTooLong: "refusal_malformed"
        }
    }
}
