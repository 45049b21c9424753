// SPDX-License-Identifier: Apache-2.0
#include "caes.h"

#if defined(__x86_64__)

#include <wmmintrin.h>

#define AES_CODE __attribute__((target("aes,sse2")))

bool caes_is_available(void) { return __builtin_cpu_supports("aes"); }

// The words of a round key each take in all that stand before them (FIPS 197 5.2).
AES_CODE static inline __m128i prefix_xor(__m128i key) {
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    return _mm_xor_si128(key, _mm_slli_si128(key, 8));
}

AES_CODE static inline void store(caes_schedule *schedule, int round, __m128i key) {
    _mm_storeu_si128((__m128i *)(schedule->round_keys + 16 * round), key);
}

AES_CODE static inline __m128i load(const caes_schedule *schedule, int round) {
    return _mm_loadu_si128((const __m128i *)(schedule->round_keys + 16 * round));
}

// RotWord, SubWord and the round constant from the last word of `previous`, in all four words.
#define ROTATED(previous, constant) _mm_shuffle_epi32(_mm_aeskeygenassist_si128(previous, constant), 0xFF)
// SubWord alone, for the second half of a 256-bit key.
#define SUBSTITUTED(previous) _mm_shuffle_epi32(_mm_aeskeygenassist_si128(previous, 0), 0xAA)

AES_CODE static void expand_128(const uint8_t *key, caes_schedule *schedule) {
    __m128i last = _mm_loadu_si128((const __m128i *)key);
    store(schedule, 0, last);
#define ROUND(number, constant)                                       \
    last = _mm_xor_si128(prefix_xor(last), ROTATED(last, constant)); \
    store(schedule, number, last)
    ROUND(1, 0x01);
    ROUND(2, 0x02);
    ROUND(3, 0x04);
    ROUND(4, 0x08);
    ROUND(5, 0x10);
    ROUND(6, 0x20);
    ROUND(7, 0x40);
    ROUND(8, 0x80);
    ROUND(9, 0x1B);
    ROUND(10, 0x36);
#undef ROUND
    schedule->rounds = 10;
}

// Six words a step: four in `low`, two in the lower half of `high`. Steps are written one after another, each over the
// surplus of the one before it; the last writes four words only.
AES_CODE static void expand_192(const uint8_t *key, caes_schedule *schedule) {
    __m128i low = _mm_loadu_si128((const __m128i *)key);
    __m128i high = _mm_loadl_epi64((const __m128i *)(key + 16));
    uint8_t *output = schedule->round_keys;
    _mm_storeu_si128((__m128i *)output, low);
    _mm_storel_epi64((__m128i *)(output + 16), high);
#define STEP(number, constant)                                                                         \
    low = _mm_xor_si128(prefix_xor(low), _mm_shuffle_epi32(_mm_aeskeygenassist_si128(high, constant), 0x55)); \
    _mm_storeu_si128((__m128i *)(output + 24 * number), low);                                          \
    high = _mm_xor_si128(_mm_xor_si128(high, _mm_slli_si128(high, 4)), _mm_shuffle_epi32(low, 0xFF))
#define STEP_AND_STORE(number, constant) \
    STEP(number, constant);              \
    _mm_storel_epi64((__m128i *)(output + 24 * number + 16), high)
    STEP_AND_STORE(1, 0x01);
    STEP_AND_STORE(2, 0x02);
    STEP_AND_STORE(3, 0x04);
    STEP_AND_STORE(4, 0x08);
    STEP_AND_STORE(5, 0x10);
    STEP_AND_STORE(6, 0x20);
    STEP_AND_STORE(7, 0x40);
    STEP(8, 0x80);
#undef STEP_AND_STORE
#undef STEP
    schedule->rounds = 12;
}

AES_CODE static void expand_256(const uint8_t *key, caes_schedule *schedule) {
    __m128i even = _mm_loadu_si128((const __m128i *)key);
    __m128i odd = _mm_loadu_si128((const __m128i *)(key + 16));
    store(schedule, 0, even);
    store(schedule, 1, odd);
#define EVEN(number, constant)                                       \
    even = _mm_xor_si128(prefix_xor(even), ROTATED(odd, constant)); \
    store(schedule, number, even)
#define ODD(number)                                              \
    odd = _mm_xor_si128(prefix_xor(odd), SUBSTITUTED(even)); \
    store(schedule, number, odd)
    EVEN(2, 0x01);
    ODD(3);
    EVEN(4, 0x02);
    ODD(5);
    EVEN(6, 0x04);
    ODD(7);
    EVEN(8, 0x08);
    ODD(9);
    EVEN(10, 0x10);
    ODD(11);
    EVEN(12, 0x20);
    ODD(13);
    EVEN(14, 0x40);
#undef EVEN
#undef ODD
    schedule->rounds = 14;
}

AES_CODE void caes_set_encryption_key(const void *key, size_t count, caes_schedule *schedule) {
    switch (count) {
    case 16: expand_128(key, schedule); return;
    case 24: expand_192(key, schedule); return;
    case 32: expand_256(key, schedule); return;
    default: __builtin_trap();
    }
}

// The equivalent inverse cipher (FIPS 197 5.3.5): the round keys backwards, the inner ones through InvMixColumns.
AES_CODE void caes_set_decryption_key(const void *key, size_t count, caes_schedule *schedule) {
    caes_set_encryption_key(key, count, schedule);
    int first = 0;
    int last = (int)schedule->rounds;
    __m128i outer = load(schedule, first);
    store(schedule, first, load(schedule, last));
    store(schedule, last, outer);
    for (first++, last--; first < last; first++, last--) {
        __m128i inner = _mm_aesimc_si128(load(schedule, first));
        store(schedule, first, _mm_aesimc_si128(load(schedule, last)));
        store(schedule, last, inner);
    }
    store(schedule, first, _mm_aesimc_si128(load(schedule, first)));
}

AES_CODE void caes_encrypt(const caes_schedule *schedule, const void *input, void *output) {
    int rounds = (int)schedule->rounds;
    __m128i state = _mm_xor_si128(_mm_loadu_si128((const __m128i *)input), load(schedule, 0));
    for (int round = 1; round < rounds; round++) state = _mm_aesenc_si128(state, load(schedule, round));
    _mm_storeu_si128((__m128i *)output, _mm_aesenclast_si128(state, load(schedule, rounds)));
}

AES_CODE void caes_decrypt(const caes_schedule *schedule, const void *input, void *output) {
    int rounds = (int)schedule->rounds;
    __m128i state = _mm_xor_si128(_mm_loadu_si128((const __m128i *)input), load(schedule, 0));
    for (int round = 1; round < rounds; round++) state = _mm_aesdec_si128(state, load(schedule, round));
    _mm_storeu_si128((__m128i *)output, _mm_aesdeclast_si128(state, load(schedule, rounds)));
}

#else

bool caes_is_available(void) { return false; }
void caes_set_encryption_key(const void *key, size_t count, caes_schedule *schedule) { __builtin_trap(); }
void caes_set_decryption_key(const void *key, size_t count, caes_schedule *schedule) { __builtin_trap(); }
void caes_encrypt(const caes_schedule *schedule, const void *input, void *output) { __builtin_trap(); }
void caes_decrypt(const caes_schedule *schedule, const void *input, void *output) { __builtin_trap(); }

#endif
