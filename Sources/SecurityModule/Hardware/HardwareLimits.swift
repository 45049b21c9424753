// SPDX-License-Identifier: Apache-2.0

/// The limits of the sensors. Our own defaults: each device's data sheet sets its own.
enum HardwareLimits {
    /// The range a terminal is sold for.
    static let operatingCelsius: ClosedRange<Int32> = 0...50
    /// Outside, the memory could be read or frozen: an attack (T02).
    static let tamperCelsius: ClosedRange<Int32> = -25...85
    static let operatingMillivolts: ClosedRange<Int32> = 4_500...5_500
    static let tamperMillivolts: ClosedRange<Int32> = 3_600...6_500
    /// Around 48 MHz.
    static let operatingKilohertz: ClosedRange<Int32> = 45_000...51_000
    /// Outside, single steps could be skipped or repeated: an attack (T02).
    static let tamperKilohertz: ClosedRange<Int32> = 24_000...60_000
    /// Below: swap within 30 days (H05).
    static let batteryLowMillivolts: Int32 = 2_600
    /// Below, the tamper sensors are no longer powered (T02).
    static let batteryEmptyMillivolts: Int32 = 2_000
    /// Contacts lost within `flapWindow` that the module bears (L01).
    static let flapsMax = 3
}
