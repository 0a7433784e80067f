"""An S3-compatible store that files are delivered to: a key is written once and never again, and read back.

Access comes from the environment in AWS's own words (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
AWS_ENDPOINT_URL). Without keys nothing is tried: the machine's own metadata service is never asked for any.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from safelight.errors import DeliveryTargetError, UsageError

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.\-]{1,61}[a-z0-9])(?:/(.*))?")
_TRIES = 3  # of a reading; server errors are retried by the client itself
_RETRY_S = 60


@dataclass(frozen=True)
class Kept:
    """An object that lies where it belongs, read back; `was_there` if the very same bytes lay there before."""

    key: str
    sha256: str
    bytes: int
    was_there: bool


class Bucket:
    """A bucket and a prefix.

    Parameters
    ----------
    address : str
        ``s3://bucket/prefix``.
    environment : mapping
        Where access comes from.

    Raises
    ------
    UsageError
        If the address is none, there are no keys, the extra ``s3`` is not installed, or the endpoint is one where
        nothing may be sent.

    Notes
    -----
    Every write carries ``If-None-Match: *`` and a SHA-256 that the store checks; the object is then read back and
    hashed here. A store that answers 503 is asked again with longer and longer waits.
    """

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise UsageError(
                f"{address!r} is no address of a bucket; it takes s3://bucket/prefix, the bucket of 3 to 63 letters"
            )
        self.address = address.rstrip("/")
        self._prefix = (found[2] or "").strip("/")
        if self._prefix and any(part in ("", ".", "..") for part in self._prefix.split("/")):
            raise UsageError(f"{address!r} has an empty or dotted part in its prefix; write plain names")
        self._store = _client(found[1], environment)

    def put(self, name: str, data: bytes) -> Kept:
        """Write an object, read it back, and return it; the same bytes twice are one object.

        Raises
        ------
        DeliveryTargetError
            If another object has the key, the store refuses, gives up after retries, or gives back other bytes.
        """
        key = f"{self._prefix}/{name}" if self._prefix else name
        digest = hashlib.sha256(data).hexdigest()
        was_there, read = self._written(key, data)
        if hashlib.sha256(read).hexdigest() == digest:
            return Kept(key, digest, len(data), was_there)
        if was_there:
            raise DeliveryTargetError(
                f"{self.address}: {key} is there with other content; nothing is overwritten: name another prefix"
            )
        raise DeliveryTargetError(
            f"{self.address}: {key} reads back with other bytes ({len(read):,} of {len(data):,}); it is not counted as "
            "delivered: remove it there and run again"
        )

    def _written(self, key: str, data: bytes) -> tuple[bool, bytes]:
        """Write the object unless the key is taken, and read what lies there; (whether it was taken, its bytes)."""
        for wait in (0.1, 0.3, 1.0, 0.0):
            was_there = not self._create(key, data)
            read = self._read(key)
            if read is not None:
                return was_there, read
            # Told that somebody has the key, and nothing lies there: two writers met (409). Try again.
            time.sleep(wait)
        raise DeliveryTargetError(
            f"{self.address}: {key} could not be written: the store says that it is taken and has nothing there; "
            "run again later"
        )

    def _create(self, key: str, data: bytes) -> bool:
        """Write the object unless the key is taken; True if it was written now."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            # One request: a whole object or none, and one that the store checks against its hash.
            obstore.put(self._store, key, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        except (BaseError, OSError, ValueError) as error:
            raise DeliveryTargetError(f"{self.address}: {key} could not be written: {_said(error)}") from None
        return True

    def _read(self, key: str) -> bytes | None:
        """Return an object, None where there is none; an answer that was cut short is asked for again."""
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        said = ""
        for _ in range(_TRIES):
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except (FileNotFoundError, NotFoundError):
                return None
            except (BaseError, OSError, ValueError) as error:
                said = _said(error)
        raise DeliveryTargetError(f"{self.address}: {key} could not be read back: {said}")


def _client(bucket: str, environment: Mapping[str, str]) -> Any:  # noqa: ANN401 - the library's store
    try:
        from obstore.store import S3Store
    except ImportError:
        raise UsageError("delivering to a bucket needs the extra `s3`: pip install 'safelight[s3]'") from None
    key, secret = environment.get("AWS_ACCESS_KEY_ID", ""), environment.get("AWS_SECRET_ACCESS_KEY", "")
    if not (key and secret):
        raise UsageError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: a bucket needs keys to write to it")
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    plain = endpoint.startswith("http://")
    if plain and environment.get("AWS_ALLOW_HTTP", "").lower() not in ("1", "true"):
        raise UsageError(f"{endpoint} is not encrypted; use https, or set AWS_ALLOW_HTTP=true for a store of your own")
    if endpoint:
        _require_allowed(endpoint, own=environment.get("SAFELIGHT_S3_PRIVATE", "").lower() in ("1", "true") or plain)
    config: Any = {
        "access_key_id": key,
        "secret_access_key": secret,
        "region": environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
        "checksum_algorithm": "sha256",
        "conditional_put": "etag",
    }
    if environment.get("AWS_SESSION_TOKEN"):
        config["session_token"] = environment["AWS_SESSION_TOKEN"]
    if endpoint:
        config["endpoint"] = endpoint
    return S3Store(
        bucket,
        config=config,
        client_options={"allow_http": plain, "timeout": timedelta(seconds=_RETRY_S)},
        retry_config={"max_retries": 6, "retry_timeout": timedelta(seconds=_RETRY_S)},
    )


def _require_allowed(endpoint: str, *, own: bool) -> None:
    """Refuse an endpoint in this house's network unless the studio says that it is its own; the machine's always.

    A name that does not resolve is left to the client, which says so when it is asked to write.
    """
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    from safelight.delivery.webhook import addresses_of, is_public

    try:
        parts = urlsplit(endpoint)
        found = addresses_of(parts.hostname or "", parts.port or 443)
    except (OSError, ValueError):
        return
    # Where a cloud's machines keep their keys: never a bucket.
    if any(ip_address(each.partition("%")[0]).is_link_local for each in found):
        raise UsageError(f"{endpoint} is where this machine's own services are, and no bucket; name another endpoint")
    private = [each for each in found if not is_public(each)]
    if private and not own:
        raise UsageError(
            f"{endpoint} leads to {private[0]}, an address in a private network; set SAFELIGHT_S3_PRIVATE=true if that "
            "store is your own"
        )


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
