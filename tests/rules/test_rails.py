"""Payment systems: which one by amount and speed, and when, through all changes of their hours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rails import rules
from accounts.rails.model import DatedTerms, Terms
from app.clock import SHANGHAI, business_date
from app.reference import tables

MIGRATIONS = Path(__file__).resolve().parents[2] / "app" / "migrations"
ROW = re.compile(r"\('(\w{4})', '\[([0-9-]+),([0-9-]*)\)',\s+'(\{.*?\})',\s+'", re.DOTALL)
CAP_FEN = 100_000_000
LARGE = CAP_FEN + 1


def terms() -> list[DatedTerms]:
    """The rows as the migration writes them."""
    text = (MIGRATIONS / "0078_rails_and_messages.sql").read_text(encoding="utf-8")
    return [
        DatedTerms(
            rail=rail,
            from_on=date.fromisoformat(begins),
            until_on=date.fromisoformat(ends) if ends else None,
            terms=msgspec.json.decode(said, type=Terms),
        )
        for rail, begins, ends, said in ROW.findall(text)
    ]


RAILS = terms()
SPECIAL = {
    date.fromisoformat(row["date"]): row["kind"] for row in tables.rows("holidays_2022_2026.csv")
}


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def way(moment: datetime, amount_fen: int = LARGE, speed: str = "instant"):
    return rules.route(
        amount_fen=amount_fen, speed=speed, moment=moment, rails=RAILS, special=SPECIAL
    )


def test_every_row_of_the_migration_is_read():
    assert [row.rail for row in RAILS] == ["hvps"] * 4 + ["beps", "ibps"]


@pytest.mark.parametrize(
    ("amount_fen", "speed", "rail", "reason"),
    [
        (1, "instant", "ibps", "small_instant"),
        (CAP_FEN, "instant", "ibps", "small_instant"),
        (CAP_FEN, "ordinary", "beps", "small_batch"),
        (CAP_FEN + 1, "instant", "hvps", "large_open"),
        (CAP_FEN + 1, "ordinary", "hvps", "large_open"),
        (10**15, "ordinary", "hvps", "large_open"),
    ],
)
def test_the_amount_chooses_the_system(amount_fen, speed, rail, reason):
    chosen = way(at(2025, 9, 3, 10), amount_fen, speed)
    assert (chosen.rail, chosen.reason, chosen.send_after) == (rail, reason, None)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        # 5x21 from 2018-01-22 (Monday): 23:30 the evening before until 17:15
        (at(2018, 1, 22, 10), None),
        (at(2018, 1, 22, 17, 14), None),
        (at(2018, 1, 22, 17, 15), at(2018, 1, 22, 23, 30)),
        (at(2018, 1, 22, 23, 29), at(2018, 1, 22, 23, 30)),
        (at(2018, 1, 22, 23, 30), None),
        # from 2018-05-02 (Wednesday) the evening begins at 20:30, already on the 1st
        (at(2018, 5, 1, 20, 29), at(2018, 5, 1, 20, 30)),
        (at(2018, 5, 1, 20, 30), None),
        # Friday evening waits for Sunday evening
        (at(2025, 9, 5, 18), at(2025, 9, 7, 20, 30)),
        (at(2025, 9, 6, 12), at(2025, 9, 7, 20, 30)),
        # National day and Mid-autumn 2025: nothing from the 30th until the 8th in the evening
        (at(2025, 9, 30, 17, 14), None),
        (at(2025, 9, 30, 17, 15), at(2025, 10, 8, 20, 30)),
        (at(2025, 10, 3, 12), at(2025, 10, 8, 20, 30)),
        # a Sunday that is worked: its window began on Saturday evening
        (at(2025, 9, 27, 20, 30), None),
        (at(2025, 9, 28, 12), None),
        # 5x21+12 in force in July 2026: until 17:30, and weekends 08:30 to 20:30
        (at(2026, 7, 3, 17, 29), None),
        (at(2026, 7, 3, 17, 30), at(2026, 7, 4, 8, 30)),
        (at(2026, 7, 4, 8, 29), at(2026, 7, 4, 8, 30)),
        (at(2026, 7, 4, 8, 30), None),
        (at(2026, 7, 4, 20, 30), at(2026, 7, 5, 8, 30)),
        (at(2026, 7, 5, 20, 30), None),
        # 5x22.5+13.5 from Saturday 2026-10-17; Monday's window begins on Sunday at 19:00
        (at(2026, 10, 16, 17, 30), at(2026, 10, 17, 5, 30)),
        (at(2026, 10, 17, 19, 0), at(2026, 10, 18, 5, 30)),
        (at(2026, 10, 18, 18, 59), None),
        (at(2026, 10, 18, 19, 0), None),
        (at(2026, 10, 19, 17, 29), None),
        (at(2026, 10, 19, 17, 30), at(2026, 10, 19, 19, 0)),
        (at(2026, 10, 19, 19, 0), None),
    ],
)
def test_the_large_value_system_follows_its_hours_and_the_calendar(moment, opens):
    assert way(moment).send_after == opens
    assert way(moment).reason == ("large_open" if opens is None else "large_waits")
    assert way(moment.astimezone(UTC)).send_after == opens, "the zone of the caller is no matter"


@given(
    st.integers(0, 4_640_000).map(lambda minutes: at(2018, 1, 22, 0) + timedelta(0, minutes * 60))
)
def test_what_waits_is_sent_the_moment_the_window_opens_and_not_a_minute_earlier(moment):
    opens = way(moment).send_after
    if opens is not None:
        assert moment < opens <= moment + timedelta(days=12)
        assert way(opens).send_after is None
        assert way(opens - timedelta(minutes=1)).send_after == opens


@given(st.integers(1, 10**15), st.sampled_from(["instant", "ordinary"]))
def test_the_owner_is_told_what_will_happen(amount_fen, speed):
    moment = at(2025, 9, 6, 12)
    chosen = way(moment, amount_fen, speed)
    quote = rules.quoted(chosen, moment=moment, rails=RAILS)
    assert quote.rail == chosen.rail
    assert quote.sent_at == (chosen.send_after or moment) < quote.arrives_at
    assert (quote.until_sent == "cancellable") == (chosen.send_after is not None)


def test_the_bank_is_told_by_three_digits():
    assert rules.is_in_bank("102290000001", own_bank_code="102100099996")
    assert not rules.is_in_bank("103290000001", own_bank_code="102100099996")
    assert rules.in_bank(at(2025, 9, 6, 3)).arrives_at == at(2025, 9, 6, 3)


def test_no_day_is_without_terms_and_none_has_two():
    day = date(2018, 1, 22)
    while day < date(2027, 1, 1):
        for rail in ("hvps", "beps", "ibps"):
            held = [
                row
                for row in RAILS
                if row.rail == rail
                and row.from_on <= day
                and (row.until_on is None or day < row.until_on)
            ]
            assert len(held) == 1, (rail, day)
        day += timedelta(days=1)
    assert business_date(at(2026, 10, 18, 19)) == date(2026, 10, 18)
