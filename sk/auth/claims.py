"""Claims: what a portal asks to be told about a citizen, and what of it is told.

Names and forms are those of OpenID Connect Core and OpenID Connect for Identity Assurance. Where each datum comes from
is said: what an ID card has said, or BundID, stands in `verified_claims` as well, for who asks for that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any, Final, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict

from sk.auth.profile import Datum, FieldName, Profile
from sk.auth.trust import LEVELS, TrustLevel, level_named
from sk.crypto.sign import read_strictly
from sk.errors import Invalid

ClaimName = Literal[
    "name", "given_name", "family_name", "birth_family_name", "title", "birthdate", "place_of_birth", "nationalities",
    "address", "phone_number", "email", "de_mail", "postbox_handle", "documents",
]  # fmt: skip
CLAIM_NAMES: Final[tuple[ClaimName, ...]] = get_args(ClaimName)
SCOPES: Final[Mapping[str, tuple[ClaimName, ...]]] = {
    "profile": ("name", "given_name", "family_name", "birth_family_name", "title", "birthdate"),
    "address": ("address",),
    "email": ("email",),
    "phone": ("phone_number",),
    "postbox": ("postbox_handle",),
}
"""What a scope stands for, beside `openid`. `postbox` is ours: by it the portal's authority finds the postbox."""
TRUST_FRAMEWORK = "eidas"
PLACES: Final = ("userinfo", "id_token")
Place = Literal["userinfo", "id_token"]


class Claim(NamedTuple):
    """Of which data a claim is made, and how."""

    made_of: tuple[FieldName, ...]
    made: Callable[[Profile], object]


def _plain(field: FieldName) -> Claim:
    return Claim((field,), lambda profile: profile.value(field))


def _name(profile: Profile) -> str:
    parts = (profile.value(field) for field in ("academic_title", "given_names", "family_names"))
    return " ".join(part for part in parts if part)


def _birthdate(profile: Profile) -> str:
    """Return a date, or the year alone where no day is known: a month by itself has no form there (Core, 5.1)."""
    known = profile.value("date_of_birth")
    return known if len(known) == len("2000-12-31") else known[: len("2000")]


def _address(profile: Profile) -> dict[str, str]:
    line = f"{profile.value('postal_code')} {profile.value('city')}".strip()
    parts = (profile.value("street"), line, profile.value("country"))
    address = {
        "formatted": "\n".join(part for part in parts if part),
        "street_address": profile.value("street"),
        "postal_code": profile.value("postal_code"),
        "locality": profile.value("city"),
        "country": profile.value("country"),
    }
    return {name: value for name, value in address.items() if value}


CLAIMS: Final[Mapping[ClaimName, Claim]] = {
    "name": Claim(("given_names", "family_names", "academic_title"), _name),
    "given_name": _plain("given_names"),
    "family_name": _plain("family_names"),
    "birth_family_name": _plain("birth_name"),
    "title": _plain("academic_title"),
    "birthdate": Claim(("date_of_birth",), _birthdate),
    "place_of_birth": Claim(
        ("place_of_birth",), lambda profile: _filled({"locality": profile.value("place_of_birth")})
    ),
    "nationalities": Claim(
        ("nationality",), lambda profile: [profile.value("nationality")] if profile.value("nationality") else []
    ),
    "address": Claim(("street", "postal_code", "city", "country"), _address),
    "phone_number": _plain("phone"),
    "de_mail": _plain("de_mail"),
}
"""What is made of the data of a person; `email`, `postbox_handle` and `documents` are not among these."""
PROVEN: Final = tuple(name for name in CLAIMS if name not in ("phone_number", "de_mail"))
"""What a card can prove, or BundID."""
KINDS_MAX: Final = 10
KIND_MAX: Final = 100


