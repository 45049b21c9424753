#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Sources/ISO8583/Characters/gb2312.json from Python's own codec.

    python3 Scripts/gb2312.py > Sources/ISO8583/Characters/gb2312.json

The rows 1 to 87 of GB/T 2312 with 94 places each, as GB 18030 assigns them: a space where it assigns none, or a
private one. Row and place are the two bytes of a character, each less A0.
"""


def character(row, place):
    try:
        text = bytes([0xA0 + row, 0xA0 + place]).decode("gb18030")
    except UnicodeDecodeError:
        return " "
    return " " if "\ue000" <= text <= "\uf8ff" else text


rows = ["".join(character(row, place) for place in range(1, 95)).rstrip() for row in range(1, 88)]
print('{"format":"tillguard-gb2312/1",')
print('"about":"Rows 1 to 87 of GB/T 2312 in the two bytes of GB 18030; written by Scripts/gb2312.py.",')
print('"rows":[')
print(",\n".join(f'"{row}"' for row in rows))
print("]}")
