# SPDX-License-Identifier: Apache-2.0
"""`openssl speed` for the primitives below everything: what a block costs with its key ready. One line of JSON each."""

import json
import re
import subprocess

RUNS = [
    ("tdes-block", 8, ["-evp", "des-ede3-cbc"]), ("aes128-block", 16, ["-evp", "aes-128-ecb"]),
    ("aes256-block", 16, ["-evp", "aes-256-ecb"]), ("aes128-cmac-16", 16, ["-cmac", "aes-128-cbc"]),
    ("sm4-block", 16, ["-evp", "sm4-ecb"]),
]

for name, size, arguments in RUNS:
    command = ["openssl", "speed", "-mr", "-seconds", "2", "-bytes", str(size), *arguments]
    output = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"^\+F:\d+:[^:]+:([0-9.]+)", output.stdout, re.MULTILINE)
    if not found:
        raise SystemExit(f"{' '.join(command)}: {output.stderr or output.stdout}")
    print(json.dumps({"peer": "openssl", "operation": name, "perSecond": round(float(found[1]) / size)}), flush=True)
