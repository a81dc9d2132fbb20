"""Escrow and reservations decide by the lesser word, within the money, and end once."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.escrow import rules
from accounts.escrow.model import (
    Case,
    Escrow,
    EscrowChangedSince,
    EscrowDecision,
    EscrowNotOpen,
    EscrowTermsWrong,
    MilestoneShare,
    Money,
    NewEscrow,
    NewMilestone,
    NoSuchPart,
    Part,
    Terms,
    TooMuch,
)
from accounts.payments.model import Payee
from accounts.reservations import rules as reservations
from accounts.reservations.model import (
    Reservation,
    ReservationEnded,
    ReservationTermWrong,
    ReservationTooSmall,
)
from accounts.reservations.model import Terms as ReservationTerms

NOW = datetime(2025, 9, 1, 2, tzinfo=UTC)
TODAY = date(2025, 9, 1)
TERMS = Terms(longest_days=365, retry_minutes=10)
PAYEE = Payee(
    name="杭州示例餐饮有限公司", account_number="0200010000000000001", bank_code="102100099996"
)


def part(amount: int = 1_000, **changes) -> Part:
    plain = Part(
        no=1, title="首期", amount_fen=amount, due_on=TODAY, purpose="goods", payee_name="甲",
        payee_account_tail="0001", payee_bank_code="102100099996", payer_word_fen=0,
        beneficiary_word_fen=0, claimed_at=None, payee_sealed=b"",
    )  # fmt: skip
    return replace(plain, **changes)


def escrow(**changes) -> Escrow:
    plain = Escrow(
        id=uuid4(), mode="escrowed", made_by=uuid4(), account_id=uuid4(),
        escrow_account_id=uuid4(), title="采购", amount_fen=1_000,
        beneficiary_business_id=uuid4(), beneficiary_name="乙", beneficiary_account_id=uuid4(),
        beneficiary_sealed=b"", release_rule="both", objection_days=7,
        expires_at=NOW + timedelta(days=30), state="active", reason=None, version=3, steps=2,
        look_at=None, created_at=NOW, disputed_at=None, ended_at=None,
    )  # fmt: skip
    return replace(plain, **changes)


def case(there: int, *parts: Part, **changes) -> Case:
    money = Money(
        funded_fen=there, funding_fen=0, released_fen=0, returned_fen=0, secured_fen=there,
        free_fen=there, orders=1,
    )  # fmt: skip
    return Case(escrow=escrow(**changes), parts=list(parts), money=money)


WORD = st.integers(0, 1_000)


@given(payer=WORD, beneficiary=WORD, gone=WORD, free=st.integers(0, 2_000))
def test_what_is_paid_is_never_more_than_either_word_or_the_money(payer, beneficiary, gone, free):
    one = part(payer_word_fen=payer, beneficiary_word_fen=beneficiary, released_fen=gone)
    due = rules.payable(one, free_fen=free)
    assert 0 <= due <= free
    assert due == 0 or due + gone <= min(payer, beneficiary)


@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=1, max_size=4), st.integers(0, 5_000))
def test_at_the_end_nothing_is_both_owed_and_given_back(words, free):
    parts = [
        part(payer_word_fen=a, beneficiary_word_fen=b, released_fen=min(a, b, c))
        for a, b, c in words
    ]
    rest = rules.returnable(parts, free_fen=free)
    owed = sum(rules.payable(one, free_fen=free) for one in parts)
    assert 0 <= rest <= free
    assert rest == 0 or rest + owed == free


def test_silence_speaks_only_as_the_rule_says_and_only_after_its_time():
    claimed = part(beneficiary_word_fen=400, claimed_at=NOW)
    by_delivery, later = escrow(release_rule="delivery"), NOW + timedelta(days=7)
    early = rules.by_silence(by_delivery, claimed, now=later - timedelta(seconds=1), today=TODAY)
    assert early.payer_word_fen == 0
    assert rules.by_silence(by_delivery, claimed, now=later, today=TODAY).payer_word_fen == 400
    assert rules.by_silence(escrow(), claimed, now=later, today=TODAY) == claimed
    by_date = escrow(release_rule="date")
    assert rules.by_silence(by_date, part(), now=NOW, today=TODAY) == part()
    passed = rules.by_silence(by_date, part(), now=NOW, today=TODAY + timedelta(days=1))
    assert (passed.payer_word_fen, passed.beneficiary_word_fen) == (1_000, 1_000)


def test_nobody_lets_go_more_than_the_milestone():
    assert rules.agree(part(), 400).payer_word_fen == 400
    assert rules.agree(part(payer_word_fen=400), None).payer_word_fen == 1_000
    for was, more in ((400, 601), (1_000, None), (1_000, 1)):
        with pytest.raises(TooMuch):
            rules.agree(part(payer_word_fen=was), more)
    said = rules.deliver(part(beneficiary_word_fen=900), 500, now=NOW)
    assert (said.beneficiary_word_fen, said.claimed_at) == (1_000, NOW)
    again = rules.deliver(replace(said, claimed_at=NOW), None, now=NOW + timedelta(days=1))
    assert again.claimed_at == NOW


def test_a_guarantee_is_accepted_once_the_money_is_there():
    assert not rules.may_accept(case(999, part(), mode="guaranteed", state="proposed"))
    assert rules.may_accept(case(1_000, part(), mode="guaranteed", state="proposed"))
    assert rules.may_accept(case(0, part(), state="proposed"))
    assert not rules.may_accept(case(1_000, part(), state="active"))


def decision(*shares: tuple[int, int], **changes) -> EscrowDecision:
    plain = EscrowDecision(
        version=3, outcome="split", reason="各半",
        shares=[MilestoneShare(milestone_no=no, amount_fen=fen) for no, fen in shares],
    )  # fmt: skip
    return replace(plain, **changes)


def test_the_bank_splits_what_is_there_and_no_more():
    disputed = case(800, part(released_fen=100), part(no=2), state="disputed")
    split = rules.decide(disputed, decision((1, 300)), now=NOW)
    assert split.escrow.state == "decided"
    assert [rules.payable(one, free_fen=800) for one in split.parts] == [300, 0]
    assert rules.returnable(split.parts, free_fen=800) == 500
    assert rules.decide(disputed, decision(outcome="resume"), now=NOW).escrow.state == "active"
    for error, wrong in (
        (TooMuch, decision((1, 901))),
        (TooMuch, decision((1, 500), (2, 301))),
        (TooMuch, decision((1, 1), (1, 1))),
        (NoSuchPart, decision((3, 1))),
        (EscrowChangedSince, decision(version=2)),
    ):
        with pytest.raises(error):
            rules.decide(disputed, wrong, now=NOW)
    with pytest.raises(EscrowNotOpen):
        rules.decide(replace(disputed, escrow=escrow()), decision(), now=NOW)


def offer(**changes) -> NewEscrow:
    milestone = NewMilestone(title="首期", amount_fen=1_000, due_on=TODAY)
    plain = NewEscrow(
        mode="guaranteed", account_id=uuid4(), title="采购", beneficiary=PAYEE,
        milestones=[milestone], expires_at=NOW + timedelta(days=30),
    )  # fmt: skip
    return replace(plain, **changes)


def test_terms_fit_their_mode_and_their_dates():
    def total(new: NewEscrow) -> int:
        return rules.sound_terms(new, terms=TERMS, now=NOW, today=TODAY)

    [milestone] = offer().milestones
    assert total(offer()) == 1_000
    assert total(offer(mode="escrowed", milestones=[milestone] * 3)) == 3_000
    for wrong in (
        offer(milestones=[milestone] * 2),
        offer(expires_at=NOW),
        offer(expires_at=NOW + timedelta(days=366)),
        offer(milestones=[replace(milestone, due_on=TODAY - timedelta(days=1))]),
        offer(milestones=[replace(milestone, due_on=TODAY + timedelta(days=31))]),
    ):
        with pytest.raises(EscrowTermsWrong):
            total(wrong)


def test_the_clock_looks_when_something_can_happen():
    def look(found: Case, *, free_fen: int = 0, blocked: bool = False):
        return rules.next_look(found, now=NOW, terms=TERMS, free_fen=free_fen, blocked=blocked)

    soon, term = NOW + timedelta(minutes=10), NOW + timedelta(days=30)
    assert look(case(0, part())) == term
    assert look(case(0, part()), blocked=True) == soon
    claimed = part(beneficiary_word_fen=1, claimed_at=NOW)
    assert look(case(0, claimed, release_rule="delivery")) == NOW + timedelta(days=7)
    assert look(case(0, part(), state="disputed")) is None
    over = {"state": "expired", "ended_at": NOW}
    assert look(case(0, part(), **over)) is None
    assert look(case(5, part(), **over), free_fen=5) == soon


def reservation(**changes) -> Reservation:
    plain = Reservation(
        id=uuid4(), account_id=uuid4(), amount_fen=1_000, confirmed_fen=300, left_fen=700,
        payee_name="甲", payee_account_tail="0001", payee_bank_code="102100099996",
        party_id=None, purpose="goods", memo="", state="open", reason=None, made_by=uuid4(),
        expires_at=NOW + timedelta(days=1), created_at=NOW, ended_at=None,
    )  # fmt: skip
    return replace(plain, **changes)


def test_a_reservation_pays_what_is_left_until_its_term():
    assert reservations.part(reservation(), None, now=NOW) == 700
    assert reservations.part(reservation(), 699, now=NOW) == 699
    with pytest.raises(ReservationTooSmall):
        reservations.part(reservation(), 701, now=NOW)
    for over in (reservation(expires_at=NOW), reservation(state="cancelled")):
        with pytest.raises(ReservationEnded):
            reservations.part(over, None, now=NOW)
    assert reservations.end(reservation(), "cancelled") == "finished"
    assert reservations.end(reservation(confirmed_fen=0), "cancelled") == "cancelled"
    assert reservations.end(reservation(), "expired") == "expired"
    terms = ReservationTerms(longest_days=90)
    reservations.sound_term(NOW + timedelta(days=90), terms=terms, now=NOW)
    for wrong in (NOW, NOW + timedelta(days=90, seconds=1)):
        with pytest.raises(ReservationTermWrong):
            reservations.sound_term(wrong, terms=terms, now=NOW)
