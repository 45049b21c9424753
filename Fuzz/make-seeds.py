# SPDX-License-Identifier: Apache-2.0
"""Seeds for the fuzzers, from the vectors.

    make-seeds.py FOLDER   writes FOLDER/KeyBlockFuzzer/* and FOLDER/PINBlockFuzzer/*
"""

import json
import sys
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent / "Tests" / "Vectors" / "crypto"


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text())["vectors"]


def key_blocks():
    for vector in vectors("tr31"):
        block = vector["inputs"].get("key_block")
        if block is None or len(block) > 4000:
            continue
        yield bytes([0, 0]) + block.encode()
        end = 16
        for _ in range(int(block[12:14]) if block[12:14].isdigit() else 0):
            count = int(block[end + 2 : end + 4], 16)
            end += count or int(block[end + 6 : end + 10], 16)
        version = "ABCDE".index(block[0])
        # Version, protection key, one block of field and its bytes, a length near the right one, no repairs, the header.
        size = 16 if version > 2 else 8
        field = bytes(size * 3)
        yield bytes([2, version, 1]) + bytes([2]) + field + bytes([0, 10, 0]) + block[:end].encode()
    for count in range(6):
        yield bytes([1, count % 3, 1 + count % 4]) + bytes(range(40, 60)) + bytes([count]) + bytes(range(200))


def pin_blocks():
    for vector in vectors("pin_blocks"):
        block, pan = vector["inputs"].get("block"), vector["inputs"].get("pan", "0")
        digits = bytes(ord(digit) for digit in pan)
        for form in range(5):
            head = bytes([form, len(pan) - 1]) + digits
            yield head + bytes([0, 4 + form]) + bytes(range(40))
            if block and len(block) == 16:
                yield head + bytes([1]) + bytes.fromhex(block) + bytes(range(20))
            yield head + bytes([1, 0]) + bytes(16) + bytes.fromhex("441234AAAAAAAAAA2F69ADDE2E9E7ACE") + bytes(4)


def main(folder):
    for name, seeds in (("KeyBlockFuzzer", key_blocks()), ("PINBlockFuzzer", pin_blocks())):
        path = Path(folder) / name
        path.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (path / f"vector-{number:04}").write_bytes(seed)


if __name__ == "__main__":
    main(sys.argv[1])
