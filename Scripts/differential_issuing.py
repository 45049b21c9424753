# SPDX-License-Identifier: Apache-2.0
"""One function an operation: random inputs, and the answer of a peer. Card values, PIN fields, variant LMKs, what UnionPay
builds with TDES and SM4, and SM2; single-length keys and odd lengths where they are legal."""

import psec
from cryptography.hazmat.primitives import hashes
from pyemv import kd

from differential_peers import card_value, cmac_of, decimal, hash_of, hmac_of, sm4, text, xor
from differential_vectors import operation

from cryptography.hazmat.primitives.ciphers import algorithms

# Cards


@operation("psec's DES, written out")
def cvv_of_any_length(i):
    cvk, pan, expiry, service, count = i.tdes_key((16,)), i.pan(12), i.digits(4), i.digits(3), i.random.randint(3, 5)
    value = card_value(cvk, pan, expiry, service, count)
    return "cvv", {"cvk": text(cvk), "pan": pan, "expiry": expiry, "service_code": service}, {"value": value}


@operation("psec")
def cavv(i):
    cvk, pan, number, result, factor = i.tdes_key((16,)), i.pan(12), i.digits(4), i.digits(1), i.digits(2)
    inputs = {
        "cvk": text(cvk), "pan": pan, "unpredictable_number": number, "auth_result_code": result,
        "second_factor_code": factor,
    }
    return "cavv_cvd_method", inputs, {"value": card_value(cvk, pan, number, result + factor)}


@operation("psec, pyemv")
def dcvv(i):
    issuer, pan, sequence, option = i.tdes_key((16,)), i.pan(12), i.digits(2), i.random.choice("AB")
    expiry, service, counter = i.digits(4), i.digits(3), i.digits(4)
    key = (kd.derive_icc_mk_a if option == "A" else kd.derive_icc_mk_b)(issuer, pan, sequence)
    inputs = {
        "imk_dcvv": text(issuer), "pan": pan, "psn": sequence, "mk_derivation": option, "expiry": expiry,
        "service_code": service, "atc": counter,
    }
    return "dcvv", inputs, {"value": card_value(key, counter + pan[4:], expiry, service)}


@operation("psec's DES, written out")
def card_security_code(i):
    key, network, expiry = i.tdes_key((16,)), i.random.choice(["34", "37"]), i.digits(4)
    account, last = i.digits(12), i.digits(1)
    word = psec.des.encrypt_tdes_ecb(key, bytes.fromhex(expiry + account if network == "37" else account + expiry))
    inputs = {"csck": text(key), "pan": network + account + last, "expiry": expiry}
    if i.random.random() < 0.5:
        inputs["service_code"] = i.digits(3)
        word = psec.des.encrypt_tdes_ecb(key, xor(word, bytes.fromhex(inputs["service_code"].ljust(16, "0"))))
    codes = decimal(word, lambda place, digit: digit - 9 if place < 5 else (digit - 4) % 10, 12)
    return "amex_csc", inputs, {"csc5": codes[:5], "csc4": codes[5:9], "csc3": codes[9:]}


# PINs


@operation("psec")
def pin_verification_of_any_key(i):
    pvk, pin, pan, index = i.tdes_key((8, 16, 24)), i.pin(), i.pan(12), str(i.random.randint(0, 6))
    value = psec.pin.generate_visa_pvv(pvk, index, pin[:4], pan)
    return "visa_pvv", {"pvk": text(pvk), "pvki": index, "pin": pin, "pan": pan}, {"pvv": value}


@operation("psec")
def padded_offset(i):
    pvk, data, table, offset = i.tdes_key((8, 16, 24)), i.digits(16), i.digits(16), i.digits(4, 12)
    pin = psec.pin.generate_ibm3624_pin(pvk, table, offset, data, 0, 16, "0")
    inputs = {"pvk": text(pvk), "decimalization_table": table, "validation_data": data}
    if i.random.random() < 0.5:
        return "ibm3624", {**inputs, "offset": offset.ljust(12, "F")}, {"pin": pin}
    return "ibm3624", {**inputs, "pin": pin}, {"offset": offset}


