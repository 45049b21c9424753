// SPDX-License-Identifier: Apache-2.0
// How often this process asked for memory. The program's own malloc, calloc, realloc and aligned variants stand before
// glibc's and forward to them, so that every library's calls count; so do its CRYPTO_secure_malloc and _zalloc, which
// take blocks of libcrypto's arena, for what the program links (libcrypto's calls of its own functions do not count).
// For one thread.
#ifndef TILLGUARD_CALLOCATIONS_H
#define TILLGUARD_CALLOCATIONS_H

#include <stdint.h>

// Blocks of the common heap so far.
uint64_t callocations_common(void);
// Blocks of libcrypto's secure heap so far.
uint64_t callocations_secure(void);

#endif
