# SPDX-License-Identifier: Apache-2.0
"""Differential tests: random inputs of a printed seed, computed by independent Python implementations.

    differential.py generate SEED COUNT FOLDER   writes vectors.json (answers of the peers) and requests.json
    differential.py check FOLDER                 reads answers.json, which the project wrote for requests.json
"""

import json
import random
import sys
from pathlib import Path

import differential_answers
import differential_issuing  # registers its operations
import differential_keys  # so does this one
import differential_signatures  # and this one
from differential_peers import Inputs
from differential_vectors import OPERATIONS


def generate(seed, count, folder):
    """Each operation in turn; every vector has a generator of its own, so that COUNT does not change its inputs."""
    vectors = []
    for number in range(count):
        peer, function = OPERATIONS[number % len(OPERATIONS)]
        op, inputs, expected = function(Inputs(random.Random(f"{seed}/{number}")))
        vectors.append({
            "id": f"{seed}/{number}", "op": op, "source": f"random inputs of seed {seed}", "published": False,
            "inputs": inputs, "expected": expected, "verified_by": [peer],
        })
    document = {
        "topic": "differential", "title": f"Random inputs of seed {seed}",
        "conventions": "Byte strings are upper-case hexadecimal; expected values come from the peer in verified_by.",
        "sources": sorted({peer for peer, _ in OPERATIONS}), "count": len(vectors), "vectors": vectors,
    }
    (folder / "vectors.json").write_text(json.dumps(document, indent=1))
    requests = differential_answers.requests(seed, max(1, count // 4))
    (folder / "requests.json").write_text(json.dumps({"requests": requests}, indent=1))
    print(f"seed {seed}: {len(vectors)} vectors of {len(OPERATIONS)} kinds, {len(requests)} requests")


def check(folder):
    requests = json.loads((folder / "requests.json").read_text())["requests"]
    answers = {answer["id"]: answer for answer in json.loads((folder / "answers.json").read_text())["answers"]}
    failures = 0
    for request in requests:
        reason = differential_answers.refusal(request, answers.get(request["id"], {}).get("output"))
        if reason:
            failures += 1
            print(f"{request['id']} {request['op']}: {reason}\n  {json.dumps(request['inputs'])}", file=sys.stderr)
    print(f"answers the peers read: {len(requests) - failures} passed, {failures} failed")
    return failures == 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["generate", seed, count, folder]:
            generate(seed, int(count), Path(folder))
        case ["check", folder]:
            sys.exit(0 if check(Path(folder)) else 1)
        case _:
            sys.exit(__doc__)
