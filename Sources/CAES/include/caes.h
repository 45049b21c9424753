// SPDX-License-Identifier: Apache-2.0
// AES on single blocks with the processor's own instructions. libcrypto has them too, but behind EVP, where a new key
// costs five times the block; AES DUKPT takes a new key at every step. Without tables, so without cache timing.
#ifndef TILLGUARD_CAES_H
#define TILLGUARD_CAES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Round keys and their number less one, in memory that the caller owns and wipes.
typedef struct {
    uint8_t round_keys[15 * 16];
    uint32_t rounds;
} caes_schedule;

// Whether this processor has the instructions; nothing else here may be called when it has not.
bool caes_is_available(void);

// `count` is 16, 24 or 32.
void caes_set_encryption_key(const void *key, size_t count, caes_schedule *schedule);
void caes_set_decryption_key(const void *key, size_t count, caes_schedule *schedule);

// One block of 16 bytes; `input` and `output` may be the same.
void caes_encrypt(const caes_schedule *schedule, const void *input, void *output);
void caes_decrypt(const caes_schedule *schedule, const void *input, void *output);

#endif
