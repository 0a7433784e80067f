"""Whether a folder is on a disk of this machine: the ledger's write-ahead log needs shared memory and real locks.

SQLite's documentation (wal.html): "All processes using a database must be on
the same host computer; WAL does not work over a network filesystem."
"""

from __future__ import annotations

import re
from pathlib import Path

from safelight.errors import StoreError

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.goofys", "fuse.cephfs", "fuse.davfs2"),
        *("fuse.gcsfuse", "fuse.juicefs", "fuse.mount-s3", "davfs", "acfs"),
    }
)
# Local at one end and perhaps not at the other: a shared folder of a virtual machine, or any program behind FUSE.
DOUBTFUL = frozenset({"9p", "virtiofs", "vboxsf", "fuse.vmhgfs-fuse", "prl_fs", "fuse.osxfs", "fuse.grpcfuse"})


def kind_of(path: Path, mounts: str | None = None) -> str:
    """Return the type of the file system that holds `path`: ``"ext4"``, ``"nfs4"``...; "" where nobody says.

    Parameters
    ----------
    path : Path
        Need not exist.
    mounts : str, optional
        The text of ``/proc/self/mountinfo``; read from there by default.

    Examples
    --------
    >>> kind_of(Path("/nas/shoots"), "36 25 0:40 / /nas rw - nfs4 nas:/x rw")
    'nfs4'
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
        except OSError:
            return ""
    found, best = "", -1
    target = path.resolve() if path.exists() else path
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")[0]
        if len(fields) < 5 or not kind:
            continue
        point = Path(_unescaped(fields[4]))
        # A later line is mounted over an earlier one on the same folder.
        if target.is_relative_to(point) and len(point.parts) >= best:
            found, best = kind, len(point.parts)
    return found


def require_local(path: Path, kind: str) -> tuple[str, ...]:
    """Refuse a network file system; return warnings about one that may be.

    Raises
    ------
    StoreError
        If `kind` is a network file system.
    """
    if kind in NETWORK:
        raise StoreError(
            f"{path} is on a network file system ({kind}); the ledger needs a disk of this machine, or commits can "
            "be lost. Keep the store on a local disk (--store); originals may stay where they are"
        )
    if kind in DOUBTFUL or kind.startswith("fuse."):
        return (
            f"{path} is on {kind}, which may not keep what it was told to sync; a disk of this machine is safer "
            "for the store",
        )
    return ()


def _unescaped(text: str) -> str:
    r"""Read the octal escapes of mountinfo: a space is ``\040``."""
    return re.sub(r"\\([0-7]{3})", lambda each: chr(int(each[1], 8)), text)
