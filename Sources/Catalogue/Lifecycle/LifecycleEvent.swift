// SPDX-License-Identifier: Apache-2.0

/// What moves a terminal from one lifecycle state to another. The raw values are those of records and never change.
public enum LifecycleEvent: UInt8, CaseIterable, Sendable {
    /// The vendor's authority signs serial number, model and identity key.
    case personalise = 1
    case ship = 2
    /// Received with whole seals: two named people, seal numbers match.
    case receive = 3
    case loadInitialKeys = 4
    /// By activation code, attestation and two people.
    case activate = 5
    case enterMaintenance = 6
    /// The trial boot has attested.
    case leaveMaintenance = 7
    /// A warning that stops everything.
    case halt = 8
    /// Cleared as the catalogue demands.
    case clear = 9
    case suspend = 10
    /// By a server-signed order.
    case resume = 11
    /// A sensor, or a warning that erases every key.
    case tamper = 12
    /// Handed over to the authorised service centre, or found again.
    case takeIntoServiceCentre = 13
    /// A new key pair, a new certificate, the next identity epoch.
    case reidentify = 14
    case reportLost = 15
    case retire = 16
}
