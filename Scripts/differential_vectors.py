# SPDX-License-Identifier: Apache-2.0
"""One function an operation: random inputs, and the answer of a peer. PINs, card values, MACs and key derivation."""

import psec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, KBKDFHMAC, CounterLocation, Mode
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.ciphers import algorithms
from pyemv import mac as emv_mac

from differential_peers import TripleDES, aes_cmac, card_value, hash_of, hmac_of, sm4, tdes_cmac, text, xor

OPERATIONS = []


def operation(peer):
    """Registers a function of the inputs that returns (op, inputs, expected)."""

    def register(function):
        OPERATIONS.append((peer, function))
        return function

    return register


# PIN blocks


@operation("psec")
def format0(i):
    pin, pan = i.pin(), i.pan()
    block = psec.pinblock.encode_pinblock_iso_0(pin, pan)
    return "iso9564_format0", {"pin": pin, "pan": pan}, {"block": text(block)}


@operation("ISO 9564-1, written out")
def format1(i):
    pin = i.pin()
    fill = "".join(i.random.choices("0123456789ABCDEF", k=14 - len(pin)))
    return "iso9564_format1", {"pin": pin, "fill_digits": fill}, {"block": f"1{len(pin):X}{pin}{fill}"}


@operation("psec")
def format2(i):
    pin = i.pin()
    return "iso9564_format2", {"pin": pin}, {"block": text(psec.pinblock.encode_pinblock_iso_2(pin))}


@operation("psec")
def format0_tdes(i):
    pin, pan, key = i.pin(), i.pan(), i.tdes_key()
    block = psec.des.encrypt_tdes_ecb(key, psec.pinblock.encode_pinblock_iso_0(pin, pan))
    return "iso9564_format0_tdes", {"key": text(key), "pin": pin, "pan": pan}, {"encrypted_block": text(block)}


def read_or_refused(name, inputs, read):
    try:
        return f"{name}_decode", inputs, {"pin": read()}
    except ValueError:
        return f"{name}_reject", inputs, {"error": "invalid_pin_block"}


@operation("psec")
def format0_changed(i):
    pan = i.pan()
    block = i.changed(psec.pinblock.encode_pinblock_iso_0(i.pin(), pan))
    inputs = {"block": text(block), "pan": pan}
    return read_or_refused("iso9564_format0", inputs, lambda: psec.pinblock.decode_pinblock_iso_0(block, pan))


@operation("psec")
def format2_changed(i):
    block = i.changed(psec.pinblock.encode_pinblock_iso_2(i.pin()))
    return read_or_refused(
        "iso9564_format2", {"block": text(block)}, lambda: psec.pinblock.decode_pinblock_iso_2(block))


@operation("psec")
def format3_changed(i):
    pan = i.pan()
    block = i.changed(psec.pinblock.encode_pinblock_iso_3(i.pin(), pan))
    inputs = {"block": text(block), "pan": pan}
    return read_or_refused("iso9564_format3", inputs, lambda: psec.pinblock.decode_pinblock_iso_3(block, pan))


@operation("psec")
def format4_pan_field(i):
    pan = i.pan(least=1)
    return "iso9564_format4_pan_field", {"pan": pan}, {"pan_field": text(psec.pinblock.encode_pan_field_iso_4(pan))}


@operation("psec")
def format4(i):
    pin, pan, key = i.pin(), i.pan(least=1), i.aes_key()
    block = i.changed(psec.pinblock.encipher_pinblock_iso_4(key, pin, pan))
    inputs = {"key": text(key), "block": text(block), "pan": pan}
    middle = psec.aes.decrypt_aes_ecb(key, block)
    field = psec.aes.decrypt_aes_ecb(key, xor(middle, psec.pinblock.encode_pan_field_iso_4(pan)))
    try:
        read = psec.pinblock.decipher_pinblock_iso_4(key, block, pan)
    except ValueError:
        return "iso9564_format4_reject", inputs, {"error": "invalid_pin_block"}
    return "iso9564_format4_decipher", inputs, {
        "pin": read, "pin_field": text(field), "intermediate_block_b": text(middle)}


# PIN and card verification


