"""The files of keys: a folder for each role, holding the secrets of that role and no other.

`keys.json` holds the secrets, by name and generation; `signers.json` the public halves of all signing keys,
which is where a process learns whose signatures it trusts: never from the database (docs/formats/keys.md).
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sk.crypto.lock import BounceKey, HandleKey, IndexKey, LockKey
from sk.crypto.sign import Signer, Signers, decode, encode, kid_of, load_public, strict_json, thumbprint
from sk.disk import sync_file, sync_folder
from sk.errors import Damaged, Unavailable

SIGNING_KEYS = frozenset({"sign-web", "sign-delivery", "sign-notification", "log"})
SECRET_BYTES = {"handle": 64}  # AES-256-SIV takes two keys; everything else is 32 bytes
MAX_GENERATION = 2**16 - 1
TOKEN_KEYS = ("token-eddsa", "token-es256")
"""They have a next generation at all times, which clients fetch before anything is signed with it."""
GENERATIONS_KEPT = 3
"""Of these: the next one, the one that signs, and the one before, for what it has signed last."""
ROLES: Mapping[str, frozenset[str]] = {
    "web": frozenset({"vault", "records", "mail", "index", "handle", "sign-web", "token-eddsa", "token-es256"}),
    "delivery": frozenset({"sign-delivery"}),
    "notification": frozenset({"mail", "sign-notification"}),
    "evidence": frozenset({"log"}),
}
"""Which role holds which keys (design: Keys). A role that is missing here holds none."""

Secrets = dict[str, dict[int, bytes]]


class PortalKey(NamedTuple):
    """A key that signs what portals read, and its public half as a JWK (RFC 7517), which names it."""

    key: ec.EllipticCurvePrivateKey
    jwk: Mapping[str, str]


@dataclass(frozen=True)
class KeyRing:
    """The keys that one process holds. Asking for one that it does not hold is `Unavailable`."""

    held: Mapping[str, Mapping[int, bytes]] = field(repr=False)
    signers: Signers

    def holds(self, name: str) -> bool:
        """Tell whether this process holds a key."""
        return name in self.held

    def lock_key(self, name: str) -> LockKey:
        """Return one of the keys `vault`, `records` and `mail`."""
        return LockKey(self._generations(name))

    def signer(self, name: str) -> Signer:
        """Return one of the `sign-…` keys, or `log`, in its newest generation."""
        return _signer(name, self._newest(name))

    @property
    def index(self) -> IndexKey:
        """Return the key of the blind indexes."""
        return IndexKey(self._newest("index"))

    @property
    def handle(self) -> HandleKey:
        """Return the key of the postbox handles."""
        return HandleKey(self._newest("handle"))

    @property
    def bounce(self) -> BounceKey:
        """Return what marks the addresses that mails come back to, in all generations: the newest marks."""
        return BounceKey(self._generations("mail"))

    @property
    def token_eddsa(self) -> Signer:
        """Return the Ed25519 key that signs access tokens."""
        return self.token_signers[0]

    @property
    def token_signers(self) -> tuple[Signer, ...]:
        """Return this key, the next one, and those before: what they have signed is good until it expires."""
        return tuple(_signer("token-eddsa", secret) for secret in self._signing_first("token-eddsa"))

    @property
    def token_es256(self) -> tuple[PortalKey, ...]:
        """Return the P-256 keys that sign what portals read; the first one signs, the others are known."""
        return tuple(map(_portal_key, self._signing_first("token-es256")))

    def _newest(self, name: str) -> bytes:
        generations = self._generations(name)
        return generations[max(generations)]

    def _signing_first(self, name: str) -> list[bytes]:
        """Return the generations of a key of tokens. The newest is the next one: known to all before it signs."""
        newest, *others = [secret for _, secret in sorted(self._generations(name).items(), reverse=True)]
        return [others[0], newest, *others[1:]] if others else [newest]

    def _generations(self, name: str) -> Mapping[int, bytes]:
        if name not in self.held:
            raise Unavailable(f"this process does not hold the key {name}", problem="key-missing")
        return self.held[name]


def create_keys(folder: Path) -> None:
    """Write fresh keys: a folder for every role. A folder that holds something is refused."""
    if folder.exists() and any(folder.iterdir()):
        raise Unavailable(f"{folder} is not empty; keys are never overwritten")
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    fresh = {name: _fresh(name) for name in sorted(set().union(*ROLES.values()))}
    signers = {}
    for name in sorted(SIGNING_KEYS):
        signer = _signer(name, fresh[name])
        signers[signer.kid] = {"use": name, "x": encode(signer.key.public_key().public_bytes_raw())}
    for role, names in ROLES.items():
        (folder / role).mkdir(mode=0o700)
        held = {name: {"1": encode(fresh[name])} for name in sorted(names)}
        for name in names & {*TOKEN_KEYS}:
            held[name]["2"] = encode(_fresh(name))
        _write(folder / role / "keys.json", json.dumps(held, indent=1))
        _write(folder / role / "signers.json", json.dumps(signers, indent=1))
        sync_folder(folder / role)
    sync_folder(folder)
    sync_folder(folder.parent)


def rotate_token_keys(folder: Path) -> list[Path]:
    """Have the next keys of tokens sign, and make the ones after them; return the files that were written.

    Web processes that were not yet started anew know them already: it does not matter which is the first.
    """
    written = []
    for path in (role / "keys.json" for role in _role_folders(folder, ["web"])):
        held = _read_secrets(path)
        for name in TOKEN_KEYS:
            if name not in held:
                raise Unavailable(f"{path} holds no key {name}; this is not the folder of web")
            held[name][max(held[name]) + 1] = _fresh(name)
            held[name] = {number: held[name][number] for number in sorted(held[name])[-GENERATIONS_KEPT:]}
        spelled = {name: {str(number): encode(key) for number, key in keys.items()} for name, keys in held.items()}
        beside = path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        _write(beside, json.dumps(spelled, indent=1))
        beside.replace(path)
        sync_folder(path.parent)
        written.append(path)
    return written


def load_keys(folder: Path, roles: Iterable[str], *, only_these: bool = True) -> KeyRing:
    """Read the keys of roles from a role's folder, or from a folder of such folders.

    With `only_these`, a secret that none of the roles needs stops the start: whoever takes over this process
    must not find it. Without it, folders of other roles may stand beside and are not read. A web process that is given
    no `vault` serves machines only: nobody can take from it what opens accounts.
    """
    roles = frozenset(roles)
    needed = frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
    folders = _role_folders(folder, None if only_these else roles)
    held = _merged(folders)
    if surplus := held.keys() - needed:
        names = ", ".join(sorted(surplus))
        raise Unavailable(f"{folder} holds keys that this process must not hold: {names}")
    if missing := needed - held.keys() - {"vault"}:
        raise Unavailable(f"{folder} lacks keys that this process needs: {', '.join(sorted(missing))}")
    if len(held.get("log", {})) > 1:
        raise Unavailable(f"{folder} holds a second key log: that of a log is for ever, and a new one means a new log")
    return KeyRing(held, _read_signers(folders))


def _role_folders(folder: Path, roles: Iterable[str] | None) -> list[Path]:
    if (folder / "keys.json").exists():
        return [folder]
    below = sorted(path.parent for path in folder.glob("*/keys.json"))
    return [path for path in below if roles is None or path.name in roles or path.name not in ROLES]


def _merged(folders: Iterable[Path]) -> Secrets:
    """Return the generations that any of the folders holds. Two secrets under one name and number are refused."""
    held: Secrets = {}
    for path in (folder / "keys.json" for folder in folders):
        for name, generations in _read_secrets(path).items():
            known = held.setdefault(name, {})
            if any(known.get(number, secret) != secret for number, secret in generations.items()):
                raise Unavailable(f"{path} holds another key {name} than the folder beside it")
            known |= generations
    return held


def _read_secrets(path: Path) -> Secrets:
    try:
        content = strict_json(path.read_bytes())
        return {name: _numbered(name, spelled) for name, spelled in content.items()}
    except (OSError, Damaged, AttributeError, TypeError, ValueError) as error:
        raise Unavailable(f"{path} cannot be read as a file of keys") from error


def _numbered(name: str, spelled: Mapping[str, str]) -> dict[int, bytes]:
    generations = {int(number): decode(secret) for number, secret in spelled.items()}
    if not generations or [*map(str, generations)] != [*spelled]:
        raise ValueError(name)
    for number, secret in generations.items():
        if not 1 <= number <= MAX_GENERATION or len(secret) != SECRET_BYTES.get(name, 32):
            raise ValueError(name)
    return generations


def _read_signers(folders: Iterable[Path]) -> Signers:
    by_kid: dict[str, tuple[str, Ed25519PublicKey]] = {}
    for path in (folder / "signers.json" for folder in folders):
        try:
            by_kid |= {kid: _trusted(kid, **entry) for kid, entry in strict_json(path.read_bytes()).items()}
        except (OSError, Damaged, TypeError) as error:
            raise Unavailable(f"{path} cannot be read as a file of signers") from error
    return Signers(by_kid)


def _trusted(kid: str, use: str, x: str) -> tuple[str, Ed25519PublicKey]:
    raw = decode(x)
    if kid_of(use, raw) != kid:
        raise Damaged
    return use, load_public(raw)


def _fresh(name: str) -> bytes:
    if name == "token-es256":  # not every 32 bytes are a number below the order of the curve
        return ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32)
    return secrets.token_bytes(SECRET_BYTES.get(name, 32))


@lru_cache
def _portal_key(secret: bytes) -> PortalKey:
    key = ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1())
    point = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": encode(point.x.to_bytes(32)), "y": encode(point.y.to_bytes(32))}
    return PortalKey(key, {**jwk, "kid": thumbprint(jwk), "use": "sig", "alg": "ES256"})


@lru_cache
def _signer(name: str, secret: bytes) -> Signer:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return Signer(kid_of(name, key.public_key().public_bytes_raw()), key)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        sync_file(file)
