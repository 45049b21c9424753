// SPDX-License-Identifier: Apache-2.0

/// The cause of a warning; the raw value is the letter its codes begin with.
public enum CauseClass: String, CaseIterable, Sendable {
    case hardware = "H"
    case software = "S"
    case keyCompromise = "K"
    case tampering = "T"
    case damagedOrLoose = "L"
    case notActivatedOrUpdated = "A"
    case incompatible = "C"
    case posSoftware = "P"

    /// What the class is called, in both languages.
    public var title: Phrase { WarningCatalogue.classTitles[Int(wireNumber) - 1] }

    /// The high half of its codes' wire numbers.
    var wireNumber: UInt8 {
        switch self {
        case .hardware: 1
        case .software: 2
        case .keyCompromise: 3
        case .tampering: 4
        case .damagedOrLoose: 5
        case .notActivatedOrUpdated: 6
        case .incompatible: 7
        case .posSoftware: 8
        }
    }
}