@operation("psec")
def ibm3624(i):
    pvk, pan, table = i.tdes_key(), i.pan(), i.digits(16)
    start = i.random.randint(0, len(pan) - 4)
    count = i.random.randint(4, min(16, len(pan) - start))
    pad = i.random.choice("0123456789ABCDEF")
    offset = i.digits(4, 12)
    arguments = {"pan": pan, "pan_verify_offset": start, "pan_verify_length": count, "pan_pad": pad}
    natural = psec.pin.generate_ibm3624_pin(pvk, table, "0" * len(offset), **arguments)
    pin = psec.pin.generate_ibm3624_pin(pvk, table, offset, **arguments)
    assert psec.pin.generate_ibm3624_offset(pvk, table, pin, **arguments) == offset
    inputs = {
        "pvk": text(pvk), "decimalization_table": table,
        "validation_data": pan[start : start + count].ljust(16, pad), "offset": offset,
    }
    return "ibm3624", inputs, {"natural_pin": natural, "pin": pin}


@operation("psec")
def visa_pvv(i):
    pvk, pin, pan = i.tdes_key((16,)), i.pin(), i.pan()
    index = str(i.random.randint(0, 6))
    value = psec.pin.generate_visa_pvv(pvk, index, pin[:4], pan)
    return "visa_pvv", {"pvk": text(pvk), "pvki": index, "pin": pin, "pan": pan}, {"pvv": value}


@operation("psec")
def cvv(i):
    cvk, pan, expiry = i.tdes_key((16,)), i.pan(), i.digits(4)
    service = i.random.choice(["000", "999", i.digits(3)])
    value = card_value(cvk, pan, expiry, service)
    return "cvv", {"cvk": text(cvk), "pan": pan, "expiry": expiry, "service_code": service}, {"value": value}


# MACs, check values


@operation("psec, pyemv")
def retail_mac(i):
    key, message, padding = i.tdes_key((16,)), i.bytes(i.length(300)), i.random.randint(1, 3)
    code = psec.mac.generate_retail_mac(key[:8], key[8:], message, padding)
    if padding < 3:
        assert emv_mac.mac_iso9797_3(key[:8], key[8:], message, padding) == code
    return "iso9797_1_alg3", {"key": text(key), "message": text(message), "padding": padding}, {"mac": text(code)}


@operation("psec")
def retail_mac_two_keys(i):
    first, second, message, padding = i.tdes_key((16,)), i.tdes_key((16,)), i.bytes(i.length(100)), i.random.randint(1, 3)
    code = psec.mac.generate_retail_mac(first, second, message, padding)
    inputs = {"key1": text(first), "key2": text(second), "message": text(message), "padding": padding}
    return "iso9797_1_alg3_two_double_length_keys", inputs, {"mac": text(code)}


@operation("psec")
def cbc_mac(i):
    key, message, padding = i.tdes_key(), i.bytes(i.length(300)), i.random.randint(1, 3)
    code = psec.mac.generate_cbc_mac(key, message, padding)
    return "iso9797_1_alg1_tdes", {"key": text(key), "message": text(message), "padding": padding}, {"mac": text(code)}


@operation("psec")
def padding(i):
    message, size = i.bytes(i.length(100)), i.random.choice([8, 16])
    methods = [psec.mac.pad_iso_1, psec.mac.pad_iso_2, psec.mac.pad_iso_3]
    expected = {f"method{number + 1}": text(pad(message, size)) for number, pad in enumerate(methods)}
    return "padding", {"message": text(message), "block_length": size}, expected


@operation("cryptography")
def cmac(i):
    message = i.bytes(i.length(300))
    if i.random.random() < 0.5:
        key = i.aes_key()
        return "cmac_aes", {"key": text(key), "message": text(message)}, {"mac": text(aes_cmac(key, message))}
    key = i.tdes_key()
    return "cmac_tdes", {"key": text(key), "message": text(message)}, {"mac": text(tdes_cmac(key, message))}


@operation("cryptography")
def hmac(i):
    key, message = i.bytes(i.random.randint(16, 64)), i.bytes(i.length(300))
    name, digest = i.random.choice([
        ("sha1", hashes.SHA1()), ("sha224", hashes.SHA224()), ("sha256", hashes.SHA256()), ("sha384", hashes.SHA384()),
        ("sha512", hashes.SHA512()),
    ])
    return f"hmac_{name}", {"key": text(key), "message": text(message)}, {"mac": text(hmac_of(key, message, digest))}


