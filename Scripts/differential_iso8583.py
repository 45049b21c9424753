# SPDX-License-Identifier: Apache-2.0
"""Differential tests of ISO 8583: random messages of a printed seed, encoded and decoded by independent Python
implementations.

    differential_iso8583.py generate SEED COUNT FOLDER   writes vectors.json (encoded by the peers) and requests.json
    differential_iso8583.py check FOLDER                 reads answers.json, which the project wrote for requests.json
"""

import json
import random
import string
import sys
from pathlib import Path

import iso8583
from iso8583sim.core.builder import ISO8583Builder
from iso8583sim.core.types import FieldType, ISO8583Message, ISO8583Version, get_field_definition
from iso8583sim.wire import codec
from iso8583sim.wire.format import BINARY_VARIABLE_FIELDS, NUMERIC_VARIABLE_FIELDS, TRACK_FIELDS, Encoding, WireFormat

NEUTRAL = json.loads(
    (Path(__file__).resolve().parent.parent / "Tests" / "Vectors" / "iso8583" / "specs.json").read_text()
)["specs"]
TYPES = ["0100", "0110", "0200", "0210", "0220", "0400", "0410", "0420", "0800", "0810"]
LETTERS = string.ascii_letters
PRINTABLE = LETTERS + string.digits + "!\"#%&'()*+,-./:;<=>?@_"


def text(generator, letters, count):
    return "".join(generator.choices(letters, k=count))


def value(generator, field):
    """Text as vectors write it, of a length that the field may have."""
    most = field["max"]
    count = most if field["len"] == "fixed" else generator.choice([1, min(most, 99), generator.randint(1, min(most, 40))])
    match field["kind"]:
        case "n":
            return text(generator, string.digits, count)
        case "a":
            return text(generator, LETTERS, count)
        case "an":
            return text(generator, LETTERS + string.digits, count)
        case "z":
            digits = text(generator, string.digits, count)
            place = generator.randrange(count)
            separator = "D" if field["enc"] == "bcd" else "="
            return digits[:place] + separator + digits[place + 1 :]
        case "x+n":
            return generator.choice("CD") + text(generator, string.digits, count - 1)
        case "b":
            if field.get("sub") == "ber-tlv":
                return objects(generator, min(count, most))
            return generator.randbytes(count).hex().upper()
    return text(generator, PRINTABLE, count)


def objects(generator, count):
    """Data objects of the chip that fill so many bytes, or none but one byte of zero."""
    output = b""
    while count - len(output) >= 4:
        room = min(60, count - len(output) - 3)
        inner = generator.randbytes(generator.randint(1, room))
        output += bytes.fromhex(generator.choice(["9F10", "9F1E", "9F63", "DF31"])) + bytes([len(inner)]) + inner
    return (output or bytes(1)).hex().upper()


def message(generator, spec):
    """The values of a random message by the number of the field; field 0 is the type."""
    numbers = [number for number in spec["fields"] if number not in ("1", "65")]
    chosen = generator.sample(numbers, generator.randint(1, min(len(numbers), 30)))
    fields = {"0": generator.choice(TYPES)}
    for number in sorted(chosen, key=int):
        fields[number] = value(generator, spec["fields"][number])
    return fields


# pyiso8583


