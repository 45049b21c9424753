// SPDX-License-Identifier: Apache-2.0
// Measures hongmi/Oscar-ISO8583 on the purchase that it is given in hexadecimal: fields in static memory and by malloc.
#include "bench.h"
#include "dl_iso8583.h"
#include "dl_iso8583_defs_1987.h"

static DL_ISO8583_FIELD_DEF fields[129];
static DL_ISO8583_HANDLER handler;
static uint8_t memory[4096];

static void define(int field, int type, int length, int prefix) {
    fields[field].fieldType = (DL_UINT8)type;
    fields[field].len = (DL_UINT16)length;
    fields[field].varLen = (DL_UINT8)prefix;
}

// ASCII throughout, the bitmap binary, field 55 raw bytes.
static void define_all(void) {
    static const int digits[][2] = {{0, 4},  {3, 6},  {4, 12}, {7, 10}, {11, 6}, {12, 6}, {13, 4},
                                    {14, 4}, {18, 4}, {22, 3}, {25, 2}, {49, 3}};
    for (size_t index = 0; index < sizeof digits / sizeof digits[0]; index++) {
        define(digits[index][0], kDL_ISO8583_N, digits[index][1], kDL_ISO8583_FIXED);
    }
    define(1, kDL_ISO8583_BMP, 16, kDL_ISO8583_CONTVAR);
    define(2, kDL_ISO8583_N, 19, kDL_ISO8583_LLVAR);
    define(32, kDL_ISO8583_N, 11, kDL_ISO8583_LLVAR);
    define(35, kDL_ISO8583_Z, 37, kDL_ISO8583_LLVAR);
    define(37, kDL_ISO8583_AN, 12, kDL_ISO8583_FIXED);
    define(41, kDL_ISO8583_ANS, 8, kDL_ISO8583_FIXED);
    define(42, kDL_ISO8583_ANS, 15, kDL_ISO8583_FIXED);
    define(43, kDL_ISO8583_ANS, 40, kDL_ISO8583_FIXED);
    define(52, kDL_ISO8583_B, 8, kDL_ISO8583_FIXED);
    define(55, kDL_ISO8583_B, 255, kDL_ISO8583_LLLVAR);
    define(60, kDL_ISO8583_ANS, 99, kDL_ISO8583_LLLVAR);
    define(64, kDL_ISO8583_B, 8, kDL_ISO8583_FIXED);
    DL_ISO8583_COMMON_SetHandler(fields, 129, &handler);
    handler.compress = 0;
}

static int decode(const uint8_t *bytes, size_t count, uint8_t *room, DL_UINT16 size, DL_ISO8583_MSG *message) {
    DL_ISO8583_MSG_Init(room, size, message);
    return DL_ISO8583_MSG_Unpack(&handler, bytes, (DL_UINT16)count, message);
}

// The values come from a message that was decoded before: texts that are padded already.
static DL_UINT16 encode(const DL_ISO8583_MSG *values, uint8_t *room, DL_UINT16 size, uint8_t *output) {
    DL_ISO8583_MSG message;
    DL_UINT16 count = 0;
    DL_ISO8583_MSG_Init(room, size, &message);
    for (DL_UINT16 field = 0; field <= 64; field++) {
        if (field == 1 || values->field[field].ptr == NULL) continue;
        if (fields[field].fieldType == kDL_ISO8583_B) {
            DL_ISO8583_MSG_SetField_Bin(field, values->field[field].ptr, values->field[field].len, &message);
        } else {
            DL_ISO8583_MSG_SetField_Str(field, values->field[field].ptr, &message);
        }
    }
    bench_require(DL_ISO8583_MSG_Pack(&handler, &message, output, &count) == 0, "packing failed");
    DL_ISO8583_MSG_Free(&message);
    return count;
}

int main(int argc, char **argv) {
    uint8_t bytes[1024], output[1024], room[4096];
    DL_ISO8583_MSG message, values;
    bench_require(argc == 2 && strlen(argv[1]) <= 2 * sizeof bytes, "usage: bench-oscar HEX");
    size_t count = bench_hex(argv[1], bytes);
    define_all();
    bench_peer = "oscar, static memory";
    bench_require(decode(bytes, count, room, sizeof room, &values) == 0, "the message is not decoded");
    int found = 0;
    for (int field = 2; field <= 64; field++) found += values.field[field].ptr != NULL;
    bench_require(found == 22, "not 22 fields");
    bench_require(encode(&values, memory, sizeof memory, output) == count, "another length");
    bench_require(memcmp(bytes, output, count) == 0, "other bytes");
    BENCH("decode", 20000, decode(bytes, count, memory, sizeof memory, &message); DL_ISO8583_MSG_Free(&message));
    BENCH("encode", 20000, encode(&values, memory, sizeof memory, output));
    bench_peer = "oscar, malloc";
    BENCH("decode", 20000, decode(bytes, count, NULL, 0, &message); DL_ISO8583_MSG_Free(&message));
    BENCH("encode", 20000, encode(&values, NULL, 0, output));
    return 0;
}
