// SPDX-License-Identifier: Apache-2.0
// openemv's key blocks, over the samples of TR-31:2018 A.7 and X9.143:2021 8.4.1.
#include "bench.h"

#include "tr31.h"

struct sample {
    const char *name;
    const char *protection_key;
    const char *block;
    unsigned algorithm;
};

static const struct sample samples[] = {
    {"a", "89E88CF7931444F334BD7547FC3F380C",
     "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701", TR31_KEY_ALGORITHM_TDES},
    {"b", "DD7515F2BFC17F85CE48F3CA25CB21F6",
     "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E", TR31_KEY_ALGORITHM_TDES},
    {"b-ks", "1D22BF32387C600AD97F9B97A51311AC",
     "B0104B0TX12S0100KS1800604B120F9292800000BB68BE8680A400D9191AD4ECE45B6E6C0D21C4738A52190E248719E2"
     "4B433627",
     TR31_KEY_ALGORITHM_TDES},
    {"c-ks", "B8ED59E0A279A295E9F5ED7944FD06B9",
     "C0112B0TX12S0100KS1800604B120F929280000042B758A2400AB598AE37782823DAF0BA4BDB0DAFF34915345CA169AE"
     "1F976A429EB139E5", TR31_KEY_ALGORITHM_TDES},
    {"d", "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6",
     "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F74255"
     "09593D03A457DC34", TR31_KEY_ALGORITHM_AES},
};

int main(int count, char **arguments) {
    bench_peer = count > 1 ? arguments[1] : "openemv";
    for (size_t n = 0; n < sizeof samples / sizeof *samples; n++) {
        const struct sample *sample = &samples[n];
        uint8_t bytes[32];
        char name[64];
        size_t length = bench_hex(sample->protection_key, bytes);
        struct tr31_key_t kbpk;
        struct tr31_ctx_t block;
        bench_require(tr31_key_init(TR31_KEY_USAGE_TR31_KBPK, sample->algorithm, TR31_KEY_MODE_OF_USE_ENC_DEC, "00",
                                    TR31_KEY_EXPORT_NONE, TR31_KEY_CONTEXT_NONE, bytes, length, &kbpk) == 0, "key");
        size_t characters = strlen(sample->block);
        bench_require(tr31_import(sample->block, characters, &kbpk, 0, &block) == 0, sample->name);
        tr31_release(&block);
        snprintf(name, sizeof name, "key-block-unwrap-%s", sample->name);
        BENCH(name, 20000,
              bench_require(tr31_import(sample->block, characters, &kbpk, 0, &block) == 0, "import");
              tr31_release(&block));
        if (strcmp(sample->name, "b") == 0 || strcmp(sample->name, "d") == 0) {
            char output[512];
            snprintf(name, sizeof name, "key-block-wrap-%s", sample->name);
            bench_require(tr31_import(sample->block, characters, &kbpk, 0, &block) == 0, "import");
            // A random generator that is seeded anew at every call makes these slow with mbedTLS.
            BENCH(name, 2000, bench_require(tr31_export(&block, &kbpk, 0, output, sizeof output) == 0, "export"));
            tr31_release(&block);
        }
        tr31_key_release(&kbpk);
    }
    return 0;
}