def pan_block(header, pin, fill, pan):
    """Formats 0 and 3, for the PANs of 12 digits too, which psec does not take."""
    return xor(bytes.fromhex(f"{header}{len(pin):X}{pin}{fill}"), bytes.fromhex(pan[-13:-1].rjust(16, "0")))


@operation("ISO 9564-1, written out")
def format3(i):
    pin, pan = i.pin(), i.pan(12)
    fill = "".join(i.random.choices("ABCDEF", k=14 - len(pin)))
    block = pan_block(3, pin, fill, pan)
    if len(pan) > 12:
        assert psec.pinblock.decode_pinblock_iso_3(block, pan) == pin
    return "iso9564_format3", {"pin": pin, "pan": pan, "fill_digits": fill}, {"block": text(block)}


@operation("psec")
def format4_encipher(i):
    pin, pan, key = i.pin(), i.pan(least=12), i.aes_key()
    block = psec.pinblock.encipher_pinblock_iso_4(key, pin, pan)
    middle = psec.aes.decrypt_aes_ecb(key, block)
    field = psec.aes.decrypt_aes_ecb(key, xor(middle, psec.pinblock.encode_pan_field_iso_4(pan)))
    if i.random.random() < 0.3:
        return "iso9564_format4_pin_field", {"pin": pin, "random": text(field[8:])}, {"pin_field": text(field)}
    inputs = {"key": text(key), "pin": pin, "pan": pan, "random": text(field[8:])}
    return "iso9564_format4_encipher", inputs, {"block": text(block)}


@operation("psec")
def format_tdes(i):
    pin, pan, key = i.pin(), i.pan(12), i.tdes_key((8, 16, 24))
    if i.random.random() < 0.5:
        block = psec.des.encrypt_tdes_ecb(key, psec.pinblock.encode_pinblock_iso_2(pin))
        return "iso9564_format2_tdes", {"key": text(key), "pin": pin}, {"encrypted_block": text(block)}
    block = psec.des.encrypt_tdes_ecb(key, pan_block(0, pin, "F" * (14 - len(pin)), pan))
    inputs = {"key": text(key).lower(), "encrypted_block": text(block).lower(), "pan": pan}
    return "iso9564_format0_tdes", inputs, {"pin": pin}


# Keys


VARIANTS = [0, 0xA6, 0x5A, 0x6A, 0xDE, 0x2B, 0x50, 0x74, 0x9C, 0xFA]
SCHEMES = {"Z": [0], "U": [0xA6, 0x5A], "T": [0x6A, 0xDE, 0x2B]}


@operation("psec's DES, written out")
def variant_lmk(i):
    pair, scheme, variant = i.tdes_key((16,)), i.random.choice("ZUT"), i.random.randrange(10)
    key = psec.des.adjust_key_parity(i.bytes(8 * len(SCHEMES[scheme])))
    encrypted = b""
    for place, value in enumerate(SCHEMES[scheme]):
        lmk = bytearray(pair)
        lmk[0] ^= VARIANTS[variant]
        lmk[8] ^= value
        encrypted += psec.des.encrypt_tdes_ecb(bytes(lmk), key[8 * place :][:8])
    inputs = {
        "key_type": f"{variant}00", "lmk_pair": text(pair), "variant": variant, "scheme": scheme, "clear_key": text(key)}
    return "encrypt_key_under_variant_lmk", inputs, {
        "key_under_lmk": text(encrypted), "kcv": text(psec.des.generate_kcv(key, i.random.randint(2, 8)))}


