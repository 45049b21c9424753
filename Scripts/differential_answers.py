# SPDX-License-Identifier: Apache-2.0
"""The other direction: what the project writes, the peers must read."""

import random

import psec
import pydukpt
import pyemv

from differential_keys import lawful_header_of, key_for, tdes_ksn
from differential_peers import AESDUKPT, Inputs, text, xor
from differential_signatures import COMPRESSED, derived, open_box, private_key, verifies


def requests(seed, count):
    """Requests with inputs alone; each kind in turn."""
    kinds = [wrap, format_tdes, format4, tdes_pin, shares, sign, box]
    output = []
    for number in range(count):
        op, inputs = kinds[number % len(kinds)](Inputs(random.Random(f"{seed}/answer/{number}")))
        output.append({"id": f"{seed}/answer/{number}", "op": op, "inputs": inputs})
    return output


def wrap(i):
    version = i.random.choice("BD")
    protection, algorithm, key = key_for(i, version)
    header = lawful_header_of(i, version, algorithm)
    return "wrap", {
        "kbpk": text(protection), "key": text(key), "version": version, "usage": header.key_usage,
        "algorithm": algorithm, "mode_of_use": header.mode_of_use, "key_version": header.version_num,
        "exportability": header.exportability,
        "optional_blocks": [{"id": name, "data_ascii": data} for name, data in header.blocks.items()],
    }


def format_tdes(i):
    kind = i.random.choice([0, 1, 2, 3])
    return "pin_block", {"format": kind, "key": text(i.tdes_key()), "pin": i.pin(), "pan": i.pan()}


def format4(i):
    return "pin_block", {"format": 4, "key": text(i.aes_key()), "pin": i.pin(), "pan": i.pan(least=1)}


def tdes_pin(i):
    bdk, ksn = i.tdes_key((16,)), tdes_ksn(i)
    return "dukpt_pin", {"bdk": text(bdk), "ksn": text(ksn), "pin": i.pin(), "pan": i.pan()}


def shares(i):
    return "components", {"key": text(i.tdes_key()), "count": i.random.randint(2, 9)}


def sign(i):
    return "ecdsa_sign", {"private_key": text(private_key(i)[1]), "message": text(i.bytes(i.length(200)))}


def box(i):
    key, scalar = private_key(i)
    return "sealed_box", {
        "private_key": text(scalar), "public": text(key.public_key().public_bytes(*COMPRESSED)),
        "plaintext": text(i.bytes(i.length(300))), "associated_data": text(i.bytes(i.length(40)))}


def refusal(request, output):
    """Why the peers refuse what the project wrote, or None."""
    if output is None:
        return "no answer"
    try:
        return READERS[request["op"]](request["inputs"], output)
    except (ValueError, KeyError, psec.tr31.KeyBlockError) as error:
        return f"{type(error).__name__}: {error}"


def read_wrap(inputs, output):
    header, key = psec.tr31.unwrap(bytes.fromhex(inputs["kbpk"]), output["key_block"])
    if text(key) != inputs["key"]:
        return "another key"
    read = (
        header.version_id, header.key_usage, header.algorithm, header.mode_of_use, header.version_num,
        header.exportability)
    names = ("version", "usage", "algorithm", "mode_of_use", "key_version", "exportability")
    if read != tuple(inputs[name] for name in names):
        return f"another header: {read}"
    if dict(header.blocks) != {block["id"]: block["data_ascii"] for block in inputs["optional_blocks"]}:
        return f"other optional blocks: {header.blocks}"
    return None


def read_pin_block(inputs, output):
    key, block, pan = bytes.fromhex(inputs["key"]), bytes.fromhex(output["block"]), inputs["pan"]
    if inputs["format"] == 4:
        pin = psec.pinblock.decipher_pinblock_iso_4(key, block, pan)
    else:
        clear = psec.des.decrypt_tdes_ecb(key, block)
        if inputs["format"] == 0:
            pin = psec.pinblock.decode_pinblock_iso_0(clear, pan)
        elif inputs["format"] == 1:
            # No peer has format 1: `1 N PIN` and any filling (ISO 9564-1 9.3.3).
            if clear[0] >> 4 != 1:
                return "not format 1"
            pin = clear.hex()[2 : 2 + (clear[0] & 15)]
        elif inputs["format"] == 2:
            pin = psec.pinblock.decode_pinblock_iso_2(clear)
        else:
            pin = psec.pinblock.decode_pinblock_iso_3(clear, pan)
    return None if pin == inputs["pin"] else "another PIN"


def read_dukpt_pin(inputs, output):
    ksn = bytes.fromhex(inputs["ksn"])
    key = pydukpt.derive_key(pydukpt.derive_ipek(bytes.fromhex(inputs["bdk"]), ksn), ksn)
    pin = pydukpt.decrypt_pin(key, bytes.fromhex(output["block"]), inputs["pan"])
    return None if pin == inputs["pin"] else "another PIN"


def read_components(inputs, output):
    parts = [bytes.fromhex(part["component"]) for part in output["components"]]
    if len(parts) != inputs["count"]:
        return "another number of components"
    key = parts[0]
    for part in parts[1:]:
        key = xor(key, part)
    for part, entry in zip(parts, output["components"]):
        if text(psec.des.generate_kcv(part, 3)) != entry["kcv"]:
            return "a component's check value"
    return None if text(key) == inputs["key"] else "another key"


def read_ecdsa_sign(inputs, output):
    message, signature = bytes.fromhex(inputs["message"]), bytes.fromhex(output["signature"])
    if len(signature) != 64:
        return f"a signature of {len(signature)} bytes"
    point = derived(inputs["private_key"]).public_key().public_bytes(*COMPRESSED)
    if text(point) != output["public"]:
        return "another public key"
    return None if verifies(point, message, signature) else "not verified"


def read_sealed_box(inputs, output):
    key, data = derived(inputs["private_key"]), bytes.fromhex(inputs["associated_data"])
    for version, made in enumerate(output["boxes"], 1):
        if bytes.fromhex(made)[0] != version:
            return "another version"
        if text(open_box(key, bytes.fromhex(made), data)) != inputs["plaintext"]:
            return "another plaintext"
    return None


READERS = {
    "wrap": read_wrap, "pin_block": read_pin_block, "dukpt_pin": read_dukpt_pin, "components": read_components,
    "ecdsa_sign": read_ecdsa_sign, "sealed_box": read_sealed_box,
}
