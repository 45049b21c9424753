// SPDX-License-Identifier: Apache-2.0
#ifndef CPREFETCH_H
#define CPREFETCH_H

/// Asks for the cache line of an address, which need not be one: nothing is read and nothing waits. Swift has no word for it.
static inline void cprefetch(const void *address) { __builtin_prefetch(address); }

#endif
