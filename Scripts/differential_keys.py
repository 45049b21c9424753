# SPDX-License-Identifier: Apache-2.0
"""One function an operation: random inputs, and the answer of a peer. Key blocks, EMV and DUKPT."""

import psec
import pydukpt
import pyemv
from pyemv import cvn, cvv as emv_cvv, kd

from differential_peers import AESDUKPT, text, xor
from differential_vectors import operation

# Key blocks

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
MAC_COUNTS = {"A": 4, "B": 8, "C": 4, "D": 16}


# Attributes that X9.143 lets go together: the project writes no others.
MODES = {
    "B0": "XN", "B1": "XN", "C0": "CGVN", "D0": "BDEN", "E0": "XN", "K0": "BDEN", "K1": "BDEN", "P0": "BDEN",
    "V1": "CGVN", "V2": "CGVN", "M6": "CGVN", "01": "BCDEGNSTVX",
}


def header_of(i, version, algorithm):
    """Any attributes and any text, for reading."""
    usage, mode = i.random.choice(sorted(MODES)), i.random.choice("BCDEGNSTVX")
    header = plain_header(i, version, algorithm, usage, mode)
    fill(i, header, ["KS", "KC", "KP", "TS", "HM", "DA", "LB", "IK", "CT", "10", "ZZ"])
    return header


def lawful_header_of(i, version, algorithm):
    """Attributes that go together, and optional blocks without a form of their own, for writing."""
    usage = i.random.choice(sorted(MODES))
    header = plain_header(i, version, algorithm, usage, i.random.choice(MODES[usage]))
    fill(i, header, ["LB", "FL", "KV", "10", "ZZ"])
    return header


def plain_header(i, version, algorithm, usage, mode):
    return psec.tr31.Header(
        version, usage, algorithm, mode, i.random.choice(["00", "01", "c2", "99"]), i.random.choice("ENS"))


def fill(i, header, identifiers):
    for identifier in i.random.sample(identifiers, i.random.choice([0, 0, 1, 2, 5])):
        # psec counts the digits of an extended length as bytes, so that its long blocks are no X9.143.
        header.blocks[identifier] = "".join(i.random.choices(PRINTABLE, k=i.random.choice([0, 1, 20, 251])))


def key_for(i, version):
    """A protection key, and a key it may protect with its algorithm."""
    if version == "D":
        protection = i.aes_key()
        if i.random.random() < 0.5:
            return protection, "A", i.bytes(i.random.choice([n for n in (16, 24, 32) if n <= len(protection)]))
        return protection, "T", i.tdes_key()
    protection = i.tdes_key()
    return protection, "T", i.bytes(i.random.choice([n for n in (16, 24) if n <= len(protection)]))


@operation("psec")
def unwrap(i):
    version = i.random.choice("ABCD")
    protection, algorithm, key = key_for(i, version)
    header = header_of(i, version, algorithm)
    masked = i.random.choice([None, len(key), 32])
    block = psec.tr31.wrap(protection, header, key, masked)
    blocks, offset = [], 16
    for _ in range(int(block[12:14])):
        count = int(block[offset + 2 : offset + 4], 16)
        blocks.append({"id": block[offset : offset + 2], "data_ascii": block[offset + 4 : offset + count]})
        offset += count
    padding = (len(block) - offset) // 2 - MAC_COUNTS[version] - 2 - len(key)
    return "unwrap", {"kbpk": text(protection), "key_block": block}, {
        "version": version, "usage": header.key_usage, "algorithm": algorithm, "mode_of_use": header.mode_of_use,
        "key_version": header.version_num, "exportability": header.exportability, "optional_blocks": blocks,
        "key_length_bits": 8 * len(key), "padding_length": padding, "key": text(key),
    }


@operation("psec")
def unwrap_changed(i):
    version = i.random.choice("ABCD")
    protection, algorithm, key = key_for(i, version)
    block = psec.tr31.wrap(protection, header_of(i, version, algorithm), key)
    # Behind the header only: what a changed header is refused for, before its MAC, each implementation says its own way.
    count = 2 * (MAC_COUNTS[version] + (len(key) + 2))
    place = len(block) - 1 - i.random.randrange(count)
    block = block[:place] + i.random.choice([d for d in "0123456789ABCDEF" if d != block[place]]) + block[place + 1 :]
    try:
        psec.tr31.unwrap(protection, block)
        raise AssertionError("psec takes a changed block")
    except psec.tr31.KeyBlockError:
        return "unwrap_reject", {"kbpk": text(protection), "key_block": block}, {"error": "authentication_failed"}


