"""The decisions about escrow: terms, who has let go how much, what is due, when it is over."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.escrow.model import (
    ENDED,
    Case,
    Escrow,
    EscrowChangedSince,
    EscrowDecision,
    EscrowNotOpen,
    EscrowProposal,
    EscrowTermsWrong,
    MilestoneShare,
    Money,
    NewEscrow,
    NoSuchPart,
    Part,
    Terms,
    TooMuch,
)
from accounts.guarantees.model import Milestone, Shown, State
from accounts.payments.model import NewPayment, Order, Payee, Purpose, Way
from app.approvals.model import SelfApproval
from app.clock import SHANGHAI

OPEN: frozenset[State] = frozenset({"proposed", "active"})
EXPIRED = "协议到期"


def sound_terms(new: NewEscrow, *, terms: Terms, now: datetime, today: date) -> int:
    """The whole amount, or EscrowTermsWrong: a guarantee is one milestone; dates lie ahead."""
    if new.mode == "guaranteed" and len(new.milestones) != 1:
        raise EscrowTermsWrong(milestones=len(new.milestones))
    if not now < new.expires_at <= now + timedelta(days=terms.longest_days):
        raise EscrowTermsWrong(longest_days=terms.longest_days)
    last = new.expires_at.astimezone(SHANGHAI).date()
    if any(not today <= part.due_on <= last for part in new.milestones):
        raise EscrowTermsWrong(from_on=today, until_on=last)
    return sum(part.amount_fen for part in new.milestones)


def beforehand(new: NewEscrow, payee: Payee, *, amount_fen: int) -> NewPayment:
    """A payment that the terms mean, to look its payee up like any other's."""
    return NewPayment(account_id=new.account_id, amount_fen=amount_fen, payee=payee)


def order(
    escrow: Escrow,
    payee: Payee,
    *,
    amount_fen: int,
    purpose: Purpose,
    memo: str,
    step_up_id: UUID | None = None,
) -> NewPayment:
    """The payment order of a movement into, out of or back from escrow."""
    return NewPayment(
        account_id=escrow.account_id,
        amount_fen=amount_fen,
        payee=payee,
        purpose=purpose,
        memo=memo[:140],
        step_up_id=step_up_id,
    )


def into(escrow: Escrow) -> Way:
    """Money put in waits on the agreement's own account."""
    return Way(mode=escrow.mode, into_account_id=escrow.escrow_account_id)


def out_of(escrow: Escrow) -> Way:
    """Money paid out or given back comes from there."""
    return Way(mode=escrow.mode, from_account_id=escrow.escrow_account_id)


def needs(escrow: Escrow, *states: State) -> None:
    """Raise EscrowNotOpen unless the agreement is in one of these states."""
    if escrow.state not in states:
        raise EscrowNotOpen(escrow_id=escrow.id, state=escrow.state)


def missing(case: Case, amount_fen: int | None) -> int:
    """How much is to be put in: what was asked for, or all that is missing; TooMuch."""
    left = case.escrow.amount_fen - case.money.funded_fen - case.money.funding_fen
    if left <= 0 or (amount_fen is not None and amount_fen > left):
        raise TooMuch(left_fen=max(left, 0))
    return amount_fen or left


def may_accept(case: Case) -> bool:
    """Whether the beneficiary's yes counts: to an offer, of a guarantee once the money is there."""
    there = case.escrow.mode == "escrowed" or case.money.secured_fen >= case.escrow.amount_fen
    return case.escrow.state == "proposed" and there


def part_no(parts: Sequence[Part], no: int) -> Part:
    """The milestone of this number, or NoSuchPart."""
    for part in parts:
        if part.no == no:
            return part
    raise NoSuchPart(milestone_no=no)


def gone(part: Milestone) -> int:
    """What of a milestone has been paid or is on its way."""
    return part.released_fen + part.under_way_fen


def agree(part: Part, amount_fen: int | None) -> Part:
    """The payer lets go so much more of a milestone, or all of it; TooMuch."""
    word = part.amount_fen if amount_fen is None else part.payer_word_fen + amount_fen
    if word > part.amount_fen or part.payer_word_fen == part.amount_fen:
        raise TooMuch(left_fen=part.amount_fen - part.payer_word_fen)
    return replace(part, payer_word_fen=word)


def deliver(part: Part, amount_fen: int | None, *, now: datetime) -> Part:
    """The beneficiary says that so much more of a milestone is delivered, never more than it is."""
    word = part.amount_fen if amount_fen is None else part.beneficiary_word_fen + amount_fen
    word = min(word, part.amount_fen)
    if word == part.beneficiary_word_fen:
        return part
    return replace(part, beneficiary_word_fen=word, claimed_at=now)


def renounce(part: Part) -> Part:
    """The beneficiary lets go of nothing more than what is gone already."""
    return replace(part, beneficiary_word_fen=gone(part), payer_word_fen=gone(part))


def by_silence(escrow: Escrow, part: Part, *, now: datetime, today: date) -> Part:
    """What the rule says where nobody objected: a claim that stood long enough, a date passed."""
    if escrow.release_rule == "delivery" and part.claimed_at is not None:
        if part.claimed_at + timedelta(days=escrow.objection_days) <= now:
            word = max(part.payer_word_fen, part.beneficiary_word_fen)
            return replace(part, payer_word_fen=word)
    elif escrow.release_rule == "date" and part.due_on < today:
        whole = part.amount_fen
        return replace(part, payer_word_fen=whole, beneficiary_word_fen=whole)
    return part


def pays(escrow: Escrow) -> bool:
    """Whether money leaves in this state: not before both have agreed, not in a dispute."""
    return escrow.state not in ("proposed", "disputed")