@operation("psec, cryptography")
def check_value(i):
    if i.random.random() < 0.5:
        key, count = i.tdes_key(), i.random.randint(2, 3)
        return "kcv_tdes_zeros", {"key": text(key)}, {"kcv": text(psec.des.generate_kcv(key, count))}
    key, count = i.aes_key(), i.random.randint(3, 5)
    return "kcv_aes_cmac_zeros", {"key": text(key)}, {"kcv": text(aes_cmac(key, bytes(16))[:count])}


@operation("psec")
def components(i):
    count = i.random.choice([16, 24])
    parts = [i.bytes(count) for _ in range(i.random.randint(2, 9))]
    key = parts[0]
    for part in parts[1:]:
        key = xor(key, part)
    odd = psec.des.adjust_key_parity(key)
    return "form_key_from_components", {"components": [text(part) for part in parts]}, {
        "key_xor": text(key), "key_odd_parity": text(odd), "kcv": text(psec.des.generate_kcv(key, 3))}


@operation("psec")
def tdes_ecb(i):
    key, data = i.tdes_key(), i.bytes(8 * i.random.randint(1, 8))
    return "tdes_ecb", {"key": text(key), "plaintext": text(data)}, {
        "ciphertext": text(psec.des.encrypt_tdes_ecb(key, data))}


# SM3, SM4, key agreement and derivation


@operation("cryptography")
def sm4_modes(i):
    key, data = i.bytes(16), i.bytes(16 * i.random.randint(1, 8))
    inputs = {"key": text(key), "plaintext": text(data)}
    if i.random.random() < 0.5:
        return "sm4_ecb", inputs, {"ciphertext": text(sm4(key, data))}
    vector = i.bytes(16)
    return "sm4_cbc", {**inputs, "iv": text(vector)}, {"ciphertext": text(sm4(key, data, vector))}


@operation("cryptography")
def sm3(i):
    message = i.bytes(i.length(300))
    return "sm3", {"message": text(message)}, {"digest": text(hash_of(message, hashes.SM3()))}


@operation("cryptography")
def ecdh(i):
    name, curve, size = i.random.choice([
        ("p256", ec.SECP256R1(), 32), ("p384", ec.SECP384R1(), 48), ("p521", ec.SECP521R1(), 66)])
    own, peer = (ec.derive_private_key(i.random.getrandbits(8 * size - 16) + 1, curve) for _ in range(2))
    point = peer.public_key().public_numbers()
    inputs = {
        "private_key": text(own.private_numbers().private_value.to_bytes(size, "big")),
        "peer_x": text(point.x.to_bytes(size, "big")), "peer_y": text(point.y.to_bytes(size, "big")),
    }
    return f"ecdh_{name}", inputs, {"z": text(own.exchange(ec.ECDH(), peer.public_key()))}


@operation("cryptography")
def x963(i):
    name, digest = i.random.choice([
        ("SHA-1", hashes.SHA1()), ("SHA-224", hashes.SHA224()), ("SHA-256", hashes.SHA256()),
        ("SHA-384", hashes.SHA384()), ("SHA-512", hashes.SHA512()),
    ])
    secret, shared, count = i.bytes(i.random.randint(16, 66)), i.bytes(i.length(80)), i.random.randint(1, 150)
    key = X963KDF(digest, count, shared).derive(secret)
    return "x963_kdf", {"hash": name, "z": text(secret), "shared_info": text(shared)}, {"key_data": text(key)}


@operation("cryptography")
def counter_kdf(i):
    fixed, count, counter = i.bytes(i.random.randint(1, 80)), i.random.randint(1, 60), i.random.choice([1, 2, 4])
    arguments = {
        "mode": Mode.CounterMode, "length": count, "rlen": counter, "llen": None,
        "location": CounterLocation.BeforeFixed, "label": None, "context": None, "fixed": fixed,
    }
    if i.random.random() < 0.5:
        name, digest = i.random.choice([("SHA1", hashes.SHA1()), ("SHA256", hashes.SHA256()), ("SHA512", hashes.SHA512())])
        op, prf, key = "sp800_108_counter_hmac", f"HMAC_{name}", i.bytes(i.random.randint(16, 64))
        output = KBKDFHMAC(digest, **arguments).derive(key)
    else:
        key = i.aes_key()
        op, prf = "sp800_108_counter_cmac", f"CMAC_AES{8 * len(key)}"
        output = KBKDFCMAC(algorithms.AES, **arguments).derive(key)
    inputs = {
        "prf": prf, "r_bits": 8 * counter, "key": text(key), "fixed_input": text(fixed), "L_bits": 8 * count}
    return op, inputs, {"key_out": text(output)}
