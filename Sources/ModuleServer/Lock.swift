// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A lock with two ends, for what cannot be captured by a closure: a borrowed PIN.
final class Lock: @unchecked Sendable {
    // Unchecked: the mutex is made once, at an address of its own, and used by its own functions alone.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
}
