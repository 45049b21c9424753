#!/usr/bin/env python3
"""Writes Tests/Vectors/cel.json: the conformance tests of CEL that lie within the subset of the rule language.

    git clone https://github.com/google/cel-spec
    Scripts/cel_vectors.py cel-spec Tests/Vectors/cel.json

Reads tests/simple/testdata/*.textproto (google/cel-spec, Apache-2.0). A test is left out when it needs what the
language does not have; each such reason is a line of BORDER below, and how many fell under it goes into the file.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

FILES = ["basic", "comparisons", "conversions", "fp_math", "integer_math", "lists", "logic", "parse", "string"]

# What makes an expression lie outside; where the last member is false, texts are taken out of it before.
BORDER = [
    ("bytes", r"""(?<![A-Za-z0-9_])([bB][rR]?|[rR][bB])['"]""", True),
    ("unsigned numbers", r"[0-9a-fA-F][uU](?![A-Za-z0-9_])|\buint\b", False),
    ("maps and messages", r"\{", False),
    ("types as values, dyn, other conversions", r"\b(dyn|type|bool|bytes|timestamp|list|map|null_type|string|int|double)\b(?!\()|\b(dyn|type|bool|bytes|timestamp)\(", False),
    ("null", r"\bnull\b", False),
    ("regular expressions", r"\bmatches\b", False),
    ("lists as values", r"(?<!in )\[", False),
    ("texts joined", r"''\s*\+\s*''", False),
]


def tokens(text):
    """The tokens of a text-format protocol buffer."""
    pattern = re.compile(r"""\s+|#[^\n]*|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([{}:;,<>\[\]])|([^\s{}:;,<>\[\]#"']+)""")
    place = 0
    while place < len(text):
        match = pattern.match(text, place)
        if not match:
            raise ValueError(f"at {place}: {text[place:place + 30]!r}")
        place = match.end()
        if match.group(1):
            yield ("text", match.group(1))
        elif match.group(2) or match.group(3):
            yield ("sign" if match.group(2) else "word", match.group(0))


def unquoted(quoted):
    """The bytes of a text-format string."""
    simple = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63}
    output, body, place = bytearray(), quoted[1:-1], 0
    while place < len(body):
        if body[place] != "\\":
            output += body[place].encode()
            place += 1
            continue
        sign = body[place + 1]
        forms = ((r"([0-7]{1,3})", 8), (r"[xX]([0-9a-fA-F]{1,2})", 16), (r"u([0-9a-fA-F]{4})", 0), (r"U([0-9a-fA-F]{8})", 0))
        for form, base in forms:
            match = re.compile(form).match(body, place + 1)
            if match:
                value = int(match.group(1), base or 16)
                output += bytes([value]) if base else chr(value).encode()
                place = match.end()
                break
        else:
            output.append(simple[sign])
            place += 2
    return bytes(output)


def message(stream):
    """Fields of one message as a list of (name, value), up to its closing brace or the end."""
    fields, name, before = [], None, None
    for kind, word in stream:
        if word == "}" and kind == "sign":
            return fields
        if word == "{" and kind == "sign":
            fields.append((name, message(stream)))
        elif kind == "text" and before == "text":
            # Texts beside one another are one.
            fields[-1] = (name, fields[-1][1] + unquoted(word))
        elif kind == "text":
            fields.append((name, unquoted(word)))
        elif kind == "word" and before == ":":
            fields.append((name, word))
        elif kind == "word":
            name = word
        before = word if kind == "sign" else kind
    return fields


def field(fields, name):
    return next((entry[1] for entry in fields if entry[0] == name), None)


def value(fields):
    """The expected value in the file's form, or None for a type that the language has not."""
    for entry in fields:
        name, content = entry[0], entry[1]
        if name == "int64_value":
            return {"int": content}
        if name == "double_value":
            number = float(content)
            return {"double": "nan" if number != number else repr(number)}
        if name == "bool_value":
            return {"bool": content == "true"}
        if name == "string_value":
            return {"string": content.decode()}
    return None


def outside(expression):
    """Why an expression lies outside the subset, or None."""
    texts = r"""[rR]?(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
    bare = re.sub(r"//[^\n]*", "", re.sub(texts, "''", expression, flags=re.S))
    return next((reason for reason, pattern, isWhole in BORDER if re.search(pattern, expression if isWhole else bare)), None)


def main():
    root, target = Path(sys.argv[1]), Path(sys.argv[2])
    run = lambda *words: subprocess.run(["git", "-C", root, *words], check=True, capture_output=True, text=True).stdout
    commit = run("rev-parse", "HEAD").strip()
    vectors, left = [], {}
    for file in FILES:
        content = run("show", f"HEAD:tests/simple/testdata/{file}.textproto")
        for section in (entry[1] for entry in message(tokens(content)) if entry[0] == "section"):
            for test in (entry[1] for entry in section if entry[0] == "test"):
                expression = field(test, "expr").decode()
                names = {entry[0] for entry in test}
                reason = None
                if names & {"disable_check", "type_env", "bindings", "container", "check_only", "disable_macros", "typed_result", "unknown", "any_eval_errors", "any_unknowns"}:
                    reason = "bindings, no check, or another form of test"
                reason = reason or outside(expression)
                expected = {"bool": True} if not names & {"value", "eval_error"} else None
                if "eval_error" in names:
                    expected = {"error": True}
                elif "value" in names:
                    expected = value(field(test, "value"))
                if reason is None and expected is None:
                    reason = "a value of another type"
                if reason:
                    left[reason] = left.get(reason, 0) + 1
                    continue
                name = "/".join([file, field(section, "name").decode(), field(test, "name").decode()])
                vectors.append({"name": name, "expr": expression, **expected})
    lines = [json.dumps(vector, ensure_ascii=False) for vector in vectors]
    head = {
        "source": "google/cel-spec, tests/simple/testdata, Apache-2.0", "commit": commit,
        "left_out": dict(sorted(left.items())),
    }
    text = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "vectors": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n"
    target.write_text(text)
    print(f"{len(vectors)} vectors; left out: {sum(left.values())}")


main()
