# SPDX-License-Identifier: Apache-2.0
"""ECDSA on P-256, written out over cryptography's points, and boxes sealed for a public key out of its parts."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from differential_peers import hash_of, text, xor
from differential_vectors import operation

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
COMPRESSED = (Encoding.X962, PublicFormat.CompressedPoint)
UNCOMPRESSED = (Encoding.X962, PublicFormat.UncompressedPoint)


def derived(scalar):
    """The private key of a scalar in hexadecimal."""
    return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())


def private_key(i):
    """A private key, and its scalar in 32 bytes."""
    scalar = i.random.randrange(1, ORDER)
    return derived(f"{scalar:x}"), scalar.to_bytes(32, "big")


def verifies(point, message, signature):
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    numbers = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        key.verify(utils.encode_dss_signature(*numbers), message, ec.ECDSA(hashes.SHA256()))
        return True
    except InvalidSignature:
        return False


@operation("FIPS 186-5 6.4.1, written out; verified by cryptography")
def ecdsa(i):
    key, scalar = private_key(i)
    message, k = i.bytes(i.length(200)), i.random.randrange(1, ORDER)
    r = derived(f"{k:x}").public_key().public_numbers().x % ORDER
    digest = int.from_bytes(hash_of(message, hashes.SHA256()), "big")
    s = pow(k, -1, ORDER) * (digest + r * int.from_bytes(scalar, "big")) % ORDER
    if i.random.random() < 0.3:
        s = ORDER - s  # belongs to the same message
    signature = i.changed(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    point = key.public_key().public_bytes(*UNCOMPRESSED)
    inputs = {
        "public_x": text(point[1:33]), "public_y": text(point[33:]), "message": text(message),
        "r": text(signature[:32]), "s": text(signature[32:])}
    return "ecdsa_p256_sha256_verify", inputs, {"verified": verifies(point, message, signature)}


@operation("cryptography")
def public_key(i):
    key, scalar = private_key(i)
    point = key.public_key().public_bytes(*UNCOMPRESSED)
    return "ecdsa_p256_public", {"private_key": text(scalar)}, {
        "public_x": text(point[1:33]), "public_y": text(point[33:]),
        "compressed": text(key.public_key().public_bytes(*COMPRESSED))}


def box_cipher(secret, version, ephemeral, recipient):
    info = b"sealed box" + bytes([version]) + ephemeral + recipient.public_bytes(*UNCOMPRESSED)
    derived = X963KDF(hashes.SHA256(), 44, info).derive(secret)
    return AESGCM(derived[:32]), derived[32:]


@operation("cryptography")
def sealed_box(i):
    (key, scalar), (ephemeral, _) = private_key(i), private_key(i)
    plaintext, data, version = i.bytes(i.length(300)), i.bytes(i.length(40)), i.random.choice([1, 2])
    number = i.random.choice([0, 1, i.random.getrandbits(32)]) if version == 2 else 0
    point = ephemeral.public_key().public_bytes(*COMPRESSED)
    cipher, nonce = box_cipher(ephemeral.exchange(ec.ECDH(), key.public_key()), version, point, key.public_key())
    header = bytes([version]) + point + (number.to_bytes(4, "big") if version == 2 else b"")
    box = header + cipher.encrypt(xor(nonce, number.to_bytes(12, "big")), plaintext, header + data)
    return "sealed_box_open", {
        "private_key": text(scalar), "box": text(box), "associated_data": text(data)}, {"plaintext": text(plaintext)}


def open_box(key, box, data):
    header = box[: {1: 34, 2: 38}[box[0]]]
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), header[1:34])
    cipher, nonce = box_cipher(key.exchange(ec.ECDH(), peer), box[0], header[1:34], key.public_key())
    return cipher.decrypt(xor(nonce, header[34:].rjust(12, b"\0")), box[len(header):], header + data)
