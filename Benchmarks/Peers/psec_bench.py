# SPDX-License-Identifier: Apache-2.0
"""psec and pyemv over the same operations: process CPU time, the best of seven rounds, one line of JSON each."""

import json
import time
import warnings

warnings.filterwarnings("ignore")

import psec  # noqa: E402
from pyemv import ac, kd  # noqa: E402

ROUNDS = 7
KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
OTHER = bytes.fromhex("FEDCBA98765432100123456789ABCDEF")
AES = bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1")
PAN, PIN = "4012345678909", "1234"
BLOCKS = {
    "b": (
        "DD7515F2BFC17F85CE48F3CA25CB21F6",
        "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E",
    ),
    "d": (
        "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6",
        "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34",
    ),
}


def bench(name, calls, step):
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(calls):
            step()
        best = min(best, time.process_time() - start)
    print(json.dumps({"peer": "psec", "operation": name, "perSecond": round(calls / best)}), flush=True)


def translate():
    clear = psec.des.decrypt_tdes_ecb(KEY, BLOCK)
    pin = psec.pinblock.decode_pinblock_iso_0(clear, PAN)
    return psec.des.encrypt_tdes_ecb(OTHER, psec.pinblock.encode_pinblock_iso_0(pin, PAN))


def cryptogram():
    master = kd.derive_icc_mk_a(KEY, "1234567890123456", "00")
    return ac.generate_ac(kd.derive_common_sk(master, bytes.fromhex("001C000000000000")), DATA)


BLOCK = psec.des.encrypt_tdes_ecb(KEY, psec.pinblock.encode_pinblock_iso_0(PIN, PAN))
BLOCK4 = psec.pinblock.encipher_pinblock_iso_4(AES, PIN, PAN)
DATA = bytes(37)
MESSAGE = b"4012345678909D987"

if __name__ == "__main__":
    bench("pin-translate-0", 2000, translate)
    bench("pin-decrypt-0", 3000, lambda: psec.pinblock.decode_pinblock_iso_0(psec.des.decrypt_tdes_ecb(KEY, BLOCK), PAN))
    bench("pin-encrypt-0", 3000, lambda: psec.des.encrypt_tdes_ecb(KEY, psec.pinblock.encode_pinblock_iso_0(PIN, PAN)))
    bench("pin-decrypt-4", 3000, lambda: psec.pinblock.decipher_pinblock_iso_4(AES, BLOCK4, PAN))
    bench("pin-encrypt-4", 3000, lambda: psec.pinblock.encipher_pinblock_iso_4(AES, PIN, PAN))
    bench("retail-mac-17", 2000, lambda: psec.mac.generate_retail_mac(KEY[:8], KEY[8:], MESSAGE, 1))
    bench("pvv", 3000, lambda: psec.pin.generate_visa_pvv(KEY, "1", PIN, PAN))
    bench("pin-offset", 3000, lambda: psec.pin.generate_ibm3624_offset(KEY, "0123456789012345", PIN, PAN, 0, 12, "F"))
    bench("cvv", 2000, lambda: psec.cvv.generate_cvv(KEY, "4012345678909", "2512", "201"))
    bench("emv-cryptogram", 1000, cryptogram)
    for version, (protection, text) in BLOCKS.items():
        key = bytes.fromhex(protection)
        bench(f"key-block-unwrap-{version}", 1000, lambda: psec.tr31.unwrap(key, text))
        header, clear = psec.tr31.unwrap(key, text)
        bench(f"key-block-wrap-{version}", 1000, lambda: psec.tr31.wrap(key, header, clear))
