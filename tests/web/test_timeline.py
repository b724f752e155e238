"""The picture of a notice: every day once, in order, and longer where more time lies between two of them."""

from datetime import UTC, date, datetime
from itertools import pairwise

from sk.postbox.last_days import LastDays
from sk.postbox.notice import Notice
from sk.web.timeline import picture
from tests.web.pages import shown
from tests.world import World

POSTED = datetime(2026, 11, 23, 9, tzinfo=UTC)


def _notice(**changes: object) -> Notice:
    known = {
        "account_id": "a", "account_salt": "", "authority_id": "b", "notice_kind": "verwaltungsakt", "envelope": b"",
        "reference_index": "", "key_generation": 1, "accepted_at": POSTED, "bereitgestellt_at": POSTED, "id": "n",
    }  # fmt: skip
    return Notice.model_validate({**known, **changes})


def test_the_days_stand_in_their_order_with_today_among_them() -> None:
    frist = LastDays(date(2026, 12, 28), date(2026, 12, 28), None, "")
    drawn = picture(_notice(benachrichtigt_at=POSTED), frist, date(2026, 11, 25))

    assert [(point.words, point.is_past) for point in drawn.points] == [
        ("bereitgestellt", True),
        ("per E-Mail benachrichtigt", True),
        ("heute", True),
        ("Frist endet", False),
    ]
    assert drawn.past == drawn.points[2].y


def test_more_time_is_a_longer_way_and_no_two_points_touch() -> None:
    frist = LastDays(date(2027, 11, 29), date(2027, 11, 29), None, "")
    points = picture(_notice(benachrichtigt_at=POSTED), frist, date(2026, 11, 25)).points
    ways = [after.y - before.y for before, after in pairwise(points)]

    assert ways == sorted(ways)
    assert min(ways) >= 48
    assert ways[-1] > 1.5 * ways[0]


def test_a_frist_that_is_over_lies_behind_today() -> None:
    frist = LastDays(date(2026, 12, 28), date(2026, 12, 28), None, "")

    assert [point.words for point in picture(_notice(), frist, date(2027, 1, 5)).points][-2:] == [
        "Frist endet",
        "heute",
    ]


async def test_whoever_does_not_see_the_picture_hears_the_same_days(world: World) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        await browser.send((await browser.open("/postfach")).forms[-1])
    page = await shown(world, notice.citizen, notice.notice_id)
    heard = page.partition('<title id="timeline">')[2].partition("</title>")[0]

    assert heard == (
        "Montag, 23. November 2026: bereitgestellt; Montag, 23. November 2026: per E-Mail benachrichtigt; "
        "Montag, 23. November 2026: von Ihnen abgerufen; Montag, 23. November 2026: heute; "
        "Freitag, 27. November 2026: gilt als bekannt gegeben; Montag, 28. Dezember 2026: Frist endet."
    )
