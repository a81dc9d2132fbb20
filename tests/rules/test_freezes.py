"""Orders of authorities: who is in force, who waits, how long, and what each one reaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.freezes import rules
from accounts.freezes.model import (
    Freeze,
    FreezeNotOpen,
    MoreThanFrozen,
    NewFreeze,
    NoMoreRenewals,
    Term,
    TermTooLong,
)

NOW = datetime(2025, 8, 31, 2, 0, tzinfo=UTC)
TERMS: rules.Terms = {
    "court": Term(months=12),
    "police": Term(hours=48, renewals=1),
    "tax": Term(months=6),
    "customs": Term(months=6, renewals=1),
}


def freeze(place: int = 1, amount_fen: int | None = None, state="active", **more) -> Freeze:
    given_ = {
        "id": UUID(int=place), "account_id": UUID(int=99), "place": place, "authority": "court",
        "order_number": f"令{place}", "amount_fen": amount_fen, "taken_fen": 0, "state": state,
        "renewals": 0, "placed_at": NOW, "in_force_at": NOW if state == "active" else None,
        "ends_at": NOW + timedelta(days=30) if state == "active" else None, "ended_at": None,
        "version": 1,
    }  # fmt: skip
    return Freeze(**(given_ | more))


def test_the_law_ends_a_term_by_the_calendar():
    ends = {name: rules.legal_end(term, from_=NOW) for name, term in TERMS.items()}
    assert ends["court"] == datetime(2026, 8, 31, 2, 0, tzinfo=UTC)
    assert ends["police"] == NOW + timedelta(hours=48)
    # Half a year after the last day of August is the last day of February.
    assert ends["tax"] == ends["customs"] == datetime(2026, 2, 28, 2, 0, tzinfo=UTC)
    assert rules.term_fits(TERMS["court"], until=None, now=NOW) == ends["court"]
    for until in (NOW, ends["court"] + timedelta(seconds=1), datetime(2025, 12, 1)):  # noqa: DTZ001
        with pytest.raises(TermTooLong):
            rules.term_fits(TERMS["court"], until=until, now=NOW)


def test_behind_an_order_of_the_whole_everything_waits_without_a_term():
    first, second = freeze(1), freeze(2, 500, state="queued")
    assert rules.arrange([second, first], terms=TERMS, now=NOW) == [first, second]
    assert rules.waits([first]) and not rules.waits([second])
    new = NewFreeze(authority="tax", order_number="x")
    assert rules.placed_end(new, [first], terms=TERMS, now=NOW) is None
    later = NOW + timedelta(days=31)
    lapsed, moved_up = rules.arrange([first, second], terms=TERMS, now=later)
    assert (lapsed.state, lapsed.ended_at) == ("lapsed", later)
    assert (moved_up.state, moved_up.in_force_at) == ("active", later)
    assert moved_up.ends_at == rules.legal_end(TERMS["court"], from_=later)


def test_amounts_stand_side_by_side_and_add_up():
    present = [freeze(1, 300), freeze(2, 500, taken_fen=100), freeze(3, 700, state="queued")]
    assert rules.frozen_fen(present) == 700
    assert rules.ordered(present) == "active"
    assert rules.ordered([freeze(1, authority="police")]) == "stop_payment"
    assert rules.ordered([freeze(1, 5), freeze(2)]) == "frozen_full"


def test_an_order_reaches_what_those_before_it_leave():
    first, second, whole = freeze(1, 600), freeze(2, 500), freeze(3)
    present = [first, second, whole]
    reach = [rules.covered_fen(present, one, money_fen=1_000) for one in present]
    assert reach == [600, 400, 0]
    assert rules.covered_fen(present, whole, money_fen=1_500) == 400
    with pytest.raises(MoreThanFrozen):
        rules.take(present, second, amount_fen=401, money_fen=1_000, now=NOW)
    with pytest.raises(FreezeNotOpen):
        queued = replace(second, state="queued")
        rules.take(present, queued, amount_fen=1, money_fen=1_000, now=NOW)
    part = rules.take(present, second, amount_fen=400, money_fen=1_000, now=NOW)
    assert (part.state, rules.left(part)) == ("active", 100)
    used = rules.take(present, first, amount_fen=600, money_fen=1_000, now=NOW)
    assert (used.state, used.ended_at) == ("used", NOW)


def test_a_renewal_comes_before_the_end_and_as_often_as_the_law_allows():
    renewed = rules.renew(freeze(1), until=None, terms=TERMS, now=NOW)
    assert (renewed.renewals, renewed.ends_at) == (1, rules.legal_end(TERMS["court"], from_=NOW))
    assert rules.renew(renewed, until=None, terms=TERMS, now=NOW).renewals == 2
    with pytest.raises(FreezeNotOpen):
        rules.renew(freeze(1), until=None, terms=TERMS, now=NOW + timedelta(days=30))
    stop = freeze(1, authority="police", renewals=1)
    with pytest.raises(NoMoreRenewals):
        rules.renew(stop, until=None, terms=TERMS, now=NOW)


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(sorted(TERMS)),
        st.one_of(st.none(), st.integers(1, 1_000)),
        st.integers(1, 200),
    ),
    max_size=6,
)


@given(ORDERS, st.integers(0, 400))
def test_however_many_orders_one_queue(orders, days):
    """Places never change; nothing is in force behind an order of the whole; arranging twice is
    arranging once; what is past has lapsed and nothing else has."""
    present: list[Freeze] = []
    for place, (authority, amount_fen, lasts) in enumerate(orders, 1):
        new = freeze(
            place, amount_fen, state="queued", authority=authority,
            ends_at=None if rules.waits(present) else NOW + timedelta(days=lasts),
        )  # fmt: skip
        present = rules.arrange([*present, new], terms=TERMS, now=NOW)
    now = NOW + timedelta(days=days)
    arranged = rules.arrange(present, terms=TERMS, now=now)
    assert [one.place for one in arranged] == sorted(one.place for one in present)
    whole = False
    for was, one in zip(present, arranged, strict=True):
        over = was.ends_at is not None and was.ends_at <= now
        assert (one.state == "lapsed") == over
        if not over:
            assert one.state == ("queued" if whole else "active")
            assert (one.ends_at is None) == whole or one.ends_at == was.ends_at
            whole = whole or one.amount_fen is None
    living = [one for one in arranged if one.state != "lapsed"]
    assert rules.arrange(living, terms=TERMS, now=now) == living


@given(ORDERS, st.integers(0, 5_000))
def test_orders_together_never_reach_more_than_there_is(orders, money_fen):
    present = rules.arrange(
        [freeze(n, amount) for n, (_, amount, _) in enumerate(orders, 1)], terms=TERMS, now=NOW
    )
    active = []
    for one in present:
        active.append(one)
        if one.amount_fen is None:
            break
    reach = [rules.covered_fen(active, one, money_fen=money_fen) for one in active]
    assert sum(reach) <= money_fen
