"""Who signs delivered files: a key of the store's own, the studio's certificate, or a program that holds the key.

The own key is made at first use. Nobody vouches for it, and its certificate says so; a studio that wants
"verified" brings a certificate from an authority that the readers of its files trust.
"""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from safelight.core.canonical import to_json
from safelight.errors import CredentialError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from safelight.store.io import Disk
    from safelight.store.layout import Layout

Kind = Literal["own", "studio", "program"]
SCHEMA = 1
_LIFE_DAYS = 3650  # of the own certificate; it is trusted by nobody, so nobody asks for a shorter one
_PROGRAM_S = 30
_RSA_LEAST = 2048
# Extended key usages that C2PA takes for signers: e-mail protection, document signing, claim signing.
_USAGES = frozenset({"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1"})


@dataclass(frozen=True)
class Signer:
    """What signs, as it lies in the store.

    Parameters
    ----------
    kind : {"own", "studio", "program"}
    algorithm : str
        ``"ed25519"``, ``"es256"``, ``"es384"``, ``"es512"``, ``"ps256"``.
    chain : str
        PEM, the signer's certificate first.
    key : str
        PEM, PKCS 8, not encrypted; "" where a program holds it.
    program : tuple of str
        Is given the bytes to sign on stdin and answers with the signature on stdout.
    """

    kind: Kind
    algorithm: str
    chain: str
    key: str = ""
    program: tuple[str, ...] = ()

    @property
    def certificate(self) -> Certificate:
        """The signer's own certificate."""
        return _certificates(self.chain)[0]

    def describe(self) -> dict[str, Any]:
        """Return who signs, until when, and whether anybody vouches for it; no secrets."""
        mine = self.certificate
        return {
            "kind": self.kind,
            "signer": _subject(mine),
            "algorithm": self.algorithm,
            "until": mine.not_valid_after_utc.date().isoformat(),
            "fingerprint": _fingerprint(mine),
            "vouched": self.kind != "own",
        }

    def require_valid(self, at: datetime.datetime) -> None:
        """Refuse a certificate that is not valid at a moment.

        Raises
        ------
        CredentialError
            Naming the certificate and its dates.
        """
        mine = self.certificate
        if not mine.not_valid_before_utc <= at <= mine.not_valid_after_utc:
            raise CredentialError(
                f"the certificate of {_subject(mine)} is valid from {mine.not_valid_before_utc:%Y-%m-%d} to "
                f"{mine.not_valid_after_utc:%Y-%m-%d}, and today is {at:%Y-%m-%d}: renew it and run "
                "`safelight credentials use`, or `safelight credentials own` for the store's own key"
            )


