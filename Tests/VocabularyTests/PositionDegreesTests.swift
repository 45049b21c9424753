// SPDX-License-Identifier: Apache-2.0
import Testing
import Vocabulary

@Suite("Places in degrees") struct PositionDegreesTests {
    @Test(
        "a place is written as it is read",
        arguments: [
            ("48.137, 11.575", 48_137_000, 11_575_000), ("-0.000001, 180.0", -1, 180_000_000),
            ("0.0, -0.5", 0, -500_000), ("-90.0, 0.123456", -90_000_000, 123_456),
        ] as [(String, Int32, Int32)])
    func bothWays(text: String, latitude: Int32, longitude: Int32) {
        let place = Position(latitude: latitude, longitude: longitude)
        #expect(Position(degrees: text) == place)
        #expect(place.degrees == text)
        #expect(Position(degrees: text.replacing(" ", with: "")) == place)
    }

    @Test(
        "what is no place is refused",
        arguments: [
            "", ",", "48.1", "48.1,", "48.1,11.5,3", "91,0", "0,180.000001", "+1,2", "1e1,2", "48.1234567,1", "٤٨,1",
            "1 ,2",
            "--1,2", "1.,2", ".5,2",
        ])
    func refused(text: String) { #expect(Position(degrees: text) == nil) }
}
