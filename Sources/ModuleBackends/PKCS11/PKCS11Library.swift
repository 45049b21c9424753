// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import Glibc
import SecurityModule
import Synchronization

/// A PKCS #11 library, opened by its path. It stays in the process once it is there: what else uses it is not known.
public final class PKCS11Library {
    /// More slots are not looked at.
    private static let slotsMax = 64

    /// Two threads that initialise a library at the same time break it: the standard leaves that to its callers (2.40, 5.4).
    private static let initialising = Mutex(())

    private let functions: UnsafeMutablePointer<CK_FUNCTION_LIST>

    /// Opens the library and initialises it, unless somebody in this process has.
    ///
    /// - Throws: `.unavailable` when there is none at that path, `.malformedAnswer` when it is no such library.
    public convenience init(_ path: String) throws(HardwareError) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { throw .unavailable }
        guard let symbol = dlsym(handle, "C_GetFunctionList") else { throw .malformedAnswer }
        // Safe: the standard gives the function of this name this type (2.40, 5.4).
        let list = unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)
        var functions: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        try PKCS11.check(list(&functions))
        guard let functions else { throw .malformedAnswer }
        try self.init(functions: functions)
    }

    init(functions: UnsafeMutablePointer<CK_FUNCTION_LIST>) throws(HardwareError) {
        guard functions.pointee.version.major == 2 || functions.pointee.version.major == 3 else { throw .unsupported }
        self.functions = functions
        var arguments = CK_C_INITIALIZE_ARGS()
        arguments.flags = PKCS11.systemLocks
        guard let initialise = functions.pointee.C_Initialize else { throw .unsupported }
        let result = Self.initialising.withLock { _ in initialise(&arguments) }
        guard result != PKCS11.Result.alreadyInitialised else { return }
        try PKCS11.check(result)
    }

    /// What a function of the library returns.
    ///
    /// - Throws: `.unsupported` when the library has no such function.
    func result(_ body: (borrowing CK_FUNCTION_LIST) -> CK_RV?) throws(HardwareError) -> CK_RV {
        guard let result = body(functions.pointee) else { throw .unsupported }
        return result
    }

    /// Calls a function that has to succeed.
    func call(_ body: (borrowing CK_FUNCTION_LIST) -> CK_RV?) throws(HardwareError) {
        try PKCS11.check(try result(body))
    }

    /// The slot of the token with this label.
    ///
    /// - Throws: `.unavailable` when there is none, or more than one.
    func slot(token label: String) throws(HardwareError) -> (slot: CK_SLOT_ID, token: CK_TOKEN_INFO) {
        var slots = [CK_SLOT_ID](repeating: 0, count: Self.slotsMax)
        var count = CK_ULONG(slots.count)
        try call { $0.C_GetSlotList?(1, &slots, &count) }
        guard count <= CK_ULONG(slots.count) else { throw .malformedAnswer }
        var found: [(CK_SLOT_ID, CK_TOKEN_INFO)] = []
        for slot in slots[..<Int(count)] {
            var token = CK_TOKEN_INFO()
            // A slot whose token cannot be read is not the one.
            guard try result({ $0.C_GetTokenInfo?(slot, &token) }) == PKCS11.Result.ok else { continue }
            if text(token.label) == label { found.append((slot, token)) }
        }
        guard found.count == 1 else { throw .unavailable }
        return found[0]
    }

    /// A text of the standard: UTF-8 in a fixed room, padded with blanks (2.40, 3.1).
    func text<T>(_ field: T) -> String {
        let bytes = withUnsafeBytes(of: field) { Array($0) }
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