class VerifiedWish(BaseModel):
    """Claims that a portal wants to be told as verified, at which levels that counts for it, and whether with the time.

    The time is told to who asks for it, and as a day: two portals could find out by a moment that both know one person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[ClaimName, ...]
    levels: tuple[TrustLevel, ...] = LEVELS
    has_time: bool = False


class Wish(BaseModel):
    """What a portal asks to be told, and where: in the id token, or when it asks at userinfo."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    userinfo: tuple[ClaimName, ...] = ()
    id_token: tuple[ClaimName, ...] = ()
    verified_userinfo: tuple[VerifiedWish, ...] = ()
    verified_id_token: tuple[VerifiedWish, ...] = ()

    @property
    def names(self) -> tuple[ClaimName, ...]:
        """Return everything that is asked for, in our order: what the citizen agrees to."""
        verified = (name for wish in (*self.verified_userinfo, *self.verified_id_token) for name in wish.names)
        asked = {*self.userinfo, *self.id_token, *verified}
        return tuple(name for name in CLAIM_NAMES if name in asked)

    def among(self, names: Iterable[ClaimName]) -> "Wish":
        """Return the wish as far as it is for some claims alone."""
        kept = {*names}

        def few(asked: Sequence[ClaimName]) -> tuple[ClaimName, ...]:
            return tuple(name for name in asked if name in kept)

        def verified(wishes: Sequence[VerifiedWish]) -> tuple[VerifiedWish, ...]:
            return tuple(wish.model_copy(update={"names": few(wish.names)}) for wish in wishes if few(wish.names))

        return Wish(
            userinfo=few(self.userinfo),
            id_token=few(self.id_token),
            verified_userinfo=verified(self.verified_userinfo),
            verified_id_token=verified(self.verified_id_token),
        )


class ClaimsRequest(NamedTuple):
    """What a portal says in `scope` and `claims`.

    `acr` are the levels one of which it wants the log-in to have, `is_acr_essential` says that no other will do, and
    `is_acr_unknown` that all that it names are none of ours; `sub` is whom it expects, `kinds` are those of documents.
    """

    wish: Wish
    acr: tuple[TrustLevel, ...] = ()
    is_acr_essential: bool = False
    is_acr_unknown: bool = False
    sub: str = ""
    kinds: tuple[str, ...] = ()


class Person(NamedTuple):
    """Whom a portal is told of. `documents` is where those are fetched that they have picked for it."""

    profile: Profile
    email: str
    postbox_handle: str
    documents: Sequence[Mapping[str, object]] = ()

    def value(self, name: ClaimName) -> object:
        """Return what a claim says, empty if nothing is known."""
        match name:
            case "email":
                return self.email
            case "postbox_handle":
                return self.postbox_handle
            case "documents":
                return list(self.documents)
            case _:
                return CLAIMS[name].made(self.profile)

    def verified_by(self, name: ClaimName) -> Datum | None:
        """Return the verified datum that a claim rests on, the one trusted least, or None if on others as well."""
        if name not in CLAIMS:
            return None
        known = [self.profile.data[field] for field in CLAIMS[name].made_of if field in self.profile.data]
        if not known or any(datum.source == "self" for datum in known):
            return None
        return min(known, key=lambda datum: LEVELS.index(datum.trust))


def read_request(scopes: Sequence[str], claims: str) -> ClaimsRequest:
    """Read what a portal asks for, leaving out what is not known here; what cannot be read is `Invalid`."""
    by_scope = [name for scope in scopes for name in SCOPES.get(scope, ())]
    if not claims:
        return ClaimsRequest(Wish(userinfo=tuple(by_scope)))
    try:
        asked = read_strictly(claims.encode())
    except ValueError as error:
        raise Invalid(f"claims: {error}", field="claims") from None
    userinfo, id_token = (_member(asked, place) for place in PLACES)
    wish = Wish(
        userinfo=_known([*by_scope, *userinfo]),
        id_token=_known(id_token),
        verified_userinfo=_verified(userinfo),
        verified_id_token=_verified(id_token),
    )
    acr, sub = _member(id_token, "acr"), _member(id_token, "sub")
    named = _values(acr)
    levels = tuple(level for value in named if (level := level_named(value)))
    return ClaimsRequest(
        wish,
        levels,
        is_acr_essential=acr.get("essential") is True,
        is_acr_unknown=bool(named) and not levels,
        sub=next(iter(_values(sub)), ""),
        kinds=_kinds(_member(userinfo, "documents")) if "documents" in userinfo else (),
    )


