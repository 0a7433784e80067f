"""Tell another system what happened, as Standard Webhooks 1.0 asks, and never be made to knock at a private door.

The address is resolved once; every answer of the resolver must be public, and the connection goes to the one that was
looked at, so that a name that changes its mind in between changes nothing. Redirects are not followed.

References
----------
Standard Webhooks 1.0: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature: v1,<base64 HMAC-SHA256 of
id.timestamp.body>``; a secret of 24 to 64 bytes, spelled ``whsec_<base64>``; the id stays the same over retries.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from safelight import __version__
from safelight.errors import DeliveryTargetError, UsageError

TOLERANCE_S = 300
MOST_BYTES = 20_000
_WAITS_S: tuple[float, ...] = (0.0, 1.0, 5.0, 30.0)
_ANSWER_S = 15.0
_PREFIX = "whsec_"
_SECRET_BYTES = 32

# NAT64, and the form of IPv4 inside IPv6 that RFC 4291 gave up: both carry an address in their last 32 bits.
_CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))

Resolve = Callable[[str, int], Sequence[str]]  # host, port -> addresses


@dataclass(frozen=True)
class Hook:
    """Where events go.

    Parameters
    ----------
    url : str
        https, or http where `private`.
    secret : str
        ``whsec_...``.
    private : bool
        True lets it be an address of the studio's own network; set by an admin, never by what is delivered.
    """

    url: str
    secret: str
    private: bool = False


@dataclass(frozen=True)
class Event:
    """What happened: dotted type, thin data, and an id that stays the same however often it is sent."""

    id: str
    type: str
    at: str
    data: Mapping[str, Any]

    def body(self) -> bytes:
        """Return the body as it is signed.

        Raises
        ------
        UsageError
            If it is 20 kB or more: events are thin, what they are about is fetched.
        """
        told = json.dumps(
            {"type": self.type, "timestamp": self.at, "data": dict(self.data)}, sort_keys=True, separators=(",", ":")
        ).encode("ascii")
        if len(told) >= MOST_BYTES:
            raise UsageError(f"the event {self.type} has {len(told):,} bytes; a webhook takes under {MOST_BYTES:,}")
        return told


def new_secret() -> str:
    """Return a fresh secret, ``whsec_`` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def sign(secret: str, event_id: str, at_s: int, body: bytes) -> str:
    """Return the signature header.

    Examples
    --------
    >>> secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    >>> sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    told = f"{event_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), told, hashlib.sha256).digest()).decode("ascii")


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_s: float, seen: Collection[str] = ()) -> str:
    """Check a webhook that came in, for receivers written in Python, and return its id.

    Parameters
    ----------
    headers : mapping
        In whatever case.
    seen : collection of str
        Ids that were taken before: an event counts once.

    Raises
    ------
    UsageError
        If the signature is not over these bytes, the time is more than 5 minutes off, or the id was seen.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, at, given = lower["webhook-id"], int(lower["webhook-timestamp"]), lower["webhook-signature"]
    except (KeyError, ValueError):
        raise UsageError("this is no webhook: webhook-id, webhook-timestamp and webhook-signature are needed") from None
    if abs(now_s - at) > TOLERANCE_S:
        raise UsageError(f"the webhook {event_id} was signed {abs(now_s - at):.0f} s off; {TOLERANCE_S} s are allowed")
    wanted = sign(secret, event_id, at, body)
    if not any(hmac.compare_digest(each, wanted) for each in given.split(" ")):
        raise UsageError(f"the webhook {event_id} is not signed with this secret, or was changed on its way")
    if event_id in seen:
        raise UsageError(f"the webhook {event_id} was taken before")
    return event_id


def send(hook: Hook, event: Event, *, resolve: Resolve | None = None, waits_s: Sequence[float] = _WAITS_S) -> int:
    """Send an event until it is taken, and return how many tries that took.

    Parameters
    ----------
    hook : Hook
    event : Event
    resolve : callable (host, port) -> addresses, optional
        The system's resolver by default.
    waits_s : sequence of float, seconds
        Before each try.

    Raises
    ------
    DeliveryTargetError
        If the address is private, or no try was answered with 2xx; 4xx other than 408 and 429 is not tried again.
    """
    body, said = event.body(), ""
    for tries, wait in enumerate(waits_s, start=1):
        time.sleep(wait)
        # Every try is of a fresh moment: a receiver refuses old ones.
        at_s = int(time.time())
        try:
            status = _post(hook, _headers(hook, event.id, at_s, body), body, resolve or addresses_of)
        except (OSError, http.client.HTTPException) as error:
            said = f"{type(error).__name__}: {error}"
            continue
        if 200 <= status < 300:
            return tries
        said = f"status {status}"
        if 300 <= status < 500 and status not in (408, 429):
            break
    raise DeliveryTargetError(
        f"{_shown(hook.url)} did not take {event.type} ({said}); it is kept and can be sent again"
    )


def check_url(url: str, *, private: bool) -> None:
    """Refuse what is no address that events may go to, by its words alone.

    Raises
    ------
    UsageError
        Saying what is allowed.
    """
    parts = urlsplit(url)
    allowed = ("https", "http") if private else ("https",)
    if parts.scheme not in allowed or not parts.hostname:
        raise UsageError(f"{_shown(url)} is no address for events; it takes {' or '.join(allowed)}://host/path")
    if parts.username or parts.password or parts.fragment:
        raise UsageError(f"{_shown(url)} carries a name, password or fragment; secrets belong in --secret")
    if any(ord(each) <= 32 or ord(each) == 127 for each in url):
        raise UsageError("an address for events has no spaces or control characters")


def is_public(address: str) -> bool:
    """Whether an IP address is one that everybody may reach.

    IPv6 forms that carry an IPv4 address are judged by what they carry.

    Examples
    --------
    >>> [is_public(each) for each in ("8.8.8.8", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in each for each in _CARRIERS):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def _headers(hook: Hook, event_id: str, at_s: int, body: bytes) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "user-agent": f"safelight/{__version__}",
        "webhook-id": event_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": sign(hook.secret, event_id, at_s, body),
    }


def _post(hook: Hook, headers: Mapping[str, str], body: bytes, resolve: Resolve) -> int:
    check_url(hook.url, private=hook.private)
    parts = urlsplit(hook.url)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _chosen(hook, host, port, resolve)
    with socket.create_connection((address, port), _ANSWER_S) as plain:
        line = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
        connection.sock = line
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            answer.read(1 << 16)
            return answer.status
        finally:
            connection.close()


def _chosen(hook: Hook, host: str, port: int, resolve: Resolve) -> str:
    """Resolve once, refuse if any answer is private, and return the address that is connected to."""
    addresses = list(resolve(host, port))
    if not addresses:
        raise OSError(f"{host} has no address")
    bad = [] if hook.private else [each for each in addresses if not is_public(each)]
    if bad:
        raise DeliveryTargetError(
            f"{_shown(hook.url)} leads to {bad[0]}, an address of a private network; events go to public ones, unless "
            "the hook was added with --private"
        )
    return addresses[0]


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Return the addresses that a name leads to, asked once.

    Raises
    ------
    OSError
        If the name does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _shown(url: str) -> str:
    """Return an address without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:200]


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise UsageError(f"a webhook's secret is {_PREFIX} and 24 to 64 bytes in base64")
    return key
