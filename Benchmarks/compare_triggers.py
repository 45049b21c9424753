# SPDX-License-Identifier: Apache-2.0
"""One table of lines of JSON, as the benchmark and the peers' programs write them.

    compare_triggers.py FILE…   exits with 1 when a peer's counters are not this library's
"""

import json
import sys

OWN = "tillguard"


def time(nanoseconds):
    if nanoseconds is None:
        return ""
    return f"{nanoseconds / 1000:,.2f} µs" if nanoseconds < 1e5 else f"{nanoseconds / 1e6:,.2f} ms"


def main(paths):
    entries = [json.loads(line) for path in paths for line in open(path, encoding="utf-8") if line.strip()]
    own = next((entry["perSecond"] for entry in entries if entry["task"] == "five counters"), None)
    print("\n| engine | task | decisions/s | p50 | p99 | p99.9 | bytes a card | tillguard is |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    rest = []
    for entry in entries:
        if "perSecond" not in entry:
            rest.append(entry)
            continue
        ratio = f"{own / entry['perSecond']:,.0f}× as fast" if own and entry["peer"] != OWN else ""
        cells = [entry["peer"], entry["task"], f"{entry['perSecond']:,}"]
        cells += [time(entry.get(name)) for name in ("p50", "p99", "p999")]
        print("| " + " | ".join(cells + [f"{entry.get('bytesPerCard', '')}", ratio]) + " |")
    print()
    totals = {entry["task"]: entry["totals"] for entry in rest if "totals" in entry}
    for entry in rest:
        if "totals" not in entry:
            print(json.dumps(entry, ensure_ascii=False))
    return check(entries, totals)


def check(entries, totals):
    """A peer that counts otherwise measures another task."""
    status = 0
    for entry in entries:
        if entry["peer"] == OWN or "totals" not in entry or not totals:
            continue
        part = "totals, part 1" if entry["task"].endswith("pipeline 1") else "totals, part 2"
        same = entry["totals"] == totals[part]
        print(f"{entry['peer']}, {entry['task']}: {'the same' if same else 'OTHER'} counters")
        status |= not same
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
