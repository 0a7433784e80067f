"""Put delivered files in their folder: whole or not at all, never over something else, twice without harm."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from safelight.delivery.names import problem_of
from safelight.errors import DeliveryTargetError, UsageError

_PIECE = 1 << 20
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@dataclass(frozen=True)
class Placed:
    """A file that lies where it belongs; `was_there` if the very same bytes lay there before."""

    path: Path
    sha256: str
    bytes: int
    was_there: bool


class Shelf:
    """A folder that files are delivered to; made if it is missing.

    Names are compared as file systems do that ignore upper and lower case, so
    that a delivery unpacks anywhere.

    Parameters
    ----------
    folder : Path
        One a channel.

    Raises
    ------
    DeliveryTargetError
        If the folder cannot be made or read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._names = {each.name.casefold(): each.name for each in os.scandir(folder)}
        except OSError as error:
            raise DeliveryTargetError(
                f"cannot deliver to {folder}: {error.strerror or error}; give another folder"
            ) from None

    def put(self, name: str, data: bytes) -> Placed:
        """Write a file atomically and durably: temporary file, fsync, link, fsync of the folder.

        Parameters
        ----------
        name : str
            A file name; anything that could leave the folder is refused.
        data : bytes

        Returns
        -------
        Placed

        Raises
        ------
        UsageError
            If the name is illegal, or another file has it: nothing is ever overwritten.
        DeliveryTargetError
            If the disk is full, faulty or read-only; nothing of the file lies there then.
        """
        wrong = problem_of(name)
        if wrong:
            raise UsageError(wrong)
        target, digest = self.folder / name, hashlib.sha256(data).hexdigest()
        there = self._names.get(name.casefold())
        if there is not None:
            return self._already(there, name, digest, len(data))
        temporary = self.folder / f".{secrets.token_hex(8)}.part"
        try:
            _write_through(temporary, data)
            if not _link(temporary, target):
                return self._already(name, name, digest, len(data))
        except OSError as error:
            raise DeliveryTargetError(f"cannot write {target}: {error.strerror or error}") from None
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
        self._names[name.casefold()] = name
        sync_folder(self.folder)
        return Placed(target, digest, len(data), was_there=False)

    def _already(self, there: str, name: str, digest: str, size: int) -> Placed:
        """Accept the same bytes under the same name; refuse anything else."""
        path = self.folder / there
        if there == name and _hash_of_regular(path) == digest:
            return Placed(path, digest, size, was_there=True)
        raise UsageError(
            f"{path} is there with other content; nothing is overwritten: deliver to another folder, move it away, "
            "or add {seq:03} to the names template"
        )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file of our own (a manifest) atomically, in the place of an older one.

    Raises
    ------
    DeliveryTargetError
        If the folder does not take it; the older one lies there then.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        _write_through(temporary, data)
        temporary.replace(path)
    except OSError as error:
        raise DeliveryTargetError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    sync_folder(path.parent)


def _write_through(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _link(temporary: Path, target: Path) -> bool:
    """Give the file its name unless something has it; False if so."""
    try:
        os.link(temporary, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here (FAT, some network shares): take the name first, then move into it.
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            return False
        try:
            temporary.replace(target)
        except OSError:
            target.unlink()  # the empty file that held the name
            raise
    return True


def _hash_of_regular(path: Path) -> str:
    """Return the hash of a regular file; "" for a link, a folder or a device."""
    return hash_file(path) if stat.S_ISREG(path.lstat().st_mode) else ""
