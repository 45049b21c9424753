# SPDX-License-Identifier: Apache-2.0
"""Seeds for the fuzzers, from the vectors.

    make-seeds.py FOLDER   writes FOLDER/KeyBlockFuzzer/* and so on, a folder a fuzzer
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


MESSAGES = VECTORS.parent / "iso8583"
SPECS = VECTORS.parent.parent.parent / "Sources" / "ISO8583" / "Specs"


def published():
    """Whole bytes of each published message, and how many stand before its body."""
    leads = {"body": 0, "tpdu5+header6": 11, "len2+tpdu5+header6": 13}
    for name in ("messages-unionpay", "messages-international", "malformed"):
        for vector in json.loads((MESSAGES / f"{name}.json").read_text())["vectors"]:
            yield bytes.fromhex(vector["hex"]), leads[vector["frame"]], vector


def streams():
    for data, lead, _ in published():
        # Length, counts itself, TPDU, header, keep-alive, two cuts.
        if lead == 13:
            yield bytes([0, 0, 1, 2, 1, 3, 40]) + data + data
        body = data[lead:]
        for length, prefix in ((0, len(body).to_bytes(2, "big")), (1, len(body).to_bytes(3, "big")),
                               (2, len(body).to_bytes(4, "big")), (3, bytes.fromhex(f"{len(body):04}")),
                               (4, f"{len(body):04}".encode()), (5, f"{len(body):04X}".encode()),
                               (6, len(body).to_bytes(2, "big") + bytes(2))):
            yield bytes([length, 0, 0, 0, 1, 3, 40]) + prefix + body + prefix + body


def messages():
    for data, lead, _ in published():
        for spec in range(3):
            yield bytes([spec]) + data[lead:]


def objects():
    for _, _, vector in published():
        value = vector.get("fields", {}).get("55")
        if value and "field55Error" not in vector:
            yield bytes.fromhex(value)
    yield bytes.fromhex("71129F1804000000018609841E000008112233447203860100")
    yield bytes.fromhex("7081029A007F70047203860100")


def specifications():
    files = [path.read_text() for path in sorted(SPECS.glob("*.json"))]
    neutral = json.loads((MESSAGES / "specs.json").read_text())["specs"]
    for spec in neutral.values():
        fields = list(spec["fields"].items())
        for start in range(0, len(fields), 12):
            files.append(json.dumps({**spec, "fields": dict(fields[start : start + 12])}, ensure_ascii=False))
    for text in files:
        document = json.loads(text)
        fields = list(document["fields"].items())
        small = json.dumps({**document, "fields": dict(fields[:20]), "messages": {}, "mux": [11]}, ensure_ascii=False)
        for changes in range(3):
            places = bytes(byte for change in range(changes) for byte in (0, 20 * change + 9, 5 * change))
            yield bytes([0, changes]) + places + small.encode()


def signatures():
    for vector in vectors("ecdsa"):
        inputs = {**vector["inputs"], **vector["expected"]}
        yield bytes([0, 4]) + bytes.fromhex(inputs["public_x"] + inputs["public_y"])
        if "r" in inputs:
            yield bytes([1]) + bytes.fromhex(inputs["r"] + inputs["s"])
    point = bytes.fromhex("0360FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6")
    for version in (1, 2):
        yield bytes([0]) + point
        yield bytes([1, version]) + point + bytes(range(40))
    for way in range(8):
        yield bytes([2, 12]) + bytes(range(12)) + bytes([way % 2, 0, 7 * way, way % 4, way])


MODULE = VECTORS.parent / "module"


def audit_logs():
    kept = json.loads((MODULE / "audit_log.json").read_text())
    for name in ("log", "fork", "short"):
        log = bytes.fromhex(kept[name])
        yield bytes([0]) + log
        # Behind the file's head and their count: segments, each with its length before it.
        place = 54
        while place < len(log):
            count, shift = 0, 0
            while True:
                count |= (log[place] & 0x7F) << shift
                place, shift = place + 1, shift + 7
                if log[place - 1] < 0x80:
                    break
            yield bytes([0]) + log[place : place + count]
            place += count
    for count in range(12):
        yield bytes([1, count]) + bytes(range(2 * count)) + bytes([count % 2, 40 * count % 256, count % 8])


def sealed_records():
    kept = json.loads((MODULE / "sealed_journal.json").read_text())
    for record in kept["records"]:
        yield bytes([0]) + bytes.fromhex(record)
    # A state: everything up to 2, 4 beyond it, an open intent.
    yield bytes([0, 2, 1, 1, 0, 1, 4]) + bytes(32) + bytes(2)
    for count in range(8):
        yield bytes([1, count]) + bytes([5, 1, 2, 3, 4, 5, 0, 0]) * (count + 1) + bytes([11, count, 1]) * 12


def module_frames():
    """Frames of the module's protocol: commands for a line of their role, by a stranger, and replies."""
    path = VECTORS.parent / "module" / "wire-1.txt"
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, frame = line.split(": ")
        frame = bytes.fromhex(frame)
        kind, body = frame[8], frame[9:]
        if name.startswith("reply"):
            yield bytes([1, kind]) + body
        else:
            yield bytes([0]) + frame
            for role in range(5):
                yield bytes([2, role, kind]) + body


RULES = VECTORS.parent.parent.parent / "Rules" / "default.rules"


def rule_files():
    """The shipped file and each of its rules with all declarations, as text."""
    text = RULES.read_text()
    yield bytes([0]) + text.encode()
    head, *rules = text.split("\nrule ")
    for rule in rules:
        yield bytes([0]) + (head + "\nrule " + rule).encode()
    for count in range(1, 40):
        yield bytes([1]) + bytes(range(count))


def traffic():
    for count in (1, 2, 5):
        yield bytes([count]) + bytes([0, 3, 0, 1] * count) + bytes([10, 0x21, 50]) * 40


def models():
    for kind in (1, 2, 3):
        for step in (7, 31, 101):
            yield bytes([kind]) + bytes((step * place + 9) % 256 for place in range(400))
    for path in sorted((VECTORS.parent / "models").glob("*")):
        if "vectors" not in path.name and path.stat().st_size < 4000:
            yield bytes([0]) + path.read_bytes()


def lists():
    cards = "value,source,reason,expires\n4111111111111111,scheme,stolen,2026-12-31\n5500005555555559,,,\n"
    for kind, text in enumerate((cards, "T0000001\nT1\n", "77\n78\n", "5411\n5993\n", "TOBACCO\n", "DE\nFR\n")):
        for piece in (0, 3):
            yield bytes([kind, piece]) + text.encode()


def main(folder):
    fuzzers = (
        ("KeyBlockFuzzer", key_blocks()), ("PINBlockFuzzer", pin_blocks()), ("TR34Fuzzer", tokens()),
        ("FramingFuzzer", streams()), ("MessageFuzzer", messages()), ("DataObjectFuzzer", objects()),
        ("SpecFuzzer", specifications()), ("SignatureFuzzer", signatures()), ("AuditFuzzer", audit_logs()),
        ("SealedJournalFuzzer", sealed_records()), ("ModuleCommandFuzzer", module_frames()),
        ("RuleFileFuzzer", rule_files()), ("RuleEvaluationFuzzer", traffic()), ("RiskModelFuzzer", models()),
        ("ListFuzzer", lists()),
    )
    for name, seeds in fuzzers:
        path = Path(folder) / name
        path.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (path / f"vector-{number:04}").write_bytes(seed)


if __name__ == "__main__":
    main(sys.argv[1])
