// SPDX-License-Identifier: Apache-2.0
import CHardening
import Glibc
import ModuleWire

/// Shuts a process off from the rest of its user's, in the order in which it can be done.
enum Hardening {
    /// Before any key is read: no core file, no debugger, no reader of the memory, no rights to be gained.
    static func shutOff() throws(ModuleServerError) {
        let error = chardening_shut_off()
        guard error == 0 else { throw .hardening(errno: error) }
    }

    /// Before the first client is let in: memory locked where it may be, and every system call refused that is not needed.
    ///
    /// - Parameter keysAreLocked: whether the arenas of the keys are, by themselves.
    static func close(keysAreLocked: Bool) throws(ModuleServerError) -> ModuleServiceStatus.LockedMemory {
        let isLocked = chardening_lock_memory()
        let error = chardening_filter()
        guard error == 0 else { throw .hardening(errno: error) }
        return isLocked ? .all : keysAreLocked ? .keys : .none
    }

    /// As the kernel has it now.
    static func status(_ memory: ModuleServiceStatus.LockedMemory) -> ModuleServiceStatus {
        ModuleServiceStatus(
            processID: UInt32(getpid()), lockedMemory: memory, isDumpable: chardening_is_dumpable(),
            writesCores: chardening_writes_cores(), hasNoNewPrivileges: chardening_has_no_new_privileges(),
            isFiltered: chardening_is_filtered())
    }
}