def peer_field(field):
    """A layout in the words of pyiso8583; None for one that it does not have."""
    encodings = {"ascii": "ascii", "bcd": "b", "binary": "b", "hexascii": "ascii", "ebcdic": "cp037"}
    kind, unit = field["kind"], field.get("lenUnit")
    if field["enc"] not in encodings:
        return None
    peer = {"data_enc": encodings[field["enc"]], "max_len": field["max"], "desc": field.get("name", ""), "len_type": 0,
            "len_enc": "ascii"}
    if field["enc"] == "hexascii":
        peer["max_len"] = 2 * field["max"]
        if unit == "byte":
            return None
    if field["enc"] == "bcd":
        if unit == "byte" and field["len"] != "fixed":
            return None
        side, nibble = field.get("pad", "left:0").split(":")
        peer |= {"len_count": "nibbles", f"{side}_pad": nibble}
    if field["len"] != "fixed":
        digits = len(field["len"])
        lengths = {"ascii": ("ascii", digits), "ebcdic": ("cp037", digits), "bcd": ("bcd", (digits + 1) // 2),
                   "binary": ("b", field.get("lenBytes", (digits + 1) // 2))}
        if field["lenEnc"] not in lengths or (kind == "b" and unit != "byte" and field["enc"] == "binary"):
            return None
        peer["len_enc"], peer["len_type"] = lengths[field["lenEnc"]]
    return peer


def peer_spec(spec):
    """A specification in the words of pyiso8583, and its own with the fields that both have."""
    head = {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 0, "desc": ""}
    mti = {"ascii": ("ascii", 4), "bcd": ("b", 2), "ebcdic": ("cp037", 4)}[spec["mti"]["enc"]]
    bitmap = {"binary": ("b", 8), "hexascii": ("ascii", 16), "ebcdic": ("cp037", 16)}[spec["bitmap"]["enc"]]
    peer = {"h": head, "t": {**head, "data_enc": mti[0], "max_len": mti[1]}}
    for key in ("p", "1"):
        peer[key] = {**head, "data_enc": bitmap[0], "max_len": bitmap[1]}
    fields = {}
    for number, field in spec["fields"].items():
        if number != "1" and (own := peer_field(field)):
            peer[number] = own
            is_chip = number == "55" and field["kind"] == "b" and field["len"] != "fixed" and "sub" not in field
            fields[number] = {**field, "sub": "ber-tlv"} if is_chip else field
    return peer, {**spec, "fields": fields}


def to_peer(fields):
    return {("t" if number == "0" else number): own for number, own in fields.items()}


class PyISO8583:
    name = "pyiso8583"
    specs = {name: peer_spec(spec) for name, spec in NEUTRAL.items()}

    def __init__(self, generator):
        self.id = generator.choice(sorted(self.specs))
        self.peer, self.spec = self.specs[self.id]

    def encode(self, fields):
        return bytes(iso8583.encode(to_peer(fields), self.peer)[0])

    def decode(self, data):
        decoded, _ = iso8583.decode(data, self.peer)
        fields = {("0" if number == "t" else number): own for number, own in decoded.items()}
        return {number: own for number, own in fields.items() if number.isdigit() and number != "1"}


# iso8583sim


class ISO8583Sim:
    name = "iso8583sim"

    def __init__(self, generator, words=None):
        texts = [Encoding.ASCII, Encoding.EBCDIC]
        self.words = words or [
            generator.choice(texts + [Encoding.BCD]).value, generator.choice(["binary", "hex"]),
            generator.choice(list(Encoding)).value, generator.choice(texts + [Encoding.BCD]).value,
            generator.choice(texts).value, generator.choice(["raw", "hex"]), generator.choice(["left", "right"]),
        ]
        mti, bitmap, length, numeric, texts, binary, side = self.words
        self.format = WireFormat(
            mti=Encoding(mti), bitmap=bitmap, length_prefix=Encoding(length), numeric=Encoding(numeric),
            text=Encoding(texts), binary_fields=binary, bcd_odd_padding=side)
        if texts == "ebcdic" and binary == "hex":
            # Hexadecimal in EBCDIC is no encoding of ours but for bitmaps.
            self.format = WireFormat(**{**vars(self.format), "binary_fields": "raw"})
        self.id = "-".join(self.words)
        self.spec = self.own_spec()

    def own_spec(self):
        form = self.format
        bitmap = "binary" if form.bitmap == "binary" else {"ascii": "hexascii", "ebcdic": "ebcdic"}[form.text.value]
        fields = {}
        for number in range(2, 129):
            definition = get_field_definition(number, None, ISO8583Version.V1987)
            if definition is not None and number != 65:
                fields[str(number)] = self.own_field(number, definition)
        return {
            "id": self.id, "mti": {"enc": form.mti.value}, "bitmap": {"enc": bitmap, "maxFields": 128}, "fields": fields,
        }

    def own_field(self, number, definition):
        form, kind = self.format, definition.field_type
        is_variable = kind in (FieldType.LLVAR, FieldType.LLLVAR)
        field = {"name": str(number), "max": definition.max_length, "len": "fixed", "enc": form.text.value}
        if is_variable:
            digits = 2 if kind == FieldType.LLVAR else 3
            field |= {"len": "L" * digits, "lenEnc": form.length_prefix.value, "lenUnit": "byte"}
        if kind == FieldType.NUMERIC or (is_variable and number in NUMERIC_VARIABLE_FIELDS | TRACK_FIELDS):
            field |= {"kind": "z" if number in TRACK_FIELDS else "n", "enc": form.numeric.value}
            if form.numeric == Encoding.BCD:
                field["pad"] = "right:F" if is_variable and form.bcd_odd_padding == "right" else "left:0"
                if is_variable:
                    field["lenUnit"] = "digit"
        elif kind == FieldType.BINARY or number in BINARY_VARIABLE_FIELDS:
            field |= {"kind": "b", "enc": "binary" if form.binary_fields == "raw" else "hexascii"}
            if is_variable:
                field["sub"] = "opaque"
                if form.binary_fields == "hex":
                    field |= {"lenUnit": "char", "max": definition.max_length // 2}
        else:
            field["kind"] = {FieldType.ALPHA: "a", FieldType.ALPHANUMERIC: "an"}.get(kind, "ans")
        return field

    def prepared(self, fields):
        # An account number of no known network, whose fields would be others.
        if "2" in fields:
            fields["2"] = "9" + fields["2"][1:]
        return fields

    def peer_fields(self, fields):
        is_packed = self.format.numeric == Encoding.BCD
        return {
            int(number): own.replace("D", "=") if is_packed and int(number) in TRACK_FIELDS else own
            for number, own in fields.items()
        }

    def encode(self, fields):
        request = ISO8583Message(mti=fields["0"], fields=self.peer_fields(fields), version=ISO8583Version.V1987)
        return codec.encode_message(request, self.format, ISO8583Builder(version=ISO8583Version.V1987))

    def decode(self, data):
        fields = {str(number): own for number, own in codec.decode_message(data, self.format).fields.items()}
        # It takes zeros in front of numbers away.
        return {
            number: own.zfill(self.spec["fields"][number]["max"])
            if number != "0" and self.spec["fields"][number]["kind"] == "n" and self.spec["fields"][number]["len"] == "fixed"
            else own.replace("=", "D") if self.format.numeric == Encoding.BCD and number in ("35", "36") else own
            for number, own in fields.items()
        }


PEERS = [PyISO8583, ISO8583Sim]
LAYOUTS = 24


def generate(seed, count, folder):
    """Each peer in turn; every message has a generator of its own, so that COUNT does not change it."""
    vectors, specs, refused = [], {}, 0
    for number in range(count):
        generator = random.Random(f"{seed}/{number}")
        # Some layouts of each peer, many messages of each.
        peer = PEERS[number % len(PEERS)](random.Random(f"{seed}/layout {number // len(PEERS) % LAYOUTS}"))
        fields = message(generator, peer.spec)
        if isinstance(peer, ISO8583Sim):
            fields = peer.prepared(fields)
        try:
            data = peer.encode(fields)
        except Exception as error:  # what a peer does not take is no message of both
            refused += 1
            print(f"{seed}/{number}: {peer.name} takes no such message: {error}", file=sys.stderr)
            continue
        name = f"{peer.name}-{peer.id}"
        specs[name] = {**peer.spec, "id": name}
        vectors.append({
            "id": f"{seed}/{number}", "spec": name, "frame": "body", "hex": data.hex().upper(),
            "presentFields": sorted(int(field) for field in fields if field != "0"), "fields": fields,
        })
    write(folder, seed, vectors, specs)
    kinds = sum(1 for name in specs if name.startswith("pyiso8583"))
    print(f"seed {seed}: {len(vectors)} messages of {len(specs)} layouts, {kinds} of them published, {refused} refused by peers")
    if refused * 10 > count:
        sys.exit("more than one in ten is refused by its peer")


def write(folder, seed, vectors, specs):
    document = {"format": "iso8583-vectors/1", "specs": specs}
    source = f"random messages of seed {seed}"
    (folder / "vectors.json").write_text(
        json.dumps({**document, "vectors": [{**vector, "source": source} for vector in vectors]}, indent=1))
    requests = [{key: vector[key] for key in ("id", "spec", "fields")} for vector in vectors]
    (folder / "requests.json").write_text(json.dumps({**document, "requests": requests}, indent=1))


def check(folder):
    requests = json.loads((folder / "requests.json").read_text())["requests"]
    answers = {answer["id"]: answer for answer in json.loads((folder / "answers.json").read_text())["answers"]}
    failures = 0
    for request in requests:
        answer = answers.get(request["id"], {})
        reason = refusal(request, answer)
        if reason:
            failures += 1
            print(f"{request['id']} {request['spec']}: {reason}\n  {json.dumps(request['fields'])}", file=sys.stderr)
    print(f"messages the peers read: {len(requests) - failures} passed, {failures} failed")
    return failures == 0


def refusal(request, answer):
    if "output" not in answer:
        return f"not encoded: {answer.get('error')}"
    name, _, words = request["spec"].partition("-")
    generator = random.Random(0)
    if name == "pyiso8583":
        peer = PyISO8583(generator)
        peer.peer, peer.spec = PyISO8583.specs[words]
    else:
        peer = ISO8583Sim(generator, words.split("-"))
    try:
        found = peer.decode(bytes.fromhex(answer["output"]))
    except Exception as error:
        return f"{name} does not read it: {error}"
    different = [number for number in {**found, **request["fields"]} if found.get(number) != request["fields"].get(number)]
    return f"other values in {different}" if different else None


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["generate", seed, count, folder]:
            generate(seed, int(count), Path(folder))
        case ["check", folder]:
            sys.exit(0 if check(Path(folder)) else 1)
        case _:
            sys.exit(__doc__)