@operation("psec, cryptography")
def components_of_any_algorithm(i):
    name, count = i.random.choice([("DES", 8), ("TDES", 16), ("TDES", 24), ("AES", 16), ("AES", 24), ("AES", 32)])
    parts = [i.bytes(count) for _ in range(i.random.randint(2, 5))]
    key = parts[0]
    for part in parts[1:]:
        key = xor(key, part)
    code = cmac_of(algorithms.AES(key), bytes(16))[:5] if name == "AES" else psec.des.generate_kcv(key, 3)
    inputs = {"components": [text(part) for part in parts], "algorithm": name}
    return "form_key_from_components", inputs, {"key_xor": text(key), "kcv": text(code)}


@operation("psec")
def single_length(i):
    key, data = i.bytes(8), i.bytes(8 * i.random.randint(1, 6))
    kind = i.random.randrange(3)
    if kind == 0:
        return "tdes_ecb", {"key": text(key), "ciphertext": text(psec.des.encrypt_tdes_ecb(key, data))}, {
            "plaintext": text(data)}
    if kind == 1:
        return "kcv_tdes_zeros", {"key": text(key)}, {"kcv": text(psec.des.generate_kcv(key, i.random.randint(1, 8)))}
    padding = i.random.randint(1, 3)
    code = psec.mac.generate_cbc_mac(key, data, padding)[: i.random.randint(4, 8)]
    return "iso9797_1_alg1_tdes", {"key": text(key), "message": text(data), "padding": str(padding)}, {"mac": text(code)}


# UnionPay and SM


def folded(message, size):
    padded = message + bytes(-len(message) % size or (size if not message else 0))
    output = bytes(size)
    for start in range(0, len(padded), size):
        output = xor(output, padded[start : start + size])
    return text(output).encode()


@operation("psec's DES, written out")
def unionpay_mac(i):
    key, message = i.tdes_key((8, 16, 24)), i.bytes(1 + i.length(200))
    digits = folded(message, 8)
    last = psec.des.encrypt_tdes_ecb(key, xor(psec.des.encrypt_tdes_ecb(key, digits[:8]), digits[8:]))
    return "unionpay_mac_ecb", {"mak": text(key), "mac_block_data": text(message)}, {
        "after_second_des": text(last), "mac_field64_ascii": text(last)[:8]}


@operation("cryptography's SM4, written out")
def unionpay_mac_sm4(i):
    key, message = i.bytes(16), i.bytes(1 + i.length(200))
    last = sm4(key, folded(message, 16), bytes(16))[-16:]
    return "unionpay_mac_sm4", {"mak": text(key), "mac_block_data": text(message)}, {
        "last_block": text(last), "mac_field64_ascii": text(last)[:8]}


def wrapped(master, key):
    return psec.des.encrypt_tdes_ecb(master, key), psec.des.generate_kcv(key, 4)


@operation("psec's DES, written out")
def unionpay_keys(i):
    master, count = i.tdes_key((16, 24)), i.random.choice([24, 40, 60])
    if count == 24:
        pin, mac = i.bytes(8), i.bytes(8)
    else:
        pin, mac = i.bytes(16), i.bytes(i.random.choice([8, 16]))
    field = b"".join(wrapped(master, pin))
    code, value = wrapped(master, mac)
    field += code.ljust(8 if count == 24 else 16, b"\0") + value
    expected = {
        "pik": text(pin), "pik_kcv": text(field[len(pin) :][:4]), "mak": text(mac), "mak_kcv": text(value)}
    if count == 60:
        track = i.bytes(16)
        field += b"".join(wrapped(master, track))
        expected |= {"tdk": text(track), "tdk_kcv": text(field[-4:])}
    return "unionpay_key_download", {"tmk": text(master), "field62": text(field)}, expected


@operation("cryptography's SM4, written out")
def unionpay_keys_sm4(i):
    master, keys = i.bytes(16), [i.bytes(16) for _ in range(i.random.choice([2, 3]))]
    field = b"".join(sm4(master, key) + sm4(key, bytes(16))[:4] for key in keys)
    expected = {}
    for name, key in zip(("pik", "mak", "tdk"), keys):
        expected |= {name: text(key), f"{name}_kcv": text(sm4(key, bytes(16))[:4])}
    return "unionpay_key_download", {"algorithm": "SM4", "tmk": text(master), "field62": text(field)}, expected