def load_signer(layout: Layout) -> Signer | None:
    """Return the signer of a store, or None where nothing was signed yet.

    Raises
    ------
    CredentialError
        If its files are damaged.
    """
    folder = layout.credentials
    try:
        said = json.loads((folder / "signer.json").read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CredentialError(f"{folder / 'signer.json'} cannot be read ({error}); choose a signer again") from None
    try:
        signer = Signer(said["kind"], said["algorithm"], said["chain"], said["key"], tuple(said["program"]))
        _certificates(signer.chain)
    except (KeyError, TypeError, ValueError) as error:
        raise CredentialError(f"{folder / 'signer.json'} is no signer ({error}); choose a signer again") from None
    return signer


def signer_of(layout: Layout, disk: Disk, store: str) -> Signer:
    """Return the signer of a store; its own key is made at first use. Only the store's owner may call it.

    `store` is the store's id.
    """
    return load_signer(layout) or keep_signer(layout, disk, make_own(store))


def keep_signer(layout: Layout, disk: Disk, signer: Signer) -> Signer:
    """Write a signer into the store, whole or not at all, readable by its owner alone, and return it."""
    from safelight.store.io import explained, write_whole

    folder = layout.credentials
    with explained("keep the key of content credentials", folder):
        disk.make_folders([folder])
        folder.chmod(0o700)
        data = to_json({"schema": SCHEMA, **asdict(signer)}).encode("ascii") + b"\n"
        write_whole(disk, folder / "signer.json", data, layout.scratch(), 0o600)
    return signer


def make_own(store: str) -> Signer:
    """Make a key and a certificate for it that names nobody and says so; `store` is the store's id.

    Ed25519: half the size of the others, and the same claim always has the same signature.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.x509.oid import NameOID

    root_key, key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)  # clocks differ

    def named(name: str) -> x509.Name:
        organization = "Self-made by safelight, nobody vouches for it"
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
            ]
        )

    def made(subject: str, issuer: str, public: Any, *, is_root: bool) -> Certificate:  # noqa: ANN401
        known = x509.SubjectKeyIdentifier.from_public_key(public)
        draft = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + datetime.timedelta(days=_LIFE_DAYS))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .add_extension(_key_usage(is_root=is_root), critical=True)
            .add_extension(known, critical=False)
        )
        if not is_root:
            email = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")
            draft = draft.add_extension(x509.ExtendedKeyUsage([email]), critical=False)
            issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
            draft = draft.add_extension(issuer_key, critical=False)
        return draft.sign(root_key, None)

    root_name, name = f"root of store {store[:8]}", f"store {store[:8]}"
    root = made(root_name, root_name, root_key.public_key(), is_root=True)
    # The root's key is forgotten here: it signs one certificate in its life.
    mine = made(name, root_name, key.public_key(), is_root=False)
    return Signer("own", "ed25519", _pem(mine) + _pem(root), _key_pem(key))


def take_certificate(chain: bytes, key: bytes | None, program: Sequence[str] = ()) -> Signer:
    """Read a studio's certificate with its key, or with the program that holds the key, and hold them together.

    Parameters
    ----------
    chain : bytes
        PEM: the signer's certificate first, then those that vouch for it.
    key : bytes or None
        PEM, not encrypted.
    program : sequence of str
        A program and its words, in the key's place.

    Raises
    ------
    CredentialError
        If they cannot be read, do not belong together, or C2PA would refuse them; the message says what is missing.
    """
    found = _certificates(chain.decode("ascii", "replace"))
    mine = found[0]
    algorithm = _algorithm(mine)
    _require_for_signing(mine)
    signer = Signer("program" if program else "studio", algorithm, "".join(map(_pem, found)))
    if program:
        if shutil.which(program[0]) is None:
            raise CredentialError(f"no program {program[0]!r} is here to sign with; give its whole path")
        signer = replace(signer, program=tuple(program))
    elif key is not None:
        signer = replace(signer, key=_private(key, mine))
    else:
        raise CredentialError("a certificate needs its key (--key FILE), or a program that signs with it (--program)")
    signer.require_valid(datetime.datetime.now(datetime.UTC))
    return signer


def sign_by_program(program: Sequence[str], data: bytes) -> bytes:
    """Have a program sign `data`.

    Raises
    ------
    CredentialError
        If it cannot be run, fails, says nothing or takes longer than 30 s.
    """
    try:
        done = subprocess.run(list(program), input=data, capture_output=True, timeout=_PROGRAM_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CredentialError(f"the signing program {program[0]} did not answer: {error}") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise CredentialError(f"the signing program {program[0]} ended with {done.returncode}: {said or 'no words'}")
    return done.stdout


def _certificates(pem: str) -> list[Certificate]:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(pem.encode("ascii", "replace"))
    except ValueError as error:
        raise CredentialError(f"this is no chain of PEM certificates: {error}") from None
    if not found:
        raise CredentialError("there is no PEM certificate in it")
    return found


def _algorithm(mine: Certificate) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    public = mine.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.key_size in (256, 384, 521):
        return {256: "es256", 384: "es384", 521: "es512"}[public.curve.key_size]
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= _RSA_LEAST:
        return "ps256"
    raise CredentialError(
        f"the key of {_subject(mine)} is of no kind that C2PA takes: Ed25519, P-256, P-384, P-521, or RSA of 2048 bits"
    )


def _require_for_signing(mine: Certificate) -> None:
    from cryptography import x509

    def extension(kind: Any) -> Any:  # noqa: ANN401 - cryptography's own classes
        try:
            return mine.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None

    usage, extended, basic = (extension(each) for each in (x509.KeyUsage, x509.ExtendedKeyUsage, x509.BasicConstraints))
    if basic is not None and basic.ca:
        raise CredentialError(f"{_subject(mine)} is an authority's certificate; put the signer's own first in the file")
    if usage is None or not usage.digital_signature:
        raise CredentialError(f"the certificate of {_subject(mine)} is not for digital signatures; ask for one that is")
    if extended is None or not {each.dotted_string for each in extended} & _USAGES:
        raise CredentialError(
            f"the certificate of {_subject(mine)} names none of the uses that C2PA takes (e-mail protection, document "
            "signing, claim signing); ask its authority for one that does"
        )


def _private(key: bytes, mine: Certificate) -> str:
    from cryptography.hazmat.primitives import serialization

    try:
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise CredentialError(f"the key cannot be read ({error}); it takes PEM without a password") from None
    spelled = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*spelled) != mine.public_key().public_bytes(*spelled):
        raise CredentialError(f"the key does not belong to the certificate of {_subject(mine)}")
    return _key_pem(private)


def _key_pem(private: Any) -> str:  # noqa: ANN401 - any of cryptography's private keys
    from cryptography.hazmat.primitives import serialization

    form = serialization.PrivateFormat.PKCS8
    return str(private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode("ascii"))


def _key_usage(*, is_root: bool) -> Any:  # noqa: ANN401 - cryptography's class
    from cryptography import x509

    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    used = {"key_cert_sign", "crl_sign"} if is_root else {"digital_signature"}
    return x509.KeyUsage(**{each: each in used for each in names})


def _pem(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives import serialization

    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _subject(certificate: Certificate) -> str:
    said = [str(each.value) for each in certificate.subject if each.oid.dotted_string in ("2.5.4.10", "2.5.4.3")]
    return ", ".join(said) or certificate.subject.rfc4514_string() or "a certificate without a name"


def _fingerprint(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex()
