// SPDX-License-Identifier: Apache-2.0
// openemv's DUKPT, over the first 4096 legal KSNs of a device; every PIN block is that of its KSN.
#include "bench.h"

#include "dukpt_aes.h"
#include "dukpt_tdes.h"

static const uint8_t pin[] = {1, 2, 3, 4};

static void tdes(void) {
    static uint8_t ksn[KSNS][DUKPT_TDES_KSN_LEN];
    static uint8_t blocks[KSNS][DUKPT_TDES_PINBLOCK_LEN];
    // 4012345678909 as the tag 5A carries it.
    static const uint8_t pan[] = {0x40, 0x12, 0x34, 0x56, 0x78, 0x90, 0x9F};
    static const char message[] = "4012345678909D987";
    uint8_t bdk[16], ik[16], key[16], output[16], mac[8], read[12];
    size_t count;
    bench_hex("0123456789ABCDEFFEDCBA9876543210", bdk);
    bench_hex("FFFF9876543210E00000", ksn[0]);
    bench_require(dukpt_tdes_derive_ik(bdk, ksn[0], ik) == 0, "initial key");
    bench_require(dukpt_tdes_ksn_advance(ksn[0]) == 0, "KSN");
    for (int i = 0; i < KSNS; i++) {
        if (i > 0) {
            memcpy(ksn[i], ksn[i - 1], sizeof ksn[i]);
            bench_require(dukpt_tdes_ksn_advance(ksn[i]) == 0, "KSN");
        }
        bench_require(dukpt_tdes_derive_txn_key(ik, ksn[i], key) == 0, "transaction key");
        bench_require(dukpt_tdes_encrypt_pin(key, 0, pin, 4, pan, sizeof pan, blocks[i]) == 0, "PIN block");
    }
    bench_require(dukpt_tdes_decrypt_pin(key, blocks[KSNS - 1], pan, sizeof pan, read, &count) == 0 && count == 4 &&
                      memcmp(read, pin, 4) == 0, "PIN");

#define KSN_OF (ksn[i % KSNS])
    BENCH("tdes-initial-key", 20000, dukpt_tdes_derive_ik(bdk, KSN_OF, output));
    BENCH("tdes-transaction-key", 20480, dukpt_tdes_derive_txn_key(ik, KSN_OF, output));
    BENCH("tdes-initial-key-to-pin", 20480,
          bench_require(dukpt_tdes_derive_txn_key(ik, KSN_OF, key) == 0 &&
                            dukpt_tdes_decrypt_pin(key, blocks[i % KSNS], pan, sizeof pan, read, &count) == 0, "PIN"));
    BENCH("tdes-base-key-to-pin", 20480,
          bench_require(dukpt_tdes_derive_ik(bdk, KSN_OF, output) == 0 &&
                            dukpt_tdes_derive_txn_key(output, KSN_OF, key) == 0 &&
                            dukpt_tdes_decrypt_pin(key, blocks[i % KSNS], pan, sizeof pan, read, &count) == 0, "PIN"));
    dukpt_tdes_derive_txn_key(ik, ksn[0], key);
    BENCH("tdes-pin", 50000, dukpt_tdes_decrypt_pin(key, blocks[0], pan, sizeof pan, read, &count));
    BENCH("tdes-mac-17", 50000, dukpt_tdes_generate_request_mac(key, message, sizeof message - 1, mac));
    struct dukpt_tdes_state_t state;
    uint8_t initial[DUKPT_TDES_KSN_LEN];
    bench_hex("FFFF9876543210E00000", initial);
    dukpt_tdes_state_init(ik, initial, &state);
    BENCH("tdes-device-next", 50000, bench_require(dukpt_tdes_state_next_txn_key(&state, key) == 0, "device"));
}

static void aes(size_t length, enum dukpt_aes_key_type_t type, const char *prefix) {
    static uint8_t ksn[KSNS][DUKPT_AES_KSN_LEN];
    static uint8_t blocks[KSNS][DUKPT_AES_PINBLOCK_LEN];
    static const uint8_t pan[] = {0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11};
    static const char message[] = "4012345678909D987";
    uint8_t bdk[32], ik[32], key[32], output[32], mac[16], read[12];
    size_t count;
    char name[64];
    bench_hex("FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210F1F1F1F1F1F1F1F1", bdk);
    bench_hex("123456789012345600000001", ksn[0]);
    bench_require(dukpt_aes_derive_ik(bdk, length, ksn[0], ik) == 0, "initial key");
    for (int i = 0; i < KSNS; i++) {
        if (i > 0) {
            memcpy(ksn[i], ksn[i - 1], sizeof ksn[i]);
            bench_require(dukpt_aes_ksn_advance(ksn[i]) == 0, "KSN");
        }
        bench_require(dukpt_aes_derive_txn_key(ik, length, ksn[i], key) == 0, "transaction key");
        bench_require(dukpt_aes_encrypt_pin(key, length, ksn[i], type, pin, 4, pan, sizeof pan, blocks[i]) == 0,
                      "PIN block");
    }

#define NAMED(OPERATION) (snprintf(name, sizeof name, "%s-%s", prefix, OPERATION), name)
    BENCH(NAMED("initial-key"), 50000, dukpt_aes_derive_ik(bdk, length, KSN_OF, output));
    BENCH(NAMED("transaction-key"), 40960, dukpt_aes_derive_txn_key(ik, length, KSN_OF, output));
    BENCH(NAMED("initial-key-to-pin"), 40960,
          bench_require(dukpt_aes_derive_txn_key(ik, length, KSN_OF, key) == 0 &&
                            dukpt_aes_decrypt_pin(key, length, KSN_OF, type, blocks[i % KSNS], pan, sizeof pan, read,
                                                  &count) == 0, "PIN"));
    BENCH(NAMED("base-key-to-pin"), 40960,
          bench_require(dukpt_aes_derive_ik(bdk, length, KSN_OF, output) == 0 &&
                            dukpt_aes_derive_txn_key(output, length, KSN_OF, key) == 0 &&
                            dukpt_aes_decrypt_pin(key, length, KSN_OF, type, blocks[i % KSNS], pan, sizeof pan, read,
                                                  &count) == 0, "PIN"));
    dukpt_aes_derive_txn_key(ik, length, ksn[0], key);
    BENCH(NAMED("mac-17"), 50000,
          dukpt_aes_generate_request_cmac(key, length, ksn[0], type, message, sizeof message - 1, mac));
}

int main(int count, char **arguments) {
    bench_peer = count > 1 ? arguments[1] : "openemv";
    tdes();
    aes(16, DUKPT_AES_KEY_TYPE_AES128, "aes128");
    aes(32, DUKPT_AES_KEY_TYPE_AES256, "aes256");
    return 0;
}
