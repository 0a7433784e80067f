"""A small reader of content credentials, written from the standard: JUMBF, CBOR, COSE and the data hash.

It shares no code with the library under test, so that a signature is judged twice. Knows JPEG and Ed25519,
and tells where each part lies in the file, so that tests can harm exactly that.

References: C2PA Technical Specification 2.2; ISO 19566-5 (JUMBF); RFC 8949 (CBOR); RFC 9052 (COSE).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature


@dataclass
class Box:
    """A JUMBF superbox: its label, where its content lies in the file (start, end), and the boxes inside."""

    label: str
    start: int
    end: int
    children: list[Box] = field(default_factory=list)

    def find(self, label: str) -> Box:
        found = [each for each in self.walk() if each.label == label]
        assert found, f"no box called {label}"
        return found[0]

    def walk(self):
        yield self
        for each in self.children:
            yield from each.walk()


def read_jpeg(data: bytes) -> Box:
    """Return the manifest store of a JPEG whose credentials fit into one segment, as the newest manifest's box."""
    at = 2
    while data[at : at + 2] != b"\xff\xda":
        size = struct.unpack(">H", data[at + 2 : at + 4])[0]
        if data[at : at + 2] == b"\xff\xeb" and data[at + 4 : at + 6] == b"JP":
            store = _boxes(data, at + 12, at + 2 + size)[0]
            return store.children[-1]
        at += 2 + size
    raise AssertionError("no APP11 segment with JUMBF")


def _boxes(data: bytes, at: int, end: int) -> list[Box]:
    """Read boxes from `at` to `end`; a superbox begins with its description."""
    found = []
    while at + 8 <= end:
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"jumb":
            description = struct.unpack(">I", data[at + 8 : at + 12])[0]
            label = data[at + 8 + 8 + 17 : at + 8 + description].split(b"\0")[0].decode()
            inside = at + 8 + description
            children = _boxes(data, inside, at + size)
            content = [each for each in children if each.label == "="]
            start, stop = (content[0].start, content[0].end) if content else (inside, at + size)
            found.append(Box(label, start, stop, [each for each in children if each.label != "="]))
        elif kind in (b"cbor", b"json"):
            found.append(Box("=", at + 8, at + size))
        at += size
    return found


def verify_jpeg(data: bytes) -> list[str]:
    """Return what does not hold, [] for a file that is as it was signed."""
    manifest = read_jpeg(data)
    claim_box, signature_box = manifest.find("c2pa.claim.v2"), manifest.find("c2pa.signature")
    claim_bytes = data[claim_box.start : claim_box.end]
    claim = decode(claim_bytes)[0]
    wrong = []
    protected, unprotected, payload, signature = decode(data[signature_box.start : signature_box.end])[0].value
    if payload is not None and payload != claim_bytes:
        wrong.append("payload")
    header = decode(protected)[0]
    chain = header.get(33) or unprotected[33]
    leaf = x509.load_der_x509_certificate(chain[0] if isinstance(chain, list) else chain)
    signed = encode(["Signature1", protected, b"", claim_bytes])
    try:
        leaf.public_key().verify(signature, signed)
    except InvalidSignature:
        wrong.append("signature")
    for each in (*claim["created_assertions"], *claim.get("gathered_assertions", [])):
        box = manifest.find(each["url"].rsplit("/", 1)[-1])
        if hashlib.sha256(_content_of(data, box)).digest() != each["hash"]:
            wrong.append(f"assertion {box.label}")
    binding = manifest.find("c2pa.hash.data")
    told = decode(data[binding.start : binding.end])[0]
    rest, at = b"", 0
    for each in told["exclusions"]:
        rest += data[at : each["start"]]
        at = each["start"] + each["length"]
    if hashlib.sha256(rest + data[at:]).digest() != told["hash"]:
        wrong.append("data")
    return wrong


def _content_of(data: bytes, box: Box) -> bytes:
    """Return a superbox's description and content, without its own header: what hashed URIs hash."""
    at = data.rindex(b"jumd", 0, box.start) - 4
    return data[at : box.end]


@dataclass
class Tagged:
    """A tagged CBOR item."""

    tag: int
    value: object


def decode(data: bytes, at: int = 0):
    """Return (item, end) of one CBOR item."""
    major, minor = data[at] >> 5, data[at] & 31
    at += 1
    if minor < 24:
        number = minor
    elif minor < 28:
        size = 1 << (minor - 24)
        number, at = int.from_bytes(data[at : at + size]), at + size
    else:
        raise AssertionError("no indefinite lengths here")
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        piece = data[at : at + number]
        return (piece if major == 2 else piece.decode()), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = decode(data, at)
            items.append(item)
        return items, at
    if major == 5:
        table = {}
        for _ in range(number):
            key, at = decode(data, at)
            table[key], at = decode(data, at)
        return table, at
    if major == 6:
        item, at = decode(data, at)
        return Tagged(number, item), at
    simple = {20: False, 21: True, 22: None, 23: None}
    if minor in simple:
        return simple[minor], at
    return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[minor], number.to_bytes(1 << (minor - 24)))[0], at


def encode(item) -> bytes:
    """Spell what COSE signs: an array of a text and byte strings."""
    if isinstance(item, list):
        return _head(4, len(item)) + b"".join(encode(each) for each in item)
    kind = 3 if isinstance(item, str) else 2
    data = item.encode() if isinstance(item, str) else item
    return _head(kind, len(data)) + data


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    size = next(each for each in (1, 2, 4, 8) if number < 256**each)
    return bytes((major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size],)) + number.to_bytes(size)