@operation("cryptography")
def sm4_codes(i):
    key, message = i.bytes(16), i.bytes(i.length(100))
    kind = i.random.randrange(3)
    if kind == 0:
        return "cmac_sm4", {"key": text(key), "message": text(message)}, {
            "mac": text(cmac_of(algorithms.SM4(key), message)[: i.random.randint(4, 16)])}
    if kind == 1:
        return "kcv_sm4_zeros", {"key": text(key)}, {"kcv": text(sm4(key, bytes(16))[: i.random.randint(1, 16)])}
    padding = i.random.choice([1, 2])
    padded = (psec.mac.pad_iso_1 if padding == 1 else psec.mac.pad_iso_2)(message, 16)
    return "sm4_cbc_mac", {"key": text(key), "message": text(message), "padding": padding}, {
        "mac": text(sm4(key, padded, bytes(16))[-16:])}


@operation("cryptography")
def hmac_of_any_key(i):
    key, message = i.bytes(i.length(200)), i.bytes(i.length(300))
    name, digest = i.random.choice([
        ("sha1", hashes.SHA1()), ("sha224", hashes.SHA224()), ("sha256", hashes.SHA256()),
        ("sha384", hashes.SHA384()), ("sha512", hashes.SHA512()), ("sm3", hashes.SM3()),
    ])
    code = hmac_of(key, message, digest)
    return f"hmac_{name}", {"key": text(key).lower(), "message": text(message).lower()}, {
        "mac": text(code[: i.random.choice([4, 8, 16, len(code)])])}


# The curve of GB/T 32918.5 and its arithmetic, since no peer takes a `k`.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def add(left, right):
    if left is None or right is None:
        return left or right
    if left[0] == right[0]:
        if (left[1] + right[1]) % P == 0:
            return None
        slope = (3 * left[0] * left[0] + A) * pow(2 * left[1], -1, P)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, P)
    x = (slope * slope - left[0] - right[0]) % P
    return x, (slope * (left[0] - x) - left[1]) % P


def times(factor, point):
    output = None
    while factor:
        if factor & 1:
            output = add(output, point)
        point = add(point, point)
        factor >>= 1
    return output


def b32(number):
    return number.to_bytes(32, "big")


@operation("GB/T 32918, written out over cryptography's SM3")
def sm2(i):
    private, k = i.random.randrange(1, N - 1), i.random.randrange(1, N)
    public, point, message = times(private, G), times(k, G), i.bytes(1 + i.length(100))
    sm3 = lambda data: hash_of(data, hashes.SM3())  # noqa: E731
    inputs = {"public_x": text(b32(public[0])), "public_y": text(b32(public[1])), "message": text(message), "k": text(b32(k))}
    if i.random.random() < 0.5:
        shared = b"".join(map(b32, times(k, public)))
        stream = b"".join(sm3(shared + count.to_bytes(4, "big")) for count in range(1, 2 + len(message) // 32))
        return "sm2_encrypt", inputs, {
            "c1_x": text(b32(point[0])), "c1_y": text(b32(point[1])),
            "c3": text(sm3(shared[:32] + message + shared[32:])), "c2": text(xor(message, stream))}
    user = i.bytes(i.random.randint(1, 40))
    curve = b"".join(map(b32, (A, B, *G, *public)))
    za = sm3((8 * len(user)).to_bytes(2, "big") + user + curve)
    r = (int.from_bytes(sm3(za + message), "big") + point[0]) % N
    s = pow(1 + private, -1, N) * (k - r * private) % N
    return "sm2_sign", {**inputs, "private_key": text(b32(private)), "user_id": text(user)}, {
        "za": text(za), "r": text(b32(r)), "s": text(b32(s))}