@operation("psec")
def protection_keys(i):
    version = i.random.choice("BCD")
    protection, algorithm, _ = key_for(i, version)
    block = psec.tr31.KeyBlock(protection, psec.tr31.Header(version, "P0", algorithm, "E", "00", "E"))
    encryption, authentication = {"B": block._b_derive, "C": block._c_derive, "D": block._d_derive}[version]()
    op = {"B": "kbpk_derive_tdes", "C": "kbpk_variant", "D": "kbpk_derive_aes"}[version]
    inputs = {"kbpk": text(protection)}
    if version != "C":
        inputs["mode"] = "CBC"
    return op, inputs, {"kbek": text(encryption), "kbak": text(authentication)}


# EMV


def derive_master(option, issuer, pan, sequence):
    return (kd.derive_icc_mk_a if option == "A" else kd.derive_icc_mk_b)(issuer, pan, sequence)


@operation("pyemv")
def icc_master_key(i):
    issuer, pan, sequence, option = i.tdes_key((16,)), i.pan(), i.digits(2), i.random.choice("AB")
    key = derive_master(option, issuer, pan, sequence)
    return "icc_master_key", {"imk": text(issuer), "pan": pan, "psn": sequence, "option": option}, {
        "icc_mk_odd_parity": text(key), "kcv2": text(psec.des.generate_kcv(key))}


@operation("pyemv")
def session_key(i):
    master = i.tdes_key((16,))
    if i.random.random() < 0.5:
        diversifier = i.bytes(8)
        key = kd.derive_common_sk(master, diversifier)
        return "common_session_key", {"icc_mk": text(master), "r": text(diversifier)}, {
            "session_key": text(key), "kcv2": text(psec.des.generate_kcv(key))}
    counter, vector = i.bytes(2), i.bytes(16)
    height, factor = i.random.choice([(8, 4), (16, 2)])
    key = kd.derive_emv2000_tree_sk(master, counter, height, factor, vector)
    inputs = {
        "icc_mk": text(master), "atc": text(counter), "height": height, "branch_factor": factor, "iv": text(vector)}
    return "emv2000_session_key", inputs, {"session_key_odd_parity": text(key)}


@operation("pyemv")
def application_cryptogram(i):
    key, data = i.tdes_key((16,)), i.bytes(i.random.randint(1, 120))
    method = i.random.choice([1, 2])
    padding_type = pyemv.ac.PaddingType.VISA if method == 1 else pyemv.ac.PaddingType.EMV
    code = pyemv.ac.generate_ac(key, data, padding_type)
    return "arqc", {"session_key": text(key), "data": text(data), "padding": method}, {"arqc": text(code)}


@operation("pyemv")
def response_cryptogram(i):
    key, request = i.tdes_key((16,)), i.bytes(8)
    if i.random.random() < 0.5:
        code = i.bytes(2)
        return "arpc_method1", {"key": text(key), "arqc": text(request), "arc": text(code)}, {
            "arpc": text(pyemv.ac.generate_arpc_1(key, request, code))}
    update, data = i.bytes(4), i.bytes(i.random.randint(0, 8))
    answer = pyemv.ac.generate_arpc_2(key, request, update, data)
    inputs = {
        "session_key": text(key), "arqc": text(request), "csu": text(update), "proprietary_auth_data": text(data)}
    return "arpc_method2", inputs, {"arpc": text(answer)}


SCHEMES = [
    ("VISA_CVN10", cvn.VisaCVN10, 7, 0), ("VISA_CVN18", cvn.VisaCVN18, 32, 0), ("VISA_CVN22", cvn.VisaCVN22, 32, 0),
    ("Interac CVN 133", cvn.InteracCVN133, 32, 0), ("M/Chip CVN 16", cvn.MasterCardCVN16, 6, 0),
    ("M/Chip CVN 17", cvn.MasterCardCVN17, 6, 8), ("M/Chip CVN 20", cvn.MasterCardCVN20, 6, 0),
    ("M/Chip CVN 21", cvn.MasterCardCVN21, 6, 8),
]


