# SPDX-License-Identifier: Apache-2.0
"""One table of lines of JSON: each operation of this library beside decoding or encoding by each peer, with the ratio.

    compare_iso8583.py FILE   lines as the benchmark and the peers' programs write them, each any number of times
"""

import json
import sys

OWN = "tillguard"
# What is asked for, in nanoseconds.
WANTED = {"decode-index": 200, "decode-typed": 1_000, "encode": 600, "encode-into": 600}


def main(path):
    best, allocations = {}, {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            key = (entry["peer"], entry["operation"])
            time = entry["nanoseconds"] if "nanoseconds" in entry else 1e9 / entry["perSecond"]
            best[key] = min(time, best.get(key, time))
            allocations[key] = entry.get("allocations")
    peers = list(dict.fromkeys(peer for peer, _ in best if peer != OWN))
    print("Nanoseconds of CPU time, the best of all rounds; beside each peer how often its time is this library's.\n")
    print("| operation | " + " | ".join([OWN, "blocks"] + peers) + " | wanted |")
    print("|---|---:|---:|" + "---:|" * len(peers) + "---|")
    for (peer, operation), time in best.items():
        if peer != OWN:
            continue
        cells = [f"{time:,.0f}", f"{allocations[peer, operation]:.0f}"]
        for other in peers:
            theirs = best.get((other, "decode" if operation.startswith("decode") else "encode"))
            cells.append("–" if theirs is None else f"{theirs:,.0f} ({theirs / time:.2f}×)")
        wanted = WANTED.get(operation)
        verdict = "" if wanted is None else f"{wanted}: {'reached' if time <= wanted else 'not reached'}"
        print(f"| {operation} | " + " | ".join(cells) + f" | {verdict} |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
