"""Every error that safelight raises on purpose, as one tree.

::

    SafelightError                  exit 1
    ├── UsageError                  exit 2   the words were wrong
    │   ├── ParameterError          a parameter is unknown or out of range
    │   ├── UnknownNameError        no step, check, workflow, batch... of that name
    │   │   └── MissingError        no such thing, or none that this actor may see
    │   └── DeclarationError        a workflow or style guide does not hold; names file and line
    ├── MediaError                  exit 3   a file cannot be used
    │   ├── UnreadableError         damaged, truncated, empty
    │   ├── UnsupportedFormatError  whole, but nothing here reads it
    │   └── TooLargeError           beyond the pixel or byte limits
    ├── StoreError                  exit 1
    │   ├── NoStoreError            exit 10
    │   ├── StoreLockedError        exit 11
    │   ├── OwnerLeftError          who owned the store left before it took a command; nothing was done
    │   ├── StoreOfflineError       the folder is not mounted or its marker is missing
    │   ├── BlobMissingError        a blob is not where its hash says
    │   └── BlobDamagedError        a blob's bytes do not match its name
    ├── OriginalChangedError        a referenced original is missing or other than it was
    ├── AccessDeniedError           this actor may not do this
    │   └── SignInError             nobody is signed in, or the session has ended
    ├── ConflictError               somebody was first; nothing was recorded
    │   └── UnderwayError           the same request is being carried out; its answer comes to whoever asks again
    ├── LimitError                  too much or too often; later it is welcome
    ├── GateClosedError             a gate has not been passed; nothing was delivered
    ├── ReturnRefusedError          a file that came back does not belong, or not as it is; nothing was taken in
    ├── DeliveryTargetError         a folder, a bucket or a webhook did not take what was sent, or may not be sent to
    ├── CredentialError             a certificate, key or signer does not serve; nothing was signed
    ├── ModelError                  a model's weights are missing or not what the registry says
    └── WorkError                   a worker gave no result
        ├── WorkerDiedError
        └── WorkTimeoutError

A message names the thing, its value, what is allowed and the way out.
"""

from __future__ import annotations


class SafelightError(Exception):
    """The root of every error raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(SafelightError):
    """The words of a command, a file of settings or a call were wrong."""

    exit_code = 2


class ParameterError(UsageError):
    """A parameter is unknown, of the wrong type or out of its range."""


class UnknownNameError(UsageError):
    """Nothing of that name is installed or known; the message lists what is."""


class MissingError(UnknownNameError):
    """There is no such thing, or none that the actor may see: both are told alike."""


class DeclarationError(UsageError):
    """A workflow, style guide or rule pack does not hold; the message names file, line, value and range."""


class MediaError(SafelightError):
    """A file cannot be used as a picture."""

    exit_code = 3


class UnreadableError(MediaError):
    """A file is damaged, truncated, empty or not what its header says."""


class UnsupportedFormatError(MediaError):
    """A file is whole, but no reader for it is installed or allowed."""


class TooLargeError(MediaError):
    """A picture is beyond the limits; found in the header, before any pixel was decoded."""


class StoreError(SafelightError):
    """Something is wrong with the store."""


class NoStoreError(StoreError):
    """There is no store where one was looked for."""

    exit_code = 10


class StoreLockedError(StoreError):
    """Another process owns the store and does not answer."""

    exit_code = 11


class OwnerLeftError(StoreError):
    """The process that owned the store left before it took a command up: nothing was done, and the store is free."""


class StoreOfflineError(StoreError):
    """The store's marker is not there: a disk that is not mounted, never an empty store."""


class BlobMissingError(StoreError):
    """A blob is not where its hash says."""


class BlobDamagedError(StoreError):
    """A blob's bytes do not hash to its name."""


class OriginalChangedError(SafelightError):
    """A referenced original is missing (`offline`) or is no longer the file that was read (`changed`)."""


class AccessDeniedError(SafelightError):
    """The actor may not do this to that."""


class SignInError(AccessDeniedError):
    """Nobody is signed in, the session has ended, or name and password don't belong together."""


class ConflictError(SafelightError):
    """Somebody decided, took or changed it first; nothing was recorded, and what was sent is still the sender's."""


class UnderwayError(ConflictError):
    """The same request is being carried out at this moment; whoever sends it again in a second gets its answer."""


class LimitError(SafelightError):
    """Too much at once or too often; the message says when it is welcome again."""


class GateClosedError(SafelightError):
    """A gate has not been passed, so nothing was delivered."""


class ReturnRefusedError(SafelightError):
    """A file that came back from a retoucher belongs to nothing that went out, or can't be laid on it as it is."""


class DeliveryTargetError(SafelightError):
    """A folder, a bucket or a webhook did not take what was sent, or lies where nothing may be sent."""


class CredentialError(SafelightError):
    """A certificate, key or remote signer for content credentials does not serve; nothing was signed."""


class ModelError(SafelightError):
    """A model's weights are missing, can't be had, or are not what the registry says."""


class WorkError(SafelightError):
    """A worker gave no result."""


class WorkerDiedError(WorkError):
    """A worker process ended in the middle of its work."""


class WorkTimeoutError(WorkError):
    """A worker took longer than its limit."""
