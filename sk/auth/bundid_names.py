"""How BundID calls data about a person: in its answers to us, and in ours to portals, which read them unchanged."""

from collections.abc import Mapping
from typing import Final

from sk.auth.profile import FieldName

OIDS: Final[Mapping[FieldName, tuple[str, str]]] = {
    "given_names": ("urn:oid:2.5.4.42", "givenName"),
    "family_names": ("urn:oid:2.5.4.4", "surname"),
    "birth_name": ("urn:oid:1.2.40.0.10.2.1.1.225566", "birthName"),
    "academic_title": ("urn:oid:0.9.2342.19200300.100.1.40", "personalTitle"),
    "date_of_birth": ("urn:oid:1.2.40.0.10.2.1.1.55", "birthdate"),
    "place_of_birth": ("urn:oid:1.3.6.1.5.5.7.9.2", "placeOfBirth"),
    "nationality": ("urn:oid:1.2.40.0.10.2.1.1.225577", "nationality"),
    "street": ("urn:oid:2.5.4.16", "postalAddress"),
    "postal_code": ("urn:oid:2.5.4.17", "postalCode"),
    "city": ("urn:oid:2.5.4.7", "localityName"),
    "country": ("urn:oid:1.2.40.0.10.2.1.1.225599", "Country"),
    "phone": ("urn:oid:2.5.4.20", "telephoneNumber"),
    "de_mail": ("urn:oid:1.3.6.1.4.1.55605.70737875.1.1.1.7.1", "DeMail"),
}
MAIL: Final = ("urn:oid:0.9.2342.19200300.100.1.3", "mail")
HANDLE: Final = ("urn:oid:2.5.4.18", "legacyPostkorbHandle")
PSEUDONYM: Final = ("urn:oid:1.3.6.1.4.1.25484.494450.3", "bPK2")
LEVEL: Final = ("urn:oid:1.2.40.0.10.2.1.1.261.94", "EID-CITIZEN-QAA-LEVEL")
