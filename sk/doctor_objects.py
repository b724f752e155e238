"""`sk doctor --objects`: asks the object store for everything that the platform leans on, and says whether it will do.

What it writes has names of its own under `check/`, beside the days, and is removed at the end, however it ends.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import date

from sk.doctor_objects_checks import SIZES, Broken, Check, Sizes, Trial, checks, is_removed
from sk.errors import SkError
from sk.finding import Finding
from sk.objects.port import ObjectStore


async def examine_objects(objects: ObjectStore, today: date, sizes: Sizes = SIZES) -> AsyncGenerator[Finding, None]:
    """Yield what the store keeps, as remarks, and what it does not, each beginning with what was asked and a colon."""
    trial = Trial(objects, today, sizes)
    try:
        await objects.check()
    except SkError as error:
        yield Finding(f"writing and deleting: {error}")
        return
    try:
        for about, check in checks(sizes).items():
            yield await _asked(about, check, trial)
        async for remark in objects.examine(trial.begin):
            yield Finding(remark.sentence, is_remark=not remark.is_harmful)
    finally:
        with suppress(Exception):  # what is left then is said below
            await objects.delete(*trial.names)
            await objects.delete(*await trial.listed())
    yield await _asked("cleaning up", is_removed, trial)


def verdict(broken: Sequence[Finding]) -> str:
    """Say in a sentence whether a store will do in which this was found to be broken."""
    if not broken:
        return "the object store will do: it keeps all that was asked of it"
    about = "; ".join(finding.sentence.partition(":")[0] for finding in broken)
    return (
        f"the object store will not do, because of: {about}. Look whether its settings or a proxy before it are to "
        "blame (docs/operations/objects.md), or take another"
    )


async def _asked(about: str, check: Check, trial: Trial) -> Finding:
    try:
        return Finding(f"{about}: {await check(trial)}", is_remark=True)
    except (Broken, SkError) as error:
        return Finding(f"{about}: {error}")
    except Exception as error:  # noqa: BLE001 - a store may answer what nobody has thought of
        return Finding(f"{about}: its answer cannot be read ({error!r})")
