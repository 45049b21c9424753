# SPDX-License-Identifier: Apache-2.0
"""One table of lines of JSON: each operation of this library beside each peer, with the ratio.

    compare.py FILE…   files as the benchmarks and the peers' programs write them
"""

import json
import sys

OWN = "tillguard"
# What is asked for: operation, how often the best of these peers.
WANTED = {
    "tdes-transaction-key": (1.3, ["openemv+mbedtls"]),
    "aes128-initial-key-to-pin": (1.0, ["openemv+mbedtls"]),
    "key-block-unwrap-b": (1.2, ["openemv+mbedtls", "openemv+openssl"]),
    "key-block-unwrap-d": (1.2, ["openemv+mbedtls", "openemv+openssl"]),
    "key-block-wrap-d": (3.0, ["openemv+mbedtls", "openemv+openssl", "psec"]),
}
WANTED_RATES = {"pin-translate-0": 1_000_000}
# Operations on which a block of memory is too many.
WITHOUT_ALLOCATION = list(WANTED) + list(WANTED_RATES)


def rate(value):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.2f} {unit}"
    return f"{value:.0f}"


def main(paths):
    rows, own, peers = {}, {}, []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                if entry["peer"] == OWN:
                    own[entry["operation"]] = entry
                    continue
                rows.setdefault(entry["operation"], {})[entry["peer"]] = entry["perSecond"]
                if entry["peer"] not in peers:
                    peers.append(entry["peer"])
    print("Operations a second of process CPU time, best of seven rounds; beside each peer the ratio to it.\n")
    names = list(own) + [name for name in rows if name not in own]
    print("| Operation | " + " | ".join([OWN, "heap", "secure"] + peers) + " | wanted |")
    print("|---|---:|---:|---:|" + "---:|" * len(peers) + "---|")
    for name in names:
        mine = own.get(name)
        cells = ["–", "–", "–"]
        if mine:
            cells = [rate(mine["perSecond"]), f"{mine['commonAllocations']:.1f}", f"{mine['secureAllocations']:.1f}"]
        for peer in peers:
            theirs = rows.get(name, {}).get(peer)
            if theirs is None:
                cells.append("–")
            elif mine:
                cells.append(f"{rate(theirs)} ({mine['perSecond'] / theirs:.2f}×)")
            else:
                cells.append(rate(theirs))
        print(f"| {name} | " + " | ".join(cells) + f" | {wanted(name, mine, rows.get(name, {}))} |")
    print("\nheap, secure: blocks asked of the common heap and of libcrypto's secure heap by one operation.")


def wanted(name, mine, peers):
    if mine is None:
        return ""
    notes = []
    if name in WANTED_RATES:
        reached = mine["perSecond"] >= WANTED_RATES[name]
        notes.append(f"{rate(WANTED_RATES[name])}: {'reached' if reached else 'not reached'}")
    if name in WANTED:
        factor, against = WANTED[name]
        best = max((peers[peer] for peer in against if peer in peers), default=None)
        if best is None:
            notes.append(f"{factor}×: no peer in this run")
        else:
            reached = mine["perSecond"] >= factor * best
            notes.append(f"{factor}× ({rate(factor * best)}): {'reached' if reached else 'not reached'}")
    if name in WITHOUT_ALLOCATION and mine["commonAllocations"] + mine["secureAllocations"] >= 0.05:
        notes.append("allocates")
    return "; ".join(notes)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