@operation("pyemv")
def scheme_cryptogram(i):
    name, card_type, last_count, counters_count = i.random.choice(SCHEMES)
    issuer, pan, sequence = i.tdes_key((16,)), i.pan(), i.digits(2)
    card = card_type(issuer, issuer, issuer, pan, sequence)
    # 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 82 9F36, then what the scheme takes of 9F10.
    tags = [i.bytes(count) for count in (6, 6, 2, 5, 2, 3, 1, 4, 2, 2)]
    last = i.bytes(4 if name == "VISA_CVN10" else last_count)
    more = [i.bytes(counters_count)] if counters_count else []
    code = card.generate_ac(*tags, last, *more)
    inputs = {
        "imk_ac": text(issuer), "pan": pan, "psn": sequence, "atc": text(tags[9]), "un": text(tags[7]),
        "data": text(b"".join(tags) + last + b"".join(more)), "scheme": name,
    }
    expected = {"arqc": text(code)}
    if name in ("VISA_CVN18", "VISA_CVN22"):
        expected["arpc_method2_csu00000000"] = text(card.generate_arpc(code, tags[9], bytes(4)))
    if name in ("VISA_CVN10", "M/Chip CVN 16", "M/Chip CVN 17"):
        expected["arpc_method1_icc_mk_arc0010"] = text(card.generate_arpc(code, bytes([0, 0x10])))
    return "scheme_arqc", inputs, expected


@operation("pyemv")
def script_mac(i):
    visa = i.random.random() < 0.5
    issuer, pan, sequence = i.tdes_key((16,)), i.pan(), i.digits(2)
    counter, request, data = i.bytes(2), i.bytes(8), i.bytes(i.random.randint(0, 40))
    header = bytes([0x84, 0x18 if visa else 0x24]) + i.bytes(3)
    card = (cvn.VisaCVN18 if visa else cvn.VisaCVN22)(issuer, issuer, issuer, pan, sequence)
    code = card.generate_command_mac(header, request, counter, data)
    inputs = {
        "imk_smi": text(issuer), "pan": pan, "psn": sequence, "atc": text(counter), "arqc": text(request),
        "command_header": text(header), "command_data": text(data),
    }
    return "script_mac", inputs, {"mac": text(code)}


@operation("pyemv")
def cvc3(i):
    issuer, pan, sequence = i.tdes_key((16,)), i.pan(13, 16), i.digits(2)
    track, counter, number = i.bytes(i.random.randint(19, 76)), i.bytes(2), i.bytes(4)
    key = kd.derive_icc_mk_a(issuer, pan, sequence)
    value = emv_cvv.generate_cvc3(key, track, counter, number)
    inputs = {
        "imk_cvc3": text(issuer), "pan": pan, "psn": sequence, "track_data": text(track), "atc": text(counter),
        "unpredictable_number": text(number),
    }
    return "cvc3", inputs, {"icc_key": text(key), "cvc3_5digits": value.rjust(5, "0")}


# DUKPT


def legal_counter(i, bits, most):
    count = i.random.choice([1, 2, most, i.random.randint(1, most)])
    return sum(1 << place for place in i.random.sample(range(bits), count))


def tdes_ksn(i):
    return pydukpt.ksn_with_counter(i.bytes(10), legal_counter(i, 21, 10))


@operation("pydukpt")
def tdes_initial_key(i):
    bdk, ksn = i.tdes_key((16,)), i.bytes(10)
    return "derive_ik", {"bdk": text(bdk), "iksn": text(ksn)}, {"ik": text(pydukpt.derive_ipek(bdk, ksn))}


@operation("pydukpt, psec")
def tdes_transaction(i):
    bdk, ksn, pin, pan = i.tdes_key((16,)), tdes_ksn(i), i.pin(), i.pan()
    initial = pydukpt.derive_ipek(bdk, ksn)
    key = pydukpt.derive_key(initial, ksn)
    request_key, response_key = pydukpt.data_request_key(key), pydukpt.data_response_key(key)
    request_mac, response_mac = pydukpt.mac_request_key(key), pydukpt.mac_response_key(key)
    block = pydukpt.encrypt_pin(key, pin, pan)
    assert block == psec.des.encrypt_tdes_ecb(pydukpt.pin_key(key), psec.pinblock.encode_pinblock_iso_0(pin, pan))
    data, vector = i.bytes(8 * i.random.randint(1, 12)), i.random.choice([bytes(8), i.bytes(8)])
    inputs = {
        "bdk": text(bdk), "ksn": text(ksn), "pin": pin, "pan": pan, "data": text(data), "data_padded": text(data),
        "data_iv": text(vector),
    }
    retail = [psec.mac.generate_retail_mac(k[:8], k[8:], data, 1) for k in (request_mac, response_mac)]
    return "transaction", inputs, {
        "ik": text(initial), "txn_key": text(key), "pin_key": text(pydukpt.pin_key(key)),
        "request_mac_key": text(request_mac), "response_mac_key": text(response_mac),
        "data_request_key": text(request_key), "data_response_key": text(response_key),
        "encrypted_pinblock_fmt0": text(block), "request_mac8_x919": text(retail[0]),
        "response_mac8_x919": text(retail[1]),
        "data_request_cbc": text(psec.des.encrypt_tdes_cbc(request_key, vector, data)),
        "data_response_cbc": text(psec.des.encrypt_tdes_cbc(response_key, vector, data)),
    }