def moved(part: Part, order: Order | None) -> Part:
    """The milestone after its order: paid, on its way, or as before."""
    if order is None:
        return part
    if order.state == "settled":
        return replace(part, released_fen=part.released_fen + order.amount_fen)
    return replace(part, under_way_fen=part.under_way_fen + order.amount_fen)


def key(escrow: Escrow, no: int) -> str:
    """The key of the agreement's payment order of this number; one that was refused left none."""
    return f"escrow-{escrow.id}-{no}"


def payable(part: Milestone, *, free_fen: int) -> int:
    """What is due of a milestone: the lesser of the two words, less what is gone, as far as the
    money reaches."""
    agreed = min(part.payer_word_fen, part.beneficiary_word_fen)
    return max(0, min(agreed - gone(part), free_fen))


def returnable(parts: Sequence[Part], *, free_fen: int) -> int:
    """What goes back to the payer at the end: all that is not owed to a payee by both words."""
    owed = sum(payable(part, free_fen=free_fen) for part in parts)
    return max(0, free_fen - owed)


def is_complete(parts: Sequence[Part]) -> bool:
    """Whether every payee has all of it."""
    return all(part.released_fen == part.amount_fen for part in parts)


def end(escrow: Escrow, state: State, *, reason: str | None, now: datetime) -> Escrow:
    """The agreement over, for good."""
    return replace(escrow, state=state, reason=reason, ended_at=now)


def dispute(escrow: Escrow, *, reason: str, now: datetime) -> Escrow:
    """Nothing is released until the bank has decided."""
    return replace(escrow, state="disputed", reason=reason, disputed_at=now)


def decide(case: Case, new: EscrowDecision, *, now: datetime) -> Case:
    """The bank's decision: shares on top of what is gone, the rest back; or going on as before.

    Raises EscrowNotOpen, EscrowChangedSince, NoSuchPart or TooMuch.
    """
    escrow = case.escrow
    needs(escrow, "disputed")
    if escrow.version != new.version:
        raise EscrowChangedSince(escrow_id=escrow.id, version=escrow.version)
    if new.outcome == "resume":
        return replace(case, escrow=replace(escrow, state="active", reason=new.reason))
    shares = {share.milestone_no: share for share in new.shares}
    for no in shares:
        part_no(case.parts, no)
    parts = [_shared(part, shares.get(part.no)) for part in case.parts]
    owed = sum(share.amount_fen for share in shares.values())
    if len(shares) != len(new.shares) or owed > case.money.free_fen:
        raise TooMuch(left_fen=case.money.free_fen)
    ended = end(escrow, "decided", reason=new.reason, now=now)
    return replace(case, escrow=ended, parts=parts)


def may_agree(proposal: EscrowProposal, *, version: int, staff_id: UUID) -> None:
    """Raise EscrowChangedSince, and SelfApproval for who proposed it."""
    if proposal.decision.version != version:
        raise EscrowChangedSince(escrow_id=proposal.escrow_id, version=proposal.decision.version)
    if proposal.proposed_by == staff_id:
        raise SelfApproval()


def _shared(part: Part, share: MilestoneShare | None) -> Part:
    more = 0 if share is None else share.amount_fen
    word = gone(part) + more
    if word > part.amount_fen:
        raise TooMuch(left_fen=part.amount_fen - gone(part))
    return replace(part, payer_word_fen=word, beneficiary_word_fen=word)


def next_look(
    case: Case, *, now: datetime, terms: Terms, free_fen: int, blocked: bool
) -> datetime | None:
    """When the clock must look at the agreement again; None where only people can go on."""
    escrow = case.escrow
    soon = now + timedelta(minutes=terms.retry_minutes)
    if escrow.state in ENDED:
        return soon if free_fen > 0 else None
    if escrow.state == "disputed":
        return None
    looks = [escrow.expires_at]
    if escrow.state == "active":
        looks += [soon] if blocked else []
        looks += [moment for part in case.parts for moment in _silence_ends(escrow, part)]
    return min(looks)


def _silence_ends(escrow: Escrow, part: Part) -> list[datetime]:
    """When a rule will speak for a milestone that still waits for a word."""
    if part.payer_word_fen == part.amount_fen == part.beneficiary_word_fen:
        return []
    if escrow.release_rule == "delivery" and part.claimed_at is not None:
        if part.payer_word_fen < part.beneficiary_word_fen:
            return [part.claimed_at + timedelta(days=escrow.objection_days)]
    elif escrow.release_rule == "date":
        return [datetime.combine(part.due_on + timedelta(days=1), time(0), tzinfo=SHANGHAI)]
    return []


def shown(escrow: Escrow, parts: Sequence[Part], money: Money) -> Shown:
    """The agreement as both sides see it."""
    return Shown(
        id=escrow.id,
        mode=escrow.mode,
        title=escrow.title,
        amount_fen=escrow.amount_fen,
        funded_fen=money.funded_fen,
        released_fen=money.released_fen,
        returned_fen=money.returned_fen,
        secured_fen=money.secured_fen,
        beneficiary_name=escrow.beneficiary_name,
        release_rule=escrow.release_rule,
        objection_days=escrow.objection_days,
        expires_at=escrow.expires_at,
        state=escrow.state,
        reason=escrow.reason,
        version=escrow.version,
        created_at=escrow.created_at,
        ended_at=escrow.ended_at,
        milestones=[
            Milestone(**{name: getattr(part, name) for name in Milestone.__struct_fields__})
            for part in parts
        ],
    )


def row_of(escrow_id: UUID, no: int) -> UUID:
    """What a milestone's sealed account number is bound to."""
    return UUID(int=escrow_id.int ^ no)
