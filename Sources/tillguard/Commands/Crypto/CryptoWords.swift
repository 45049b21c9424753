// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import PaymentCryptography
import Vocabulary

/// Something was verified, or decrypted, and is refused: one line, exit code 1.
struct CryptoRefusal: Error, CustomStringConvertible {
    let description: String
}

/// The library's errors as one line for people. Wrong input ends with 64, a refusal with 1.
enum CryptoWords {
    /// The error that the command ends with.
    static func restated(_ error: any Error) -> any Error {
        switch error {
        case let error as KeyBlockError: return keyBlock(error)
        case is PINBlockError:
            return CryptoRefusal(description: "REFUSED: no PIN block of this format under this key and PAN")
        case let error as DUKPTError: return ValidationError(dukpt(error))
        case let error as CardCryptographyError: return ValidationError(card(error))
        case let error as KeyComponentError: return component(error)
        case let error as KeyCeremonyError: return ValidationError(ceremony(error))
        case let error as WorkingKeyError: return workingKey(error)
        case let error as KeyStrengthError: return ValidationError("the key is refused: \(strength(error))")
        case let error as SM4Error: return ValidationError(sm4(error))
        case let error as RSAKeyError: return rsa(error)
        case let error as CertificateProblem: return CryptoRefusal(description: "REFUSED: \(certificate(error))")
        case let error as TR34Error: return tr34(error)
        default: return error
        }
    }

    static func strength(_ error: KeyStrengthError) -> String {
        switch error {
        case .wrongLength(let count): "\(count) bytes is no length of its algorithm"
        case .repeatedByte: "one byte repeated, a default or an unset key"
        case .equalParts: "equal parts, no stronger than single DES"
        case .weakDESKey: "a part is a weak DES key"
        }
    }

    private static func keyBlock(_ error: KeyBlockError) -> any Error {
        switch error {
        case .notAuthentic:
            CryptoRefusal(description: "NOT AUTHENTIC: another protection key, or the key block was changed")
        case .malformed(let offset, let expected):
            ValidationError("no key block: expected \(expected) at character \(offset + 1)")
        case .wrongProtectionKey(let version, let count):
            ValidationError(
                "--kbpk: expected \([.d, .e].contains(version) ? "16, 24 or 32" : "16 or 24") bytes for version "
                    + "\(version.rawValue), got \(count)")
        case .readOnlyVersion(let version):
            ValidationError("--block-version: \(version.rawValue) is read, not written; expected B, D or E")
        case .weakerThanKey: ValidationError("--kbpk: weaker than the key it is to protect")
        case .attribute(let name): ValidationError("a key block cannot carry this \(name)")
        case .refused(let finding): CryptoRefusal(description: "REFUSED: \(KeyBlockWords.finding(finding))")
        case .tooLong(let count): ValidationError("a key block has at most 9999 characters, this \(count)")
        }
    }

    private static func dukpt(_ error: DUKPTError) -> String {
        switch error {
        case .illegalCounter(let counter): "--ksn: no transaction uses the counter \(counter)"
        case .exhausted: "--ksn: the device has no key left"
        case .counterBehind(let counter, let next): "--ksn: the counter \(counter) lies behind \(next)"
        case .notReserved: "the device has not reserved this counter"
        case .wrongKeyLength(let count): "\(count) bytes is no key length of this scheme"
        case .strongerThanParent(let type): "--type: \(type.rawValue) is stronger than the key that it comes from"
        case .unsuitableType(let type): "--type: a key of this usage cannot be \(type.rawValue)"
        case .notPermitted: "the usage of the key does not permit this"
        case .partialBlocks: "expected whole blocks, and an initialisation vector of one"
        case .foreignKSN: "--ksn: it belongs to another initial key"
        }
    }

    /// `9F02 (Amount, Authorised)`.
    static func field(_ field: CardField) -> String {
        guard let tag = field.tag else { return field.title }
        let bytes: [UInt8] = tag > 0xFF ? [UInt8(tag >> 8), UInt8(tag & 0xFF)] : [UInt8(tag)]
        return "\(Hex.text(bytes)) (\(field.title))"
    }

    private static func card(_ error: CardCryptographyError) -> String {
        switch error {
        case .keyLength(let count): "expected a key of 16 bytes, got \(count)"
        case .fieldLength(let field, let count): "\(self.field(field)): \(count) bytes is not its length"
        case .missing(let field): "\(self.field(field)) is missing; give it in --field55 or as --tag"
        case .notCovered(let field): "\(self.field(field)): no cryptogram covers it"
        case .digitCount(let count): "\(count) is no number of digits of this value"
        case .notAmericanExpress: "--pan: expected fifteen digits that begin with 34 or 37"
        case .codeCount(let count): "\(count) is no number of bytes of a script's code"
        case .commandData: "the data of the command does not hold what it must"
        case .currentPINNotUsed: "cards of this version take a new PIN without the current one"
        case .sessionKeyTree: "no tree of session keys has this height and branch factor"
        }
    }

    private static func component(_ error: KeyComponentError) -> any Error {
        switch error {
        case .wrongLength(let count): ValidationError("\(count) bytes is no length of a key of this algorithm")
        case .checkValue: CryptoRefusal(description: "REFUSED: a component does not have its check value")
        case .enteredTwice: ValidationError("a component or share is given twice")
        case .foreignShare: ValidationError("a share has another threshold or no number from 1 to 255")
        case .notEnough(let count): ValidationError("not enough components or shares: \(count)")
        case .custodians: ValidationError("expected 2 to 9 components, or 2 to 255 shares and a threshold below them")
        case .weakKey(let error):
            CryptoRefusal(description: "REFUSED: the key that comes out is weak: \(strength(error))")
        case .wrongKey: CryptoRefusal(description: "REFUSED: the key that comes out has another check value")
        }
    }

    private static func workingKey(_ error: WorkingKeyError) -> any Error {
        switch error {
        case .length(let count): ValidationError("field 62 has 24, 40 or 60 bytes, this \(count)")
        case .masterKeyLength(let count): ValidationError("--tmk: expected 16 bytes (24 with Triple DES), got \(count)")
        case .masterKey(let error): ValidationError("--tmk: \(strength(error))")
        case .checkValue(let name):
            CryptoRefusal(description: "REFUSED: \(name.rawValue) does not have its check value; another master key?")
        case .weakKey(let name, let error): ValidationError("\(name.rawValue): \(strength(error))")
        case .keyLength(let name, let count):
            ValidationError("\(name.rawValue): field 62 has no room for a key of \(count) bytes beside the others")
        }
    }

    private static func sm4(_ error: SM4Error) -> String {
        switch error {
        case .wrongKeyLength(let count): "--key: SM4 has 16 bytes, got \(count)"
        case .partialBlock(let count): "--data: expected whole blocks of 16 bytes, got \(count) bytes"
        case .wrongVectorLength(let count): "--iv: expected 16 bytes, got \(count)"
        }
    }

    private static func rsa(_ error: RSAKeyError) -> any Error {
        switch error {
        case .malformedKey: ValidationError("no RSA key in PEM or DER without a password")
        case .modulusBits(let bits): ValidationError("an RSA key of \(bits) bits is not taken")
        case .readOnlyHash: ValidationError("SHA-1 is read, not written")
        case .secretTooLong(let count): ValidationError("\(count) bytes are more than this RSA key carries")
        case .weakerThanKey: ValidationError("the RSA key is weaker than the key it is to carry")
        case .unusableKey(let error): ValidationError("the key is refused: \(strength(error))")
        case .notAuthentic: CryptoRefusal(description: "REFUSED: not made for this RSA key")
        }
    }
}