@operation("pydukpt")
def tdes_ksn_next(i):
    ksn = i.bytes(10)
    if i.random.random() < 0.5:
        near = i.random.choice([0x1FF800, 0x1FF7FF, 0x1FF000, 0x0FFC00, 0x1FFFFF])
        ksn = pydukpt.ksn_with_counter(ksn, max(0, near - i.random.choice([0, 0, 1, 7])))
    else:
        ksn = tdes_ksn(i)
    try:
        expected = {"next_ksn": text(pydukpt.next_ksn(ksn)), "exhausted": False}
    except pydukpt.KSNExhaustedError:
        expected = {"next_ksn": None, "exhausted": True}
    return "ksn_next", {"ksn": text(ksn)}, expected


@operation("X9.24-3 over psec's AES")
def aes_keys(i):
    bdk, identifier, counter = i.aes_key(), i.bytes(8), legal_counter(i, 32, 16)
    initial = AESDUKPT.initial_key(bdk, identifier)
    key = AESDUKPT.transaction_key(initial, identifier, counter)
    ksn = identifier + counter.to_bytes(4, "big")
    if i.random.random() < 0.3:
        return "derive_txn_key", {"bdk": text(bdk), "ksn": text(ksn)}, {"ik": text(initial), "txn_key": text(key)}
    usage = i.random.choice([0x0002, 0x1000, 0x2000, 0x2001, 0x2002, 0x3000, 0x3001, 0x3002, 0x8000])
    kind = i.random.choice([name for name, (_, bits) in AESDUKPT.TYPES.items() if bits <= 8 * len(bdk)])
    working = AESDUKPT.working_key(key, identifier, counter, usage, kind)
    inputs = {"ik": text(initial), "ksn": text(ksn), "usage_code": f"{usage:04X}", "key_type": kind}
    return "derive_working_key", inputs, {
        "working_key": text(working),
        "derivation_data_block1": text(AESDUKPT.data(usage, kind, identifier[4:] + counter.to_bytes(4, "big"))),
    }


@operation("X9.24-3 over psec's AES, psec")
def aes_transaction(i):
    bdk, identifier, counter, pan = i.aes_key(), i.bytes(8), legal_counter(i, 32, 16), i.pan(least=1)
    initial = AESDUKPT.initial_key(bdk, identifier)
    key = AESDUKPT.transaction_key(initial, identifier, counter)
    kind = i.random.choice([name for count, name in AESDUKPT.LENGTHS.items() if count <= len(bdk)])
    keys = {
        usage: AESDUKPT.working_key(key, identifier, counter, usage, kind) for usage in (0x1000, 0x3000, 0x3001)}
    pin = i.pin()
    block = psec.pinblock.encipher_pinblock_iso_4(keys[0x1000], pin, pan)
    middle = xor(psec.aes.decrypt_aes_ecb(keys[0x1000], block), psec.pinblock.encode_pan_field_iso_4(pan))
    data, vector = i.bytes(16 * i.random.randint(1, 6)), i.bytes(16)
    inputs = {
        "bdk": text(bdk), "ksn": text(identifier + counter.to_bytes(4, "big")), "working_key_type": kind, "pan": pan,
        "data_padded": text(data), "data_iv": text(vector),
    }
    expected = {
        "ik": text(initial), "txn_key": text(key), "pin_key": text(keys[0x1000]),
        "data_request_cbc": text(psec.aes.encrypt_aes_cbc(keys[0x3000], vector, data)),
        "data_response_cbc": text(psec.aes.encrypt_aes_cbc(keys[0x3001], vector, data)),
    }
    field = psec.aes.decrypt_aes_ecb(keys[0x1000], middle)
    if i.random.random() < 0.5:
        inputs["encrypted_pinblock_fmt4"] = text(block)
        expected["pin"], expected["pin_field"] = pin, text(field)
    else:
        inputs["pin"], inputs["pin_field"] = pin, text(field)
        expected["encrypted_pinblock_fmt4"] = text(block)
    return "transaction", inputs, expected
