"""A bucket behind an S3 interface: where it is, who asks it, and what it answers when something is wrong."""

import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from minio.helpers import check_bucket_name
from urllib3.exceptions import HTTPError

from sk.errors import Invalid, Unavailable

UPLOAD_THREADS = 64
TIMEOUT = urllib3.Timeout(connect=3, read=15)  # seconds
# A silent server is asked once more, a broken one twice: a caller waits for the sum of it all.
RETRY = urllib3.Retry(total=2, read=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
TROUBLE = (MinioException, HTTPError, OSError)


@dataclass(frozen=True)
class Bucket:
    """What `s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0&region=REGION` says. Without a key, somebody whom nobody knows."""

    host: str
    name: str
    key: str | None
    secret: str | None = field(repr=False)
    secure: bool = True
    region: str = "us-east-1"  # if it is not said, the SDK asks, which not every server answers


def bucket_of(url: str) -> Bucket:
    """Read a URL, or raise `Invalid`. Its parts are percent-encoded; TLS is used unless it says `tls=0`."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.strip("/"))
    if unknown := options.keys() - {"tls", "region"}:
        raise Invalid(f"SK_OBJECTS: unknown option {min(unknown)}")
    if not (parts.username and parts.password and parts.hostname and name):
        raise Invalid("SK_OBJECTS must be s3://KEY:SECRET@HOST:PORT/BUCKET")
    return Bucket(
        host=parts.netloc.rpartition("@")[2],
        name=name,
        key=unquote(parts.username),
        secret=unquote(parts.password),
        secure=options.get("tls", "1") != "0",
        region=options.get("region", Bucket.region),
    )


def client_of(bucket: Bucket) -> Minio:
    """Return what asks a bucket, or raise `Invalid`."""
    try:
        check_bucket_name(bucket.name)
        return Minio(
            bucket.host,
            bucket.key,
            bucket.secret,
            secure=bucket.secure,
            region=bucket.region,
            http_client=urllib3.PoolManager(
                timeout=TIMEOUT, retries=RETRY, maxsize=UPLOAD_THREADS, ssl_context=ssl.create_default_context()
            ),
        )
    except ValueError as error:
        raise Invalid(f"SK_OBJECTS: {error}") from error


def code_of(error: Exception) -> str:
    """Return the S3 error code.

    The SDK reads an error only if it is labelled `application/xml`. Some servers, rclone among them, label it
    `text/xml`; then its text is all there is.
    """
    if isinstance(error, S3Error):
        return error.code or ""
    found = re.search(r"<Code>(\w+)</Code>", str(error))
    return found[1] if found else ""


def status_of(error: Exception) -> int:
    """Return the HTTP status of an answer, or 0 if there was none."""
    if isinstance(error, S3Error):
        return error.response.status
    found = re.search(r"Response code: (\d+)", str(error))
    return int(found[1]) if found else 0


def unavailable(error: Exception) -> Unavailable:
    """Return what callers are told."""
    return Unavailable(f"the object store does not answer: {code_of(error) or type(error).__name__}")
