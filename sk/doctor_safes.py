"""Safes, looked at by `sk doctor`: whether each opens, and lists just what is there."""

from collections.abc import AsyncIterator

from sk.auth.account import Account
from sk.auth.journal import belongs_to
from sk.errors import Damaged
from sk.finding import Finding, pages
from sk.safe.document import Document
from sk.safe.safe import Opened, find_safe
from sk.safe.upload import Upload
from sk.services import Services
from sk.store.port import all_under


async def examine_safes(services: Services) -> AsyncIterator[Finding]:
    """Yield what is wrong with safes. What is in one is known to its owner; here ids have to do."""
    async for accounts in pages(services, Account):
        for account_id in accounts:
            try:
                sentences = await _wrong(account_id, services)
            except Damaged:
                yield Finding(f"the safe of the account {account_id} does not open, or a document in it does not")
            else:
                for sentence in sentences:
                    yield Finding(f"the safe of the account {account_id} {sentence}")


async def _wrong(account_id: str, services: Services) -> list[str]:
    """Return what is wrong with a safe. Whoever changes it meanwhile saves it as well: then it is looked at again."""
    while opened := await find_safe(account_id, services):
        sentences = await _compared(opened, services)
        again = await find_safe(account_id, services)
        if not sentences or (again and again.safe.version == opened.safe.version):
            return sentences
    return []


async def _compared(opened: Opened, services: Services) -> list[str]:
    belongs, listed = belongs_to(opened.account_id, services), opened.contents
    documents = [one async for one in all_under(services.store, Document, "belongs", belongs)]
    for document in documents:
        document.open(opened.account_id, opened.own)
    there = {document.id for document in documents}
    uploads = {upload.id async for upload in all_under(services.store, Upload, "belongs", belongs)}
    return [
        *(f"lists the document {id_}, which is not there" for id_ in sorted(listed.entries.keys() - there)),
        *(f"does not list the document {id_}, which is there" for id_ in sorted(there - listed.entries.keys())),
        *(f"keeps room for the upload {id_}, which is not there" for id_ in sorted(listed.coming.keys() - uploads)),
    ]
