"""What only an S3 store can be asked: whom it refuses, what becomes of uploads that nobody ends, which rules it has.

A question blocks, as the SDK does. It gets a name for what it writes, and removes that.
"""

# ruff: noqa: SLF001 - the SDK has no public calls for the single steps of an upload

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO

from minio import Minio
from minio.commonconfig import ENABLED
from minio.helpers import MIN_PART_SIZE
from minio.lifecycleconfig import Rule

from sk.objects.port import Remark
from sk.objects.s3_client import TROUBLE, Bucket, client_of, code_of, status_of

REFUSALS = {400, 401, 403}  # rclone says 400 to who brings no key
Question = Callable[[Minio, Bucket, str], Remark]


def _wrong_secret(client: Minio, bucket: Bucket, name: str) -> Remark:
    return _refused(client, replace(bucket, secret=secrets.token_hex(20)), name)


def _no_key(client: Minio, bucket: Bucket, name: str) -> Remark:
    return _refused(client, replace(bucket, key=None, secret=None), name)


def _refused(client: Minio, stranger: Bucket, name: str) -> Remark:
    other, bucket = client_of(stranger), stranger.name
    asked: dict[str, Callable[[], object]] = {
        "read objects": lambda: other.get_object(bucket, name).close(),
        "list their names": lambda: next(other.list_objects(bucket), None),
    }
    client.put_object(bucket, name, BytesIO(b"x"), 1)
    said = ""
    try:
        for what, ask in asked.items():
            try:
                ask()
            except TROUBLE as error:
                if status_of(error) not in REFUSALS:
                    said = f"may not {what}, but is told {code_of(error) or error} where a store refuses with 403"
                    return Remark(said, is_harmful=True)
                said = f"is refused ({status_of(error)} {code_of(error)})"
            else:
                return Remark(f"can {what}: close the bucket to all keys but its own", is_harmful=True)
    finally:
        client.remove_object(bucket, name)
    return Remark(said)


def _missing_bucket(client: Minio, _: Bucket, name: str) -> Remark:
    try:
        client.get_object(f"sk-check-{secrets.token_hex(8)}", name).close()
    except TROUBLE as error:
        if (code := code_of(error)) != "NoSuchKey":
            return Remark(f"is not taken for one without objects ({status_of(error)} {code})")
    return Remark("looks like one without objects: if yours is lost, each of its objects will be said to be missing")


def _folders(client: Minio, bucket: Bucket, name: str) -> Remark:
    client.put_object(bucket.name, f"{name}/object", BytesIO(b"x"), 1)
    try:
        found = [one.object_name for one in client.list_objects(bucket.name, name)]
    finally:
        client.remove_object(bucket.name, f"{name}/object")
    if found == [f"{name}/"]:
        return Remark("are listed, by a prefix and a delimiter")
    return Remark("are not listed by a prefix and a delimiter, so that no day would be found", is_harmful=True)


def _wrong_digest(client: Minio, bucket: Bucket, name: str) -> Remark:
    other = base64.b64encode(hashlib.md5(b"y", usedforsecurity=False).digest()).decode()
    try:
        client._put_object(bucket.name, name, b"x", {"Content-MD5": other})
    except TROUBLE as error:
        return Remark(f"are not taken ({status_of(error)} {code_of(error)})")
    finally:
        client.remove_object(bucket.name, name)
    return Remark("are taken: what a line has changed shows only when it is read, unless TLS guards that line")


def _begun_upload(client: Minio, bucket: Bucket, name: str) -> Remark:
    upload_id = client._create_multipart_upload(bucket.name, name, {})
    try:
        client._upload_part(bucket.name, name, bytes(MIN_PART_SIZE), None, upload_id, 1)
        shown = [*client.list_objects(bucket.name, name)]
        begun = _begun(client, bucket, name)
    finally:
        client._abort_multipart_upload(bucket.name, name, upload_id)
    if shown:
        return Remark("shows its first part as an object: half a file could be taken for all of it", is_harmful=True)
    if upload_id in _begun(client, bucket, name):
        return Remark("keeps its parts after it was taken back: they fill the store", is_harmful=True)
    said = "its parts are no object, and it can be taken back"
    if upload_id in begun:
        return Remark(f"{said}; until then it is listed as begun")
    return Remark(f"{said}; but it is not listed, so that only the store's own tools show what killed processes leave")


def _begun(client: Minio, bucket: Bucket, name: str) -> list[str | None]:
    """Return the uploads of a name that were begun, as far as the store tells."""
    try:
        return [one.upload_id for one in client._list_multipart_uploads(bucket.name, prefix=name).uploads]
    except TROUBLE:
        return []


def _rules(client: Minio, bucket: Bucket, _: str) -> Remark:
    try:
        config = client.get_bucket_lifecycle(bucket.name)
    except (*TROUBLE, ValueError) as error:  # ValueError: the SDK cannot read them
        return Remark(
            f"are not told ({code_of(error) or error}): see docs/operations/objects.md which there have to be"
        )
    rules = [rule for rule in (config.rules if config else []) if rule.status == ENABLED]
    for rule in rules:
        if rule.expiration and (rule.expiration.days or rule.expiration.date):
            said = f"{rule.rule_id or 'one'} deletes objects when they are old enough, whoever needs them: take it away"
            return Remark(said, is_harmful=True)
    if days := min(_days_of_uploads(rules), default=None):
        return Remark(f"what killed processes leave of uploads is cleared away after {days} days")
    return Remark(
        "none clears away what killed processes leave of uploads: set one, unless the store does it by itself "
        "(docs/operations/objects.md)"
    )


def _days_of_uploads(rules: list[Rule]) -> Iterator[int]:
    for rule in rules:
        end, only = rule.abort_incomplete_multipart_upload, rule.rule_filter
        if end and end.days_after_initiation and not (only and (only.prefix or only.tag or only.and_operator)):
            yield end.days_after_initiation


def _versions(client: Minio, bucket: Bucket, _: str) -> Remark:
    try:
        status = client.get_bucket_versioning(bucket.name).status
    except (*TROUBLE, ValueError) as error:
        return Remark(f"are not told of ({code_of(error) or error}): what is deleted has to be gone")
    if status == ENABLED:
        return Remark("are kept of what is deleted: docs/operations/erasure.md says which of them have to go, and when")
    return Remark("none are kept: what is deleted is gone")


def _busy(_: Minio, __: Bucket, ___: str) -> Remark:
    return Remark("cannot be asked for; what meets it is sent twice more, and then told to come again")


QUESTIONS: dict[str, Question] = {
    "somebody with a wrong secret": _wrong_secret,
    "somebody without a key": _no_key,
    "a bucket that is not there": _missing_bucket,
    "folders": _folders,
    "bytes with a wrong digest": _wrong_digest,
    "an upload that nobody ends": _begun_upload,
    "rules of the bucket": _rules,
    "older versions": _versions,
    "an answer of 503": _busy,
}
"""By what is looked at, which each answer goes on from."""
