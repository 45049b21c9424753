# SPDX-License-Identifier: Apache-2.0
"""Seeds for the fuzzers, from the vectors.

    make-seeds.py FOLDER   writes FOLDER/KeyBlockFuzzer/*, FOLDER/PINBlockFuzzer/* and FOLDER/TR34Fuzzer/*
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


def tokens():
    readers = {"random_number": 0, "credential": 1, "key_token": 2, "key_token_reject": 2, "binding_token": 3}
    for vector in vectors("tr34"):
        inputs = vector["inputs"]
        yield bytes([0, readers[vector["op"].removeprefix("tr34_")]]) + bytes.fromhex(inputs["token"])
        for name in inputs:
            if name.endswith("_certificate"):
                yield bytes([0, 4]) + bytes.fromhex(inputs[name])
        # The revocation list of a token, which stands in it under the tag [1].
        start = bytes.fromhex(inputs["token"]).find(bytes.fromhex("A18201D8"))
        if start >= 0:
            yield bytes([0, 5]) + bytes.fromhex(inputs["token"])[start + 4 :][:0x1D8]
    # A kind of token, how many changes, and for each: a place, a way, and what the way needs.
    for kind in range(7):
        yield bytes([1, kind, 0])
        for way in range(5):
            yield bytes([1, kind, 1, 1, 16 * way, way, 3, 5, 7, 1, 2, 0, 40]) + bytes(range(16))


def main(folder):
    fuzzers = (("KeyBlockFuzzer", key_blocks()), ("PINBlockFuzzer", pin_blocks()), ("TR34Fuzzer", tokens()))
    for name, seeds in fuzzers:
        path = Path(folder) / name
        path.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (path / f"vector-{number:04}").write_bytes(seed)


if __name__ == "__main__":
    main(sys.argv[1])