def told(wish: Wish, place: Place, person: Person) -> dict[str, object]:
    """Return the claims for a place, as far as there is something to tell."""
    names, verified = getattr(wish, place), getattr(wish, f"verified_{place}")
    said = {name: value for name in names if (value := person.value(name))}
    if "email" in said:
        said["email_verified"] = True  # nothing is written to an address that nobody has confirmed
    groups = [group for one in verified for group in _groups(one, person)]
    if groups:
        said["verified_claims"] = groups[0] if len(groups) == 1 else groups
    return said


def _groups(wish: VerifiedWish, person: Person) -> list[dict[str, object]]:
    """Return verified claims, those together that were read from one card on one day."""
    groups: dict[tuple[str, str], dict[str, object]] = {}
    for name in wish.names:
        datum, value = person.verified_by(name), person.value(name)
        if datum and value and datum.trust in wish.levels:
            at = datum.at.astimezone(UTC).strftime("%Y-%m-%dT00:00:00Z") if wish.has_time else ""
            groups.setdefault((datum.trust, at), {})[name] = value
    return [
        {
            "verification": {
                "trust_framework": TRUST_FRAMEWORK,
                "assurance_level": level,
                **({"time": at} if at else {}),
            },
            "claims": claims,
        }
        for (level, at), claims in groups.items()
    ]


def _filled(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parts.items() if value}


def _member(asked: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return what is said of a member: nothing, if it is not there or null; what is no object is `Invalid`."""
    said = asked.get(name)
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise Invalid(f"claims: {name} must be an object or null", field="claims")
    return said


def _values(asked: Mapping[str, Any]) -> list[str]:
    """Return the values of which one is wanted."""
    values = asked.get("values", [asked["value"]] if "value" in asked else [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Invalid("claims: values must be a list of strings, and value a string", field="claims")
    return values


def _kinds(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kinds of documents that a portal asks for, each a line as people read it."""
    kinds = asked.get("kinds")
    lines = [kind for kind in kinds if _is_line(kind)] if isinstance(kinds, list) else []
    if not 0 < len(lines) <= KINDS_MAX or kinds != [*dict.fromkeys(lines)]:
        said = f"claims: documents needs kinds, a list of at most {KINDS_MAX} different lines of {KIND_MAX} characters"
        raise Invalid(said, field="claims")
    return tuple(lines)


def _is_line(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= KIND_MAX and said.isprintable()


def _constrains(said: object) -> bool:
    """Tell whether something beside is a condition. We know none, and what does not hold for sure must not be told."""
    if isinstance(said, list):
        return any(map(_constrains, said))
    if isinstance(said, dict):
        return bool({"value", "values", "max_age"} & {*said}) or any(map(_constrains, said.values()))
    return False


def _known(asked: Iterable[str]) -> tuple[ClaimName, ...]:
    wanted = {*asked}
    return tuple(name for name in CLAIM_NAMES if name in wanted)


def _verified(asked: Mapping[str, Any]) -> tuple[VerifiedWish, ...]:
    said = asked.get("verified_claims")
    wishes = said if isinstance(said, list) else [said] if said is not None else []
    found = []
    for wish in wishes:
        if not isinstance(wish, dict):
            raise Invalid("claims: verified_claims must be an object or a list of objects", field="claims")
        names, verification = _known(_member(wish, "claims")), _member(wish, "verification")
        frameworks = _values(_member(verification, "trust_framework"))
        further = [said for name, said in verification.items() if name not in ("trust_framework", "assurance_level")]
        if names and (not frameworks or TRUST_FRAMEWORK in frameworks) and not any(map(_constrains, further)):
            levels = _values(_member(verification, "assurance_level")) or LEVELS
            known = tuple(level for level in LEVELS if level in levels)
            found.append(VerifiedWish(names=names, levels=known, has_time="time" in verification))
    return tuple(found)
