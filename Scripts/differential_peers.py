# SPDX-License-Identifier: Apache-2.0
"""Random inputs, and what the Python peers make of them: psec (PIN blocks, PIN and card verification, MACs, key
blocks), pyemv (EMV), pydukpt (TDES DUKPT), and pyca/cryptography below them (CMAC, KDFs, ECDH, SM3, SM4)."""

import warnings

warnings.filterwarnings("ignore")

import psec  # noqa: E402
from cryptography.hazmat.primitives import cmac, hashes, hmac  # noqa: E402
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: E402

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

TABLE_DIGITS = "0123456789"


def text(data):
    """Upper-case hexadecimal, as in every vector file."""
    return data.hex().upper()


class Inputs:
    """Random inputs of a seed; the same seed gives the same inputs."""

    def __init__(self, generator):
        self.random = generator

    def bytes(self, count):
        return self.random.randbytes(count)

    def length(self, most):
        """Short more often than long, and the ends always possible."""
        return self.random.choice([0, most, self.random.randint(0, most), self.random.randint(0, min(40, most))])

    def digits(self, least, most=None):
        count = self.random.randint(least, most or least)
        return "".join(self.random.choices(TABLE_DIGITS, k=count))

    def pin(self):
        return self.digits(4, 12)

    def pan(self, least=13, most=19):
        return self.digits(least, most)

    def tdes_key(self, lengths=(16, 24)):
        return self.bytes(self.random.choice(lengths))

    def aes_key(self):
        return self.bytes(self.random.choice([16, 24, 32]))

    def changed(self, data):
        """The same bytes with one nibble or one bit changed, or with none."""
        output = bytearray(data)
        kind = self.random.randrange(4)
        if kind > 0:
            place = self.random.randrange(len(output))
            output[place] ^= 1 << self.random.randrange(8) if kind == 1 else self.random.randrange(1, 16) << (4 * (kind - 2))
        return bytes(output)


def cmac_of(algorithm, message):
    code = cmac.CMAC(algorithm)
    code.update(message)
    return code.finalize()


def tdes_cmac(key, message):
    return cmac_of(TripleDES(key), message)


def aes_cmac(key, message):
    return cmac_of(algorithms.AES(key), message)


def hmac_of(key, message, digest):
    code = hmac.HMAC(key, digest)
    code.update(message)
    return code.finalize()


def hash_of(message, digest):
    code = hashes.Hash(digest)
    code.update(message)
    return code.finalize()


def sm4(key, data, vector=None):
    cipher = Cipher(algorithms.SM4(key), modes.CBC(vector) if vector else modes.ECB()).encryptor()
    return cipher.update(data) + cipher.finalize()


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right))


class AESDUKPT:
    """X9.24-3 written out over psec's AES: no peer on PyPI has it."""

    TYPES = {
        "TDES2": (0, 128), "TDES3": (1, 192), "AES128": (2, 128), "AES192": (3, 192), "AES256": (4, 256),
        "HMAC128": (5, 128), "HMAC192": (5, 192), "HMAC256": (5, 256),
    }
    LENGTHS = {16: "AES128", 24: "AES192", 32: "AES256"}

    @classmethod
    def data(cls, usage, type_name, tail, block=1):
        algorithm, bits = cls.TYPES[type_name]
        return (
            bytes([1, block]) + usage.to_bytes(2, "big") + algorithm.to_bytes(2, "big") + bits.to_bytes(2, "big") + tail
        )

    @classmethod
    def derive(cls, key, usage, type_name, tail):
        bits = cls.TYPES[type_name][1]
        blocks = [cls.data(usage, type_name, tail, block) for block in range(1, 2 + (bits > 128))]
        return psec.aes.encrypt_aes_ecb(key, b"".join(blocks))[: bits // 8]

    @classmethod
    def initial_key(cls, bdk, identifier):
        return cls.derive(bdk, 0x8001, cls.LENGTHS[len(bdk)], identifier)

    @classmethod
    def transaction_key(cls, initial, identifier, counter):
        key, so_far = initial, 0
        for bit in range(31, -1, -1):
            if counter >> bit & 1:
                so_far |= 1 << bit
                key = cls.derive(key, 0x8000, cls.LENGTHS[len(initial)], identifier[4:] + so_far.to_bytes(4, "big"))
        return key

    @classmethod
    def working_key(cls, key, identifier, counter, usage, type_name):
        return cls.derive(key, usage, type_name, identifier[4:] + counter.to_bytes(4, "big"))


def decimal(word, letters, count):
    """The decimal digits from the left, then the letters from the left as `letters` says."""
    digits = [int(character, 16) for character in text(word)]
    output = [digit for digit in digits if digit < 10]
    output += [letters(place, digit) for place, digit in enumerate(digits) if digit > 9]
    return "".join(map(str, output[:count]))


def card_value(cvk, pan, expiry, service, count=3):
    """By psec's DES. psec's own value has no second pass: of a word with one or two decimal digits it gives no more."""
    data = bytes.fromhex((pan + expiry + service).ljust(32, "0"))
    first = psec.des.encrypt_tdes_ecb(cvk[:8], data[:8])
    word = psec.des.encrypt_tdes_ecb(cvk, xor(first, data[8:]))
    value = decimal(word, lambda _, digit: digit - 10, count)
    assert value.startswith(psec.cvv.generate_cvv(cvk, pan, expiry, service)[:count])
    return value
