"""Makes agreements, puts money into them, and hears what the two sides and the bank say."""

from uuid import UUID

import msgspec
from msgspec.structs import replace

from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.deposits.model import Holder
from accounts.escrow import operations as escrows
from accounts.escrow import rules
from accounts.escrow.model import (
    Agreement,
    BeneficiaryElsewhere,
    By,
    Case,
    Escrow,
    EscrowDecided,
    EscrowDecision,
    EscrowProposal,
    NewAgreement,
    NewEscrow,
    NewFunding,
    NoDecisionProposed,
    Objection,
    Part,
    Step,
    Terms,
)
from accounts.guarantees.model import Said
from accounts.ledger import operations as ledger
from accounts.parties import rules as party_rules
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import Payee, Payment
from accounts.policies import operations as policies
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
BENEFICIARY = "accounts.escrows.beneficiary_sealed"


# --- terms and money in --------------------------------------------------------------------------


async def propose(work: Work, *, new: NewEscrow) -> Agreement:
    """Offer terms to a beneficiary; a guarantee is funded at once.

    Raises AccountNotFound, CannotPayOnline, EscrowTermsWrong, BeneficiaryElsewhere, what
    `payments.payee_here` raises, and what `fund` raises.
    """
    deposit_rules.may_pay_online(await deposits.own(work, account_id=new.account_id))
    terms = await policies.value(work, kind="escrow.terms", shape=Terms)
    total = rules.sound_terms(new, terms=terms, now=work.now, today=work.today)
    holder = await _look_up(work, new, new.beneficiary, amount_fen=total)
    if holder is None or holder.business_id == work.business_id:
        raise BeneficiaryElsewhere()
    for named in (part.payee for part in new.milestones if part.payee is not None):
        await _look_up(work, new, named, amount_fen=total)
    escrow_id = new_id()
    await work.run(
        sql.add_escrow,
        id=escrow_id,
        mode=new.mode,
        account_id=new.account_id,
        escrow_account_id=await ledger.open_escrow(work),
        title=new.title,
        amount_fen=total,
        beneficiary_business_id=holder.business_id,
        beneficiary_name=new.beneficiary.name,
        beneficiary_account_id=holder.account_id,
        beneficiary_sealed=await work.vault.seal(
            work,
            new.beneficiary.account_number,
            scope=work.business_id,
            place=BENEFICIARY,
            row_id=escrow_id,
        ),
        release_rule=new.release_rule,
        objection_days=new.objection_days,
        expires_at=new.expires_at,
    )
    await _add_milestones(work, escrow_id, new)
    case = await escrows.lock(work, escrow_id=escrow_id)
    escrow = await escrows.step(work, case.escrow, "proposed", "payer", amount_fen=total)
    await escrows.save(work, escrow)
    if new.mode == "guaranteed":
        await fund(work, escrow_id=escrow_id, new=NewFunding())
    return await escrows.get(work, escrow_id=escrow_id)


async def _look_up(work: Work, new: NewEscrow, payee: Payee, *, amount_fen: int) -> Holder | None:
    meant = rules.beforehand(new, payee, amount_fen=amount_fen)
    named = await payments.resolve(work, meant)
    return await payments.payee_here(work, named, paying=new.account_id)


async def _add_milestones(work: Work, escrow_id: UUID, new: NewEscrow) -> None:
    payees = [part.payee or new.beneficiary for part in new.milestones]
    await work.run(
        sql.add_milestones,
        escrow_id=escrow_id,
        titles=[part.title for part in new.milestones],
        amounts=[part.amount_fen for part in new.milestones],
        dues=[part.due_on for part in new.milestones],
        purposes=[part.purpose for part in new.milestones],
        names=[payee.name for payee in payees],
        sealed=[
            await work.vault.seal(
                work,
                payee.account_number,
                scope=work.business_id,
                place=escrows.PAYEE,
                row_id=rules.row_of(escrow_id, no),
            )
            for no, payee in enumerate(payees, 1)
        ],
        tails=[party_rules.tail(payee.account_number) for payee in payees],
        bank_codes=[payee.bank_code for payee in payees],
    )


async def fund(work: Work, *, escrow_id: UUID, new: NewFunding) -> Payment:
    """Put money in by an ordinary payment order, whose payee is the beneficiary: whoever must agree
    to such a payment must agree to this one. Raises EscrowNotFound, EscrowNotOpen, TooMuch, and
    every refusal of a payment."""
    case = await escrows.lock(work, escrow_id=escrow_id)
    rules.needs(case.escrow, "proposed", "active")
    amount_fen = rules.missing(case, new.amount_fen)
    escrow = case.escrow
    payee = await _beneficiary(work, escrow)
    order = rules.order(
        escrow,
        payee,
        amount_fen=amount_fen,
        purpose=case.parts[0].purpose,
        memo=f"担保存入 {escrow.title}",
        step_up_id=new.step_up_id,
    )
    made = await payments.pay(
        work, new=order, key=rules.key(escrow, case.money.orders + 1), way=rules.into(escrow)
    )
    if (refusal := payment_rules.refusal_of(made.order)) is not None:
        raise refusal
    await escrows.add_move(work, escrow, made.order, no=case.money.orders + 1, kind="fund")
    escrow = await escrows.step(work, escrow, "funding", "payer", amount_fen=amount_fen)
    await escrows.save(work, escrow)
    return made.answer


async def _beneficiary(work: Work, escrow: Escrow) -> Payee:
    number = await work.vault.open(
        work,
        escrow.beneficiary_sealed,
        scope=work.business_id,
        place=BENEFICIARY,
        row_id=escrow.id,
    )
    bank = await policies.bank(work)
    return Payee(name=escrow.beneficiary_name, account_number=number, bank_code=bank.bank_code)


# --- what is said --------------------------------------------------------------------------------


async def agree(work: Work, *, escrow_id: UUID, new: NewAgreement) -> Agreement:
    """The payer lets a milestone go, whole or in part; what both sides let go is paid at once.

    Raises EscrowNotFound, EscrowNotOpen, NoSuchPart, TooMuch.
    """
    case = await escrows.lock(work, escrow_id=escrow_id)
    rules.needs(case.escrow, "active")
    part = rules.agree(rules.part_no(case.parts, new.milestone_no), new.amount_fen)
    case = await _say(work, case, part, "agreed", "payer", amount_fen=part.payer_word_fen)
    await escrows.go_on(work, case)
    return await escrows.get(work, escrow_id=escrow_id)


async def dispute(work: Work, *, escrow_id: UUID, new: Objection) -> Agreement:
    """The payer objects: nothing is released until the bank has decided.

    Raises EscrowNotFound, EscrowNotOpen, NoSuchPart.
    """
    case = await escrows.lock(work, escrow_id=escrow_id)
    rules.needs(case.escrow, "active")
    rules.part_no(case.parts, new.milestone_no)
    await _object(work, case, by="payer", milestone_no=new.milestone_no, reason=new.reason)
    return await escrows.get(work, escrow_id=escrow_id)


async def withdraw(work: Work, *, escrow_id: UUID, reason: str) -> Agreement:
    """The payer takes back an offer that nobody has accepted; the money returns.

    Raises EscrowNotFound, or EscrowNotOpen once it was accepted.
    """
    case = await escrows.lock(work, escrow_id=escrow_id)
    rules.needs(case.escrow, "proposed")
    await _end(work, case, "cancelled", by="payer", reason=reason)
    return await escrows.get(work, escrow_id=escrow_id)


async def hear(work: Work, *, escrow_id: UUID, said: Said) -> None:
    """What the beneficiary has said, once; a word that came too late changes nothing."""
    case = await escrows.lock(work, escrow_id=escrow_id)
    if await work.one(bool, sql.was_heard, word_id=said.id):
        return
    escrow = case.escrow
    match said.word:
        case "accept" if rules.may_accept(case):
            step = await escrows.step(work, escrow, "accepted", "beneficiary", word_id=said.id)
            await escrows.go_on(work, replace(case, escrow=replace(step, state="active")))
        case "decline" if escrow.state == "proposed":
            await _end(
                work, case, "declined", by="beneficiary", reason=said.reason,
                word_id=said.id,
            )  # fmt: skip
        case "renounce" if escrow.state in ("active", "disputed"):
            for part in map(rules.renounce, case.parts):
                await escrows.save_words(work, escrow, part)
            case = await escrows.lock(work, escrow_id=escrow_id)
            await _end(
                work, case, "renounced", by="beneficiary", reason=said.reason,
                word_id=said.id,
            )  # fmt: skip
        case "object" if escrow.state == "active":
            await _object(
                work, case, by="beneficiary", milestone_no=said.milestone_no,
                reason=said.reason or "", word_id=said.id,
            )  # fmt: skip
        case "deliver" if escrow.state == "active":
            assert said.milestone_no is not None
            part = rules.part_no(case.parts, said.milestone_no)
            part = rules.deliver(part, said.amount_fen, now=said.said_at)
            case = await _say(
                work, case, part, "delivered", "beneficiary",
                amount_fen=part.beneficiary_word_fen, word_id=said.id,
            )  # fmt: skip
            await escrows.go_on(work, case)


async def _say(
    work: Work, case: Case, part: Part, step: Step, by: By, *, amount_fen: int,
    word_id: UUID | None = None,
) -> Case:  # fmt: skip
    """A side's word about a milestone, kept."""
    await escrows.save_words(work, case.escrow, part)
    escrow = await escrows.step(
        work, case.escrow, step, by, milestone_no=part.no, amount_fen=amount_fen, word_id=word_id
    )
    parts = [part if part.no == one.no else one for one in case.parts]
    return Case(escrow=escrow, parts=parts, money=case.money)


async def _object(
    work: Work, case: Case, *, by: By, milestone_no: int | None, reason: str,
    word_id: UUID | None = None,
) -> None:  # fmt: skip
    escrow = await escrows.step(
        work, case.escrow, "objected", by, milestone_no=milestone_no, reason=reason,
        word_id=word_id,
    )  # fmt: skip
    escrow = rules.dispute(escrow, reason=reason, now=work.now)
    await escrows.save(work, replace(escrow, look_at=None))


async def _end(
    work: Work, case: Case, what: Step, *, by: By, reason: str | None, word_id: UUID | None = None
) -> None:
    escrow = await escrows.step(work, case.escrow, what, by, reason=reason, word_id=word_id)
    ended = rules.end(escrow, "cancelled", reason=reason, now=work.now)
    await escrows.go_on(work, replace(case, escrow=ended))


async def propose_decision(work: Work, *, escrow_id: UUID, new: EscrowDecision) -> EscrowProposal:
    """One person's decision about a dispute; nothing moves before another one agrees.

    Raises EscrowNotFound, EscrowNotOpen, EscrowChangedSince, NoSuchPart, TooMuch.
    """
    rules.decide(await escrows.lock(work, escrow_id=escrow_id), new, now=work.now)
    await work.run(
        sql.propose_decision,
        escrow_id=escrow_id,
        decision=msgspec.to_builtins(new),
        staff_id=work.actor.staff_id,
    )
    await work.record("escrow.decision_proposed", object_id=escrow_id)
    return await proposal(work, escrow_id=escrow_id)


async def proposal(work: Work, *, escrow_id: UUID) -> EscrowProposal:
    """What was proposed last about a dispute; NoDecisionProposed."""
    found = await work.maybe(EscrowProposal, sql.proposal, escrow_id=escrow_id)
    if found is None:
        raise NoDecisionProposed(escrow_id=escrow_id)
    return found


async def agree_to_decision(work: Work, *, escrow_id: UUID, version: int) -> Agreement:
    """Another person's word: the proposed decision holds.

    Raises NoDecisionProposed, SelfApproval, and what `propose_decision` raises.
    """
    proposed = await proposal(work, escrow_id=escrow_id)
    assert work.actor.staff_id is not None
    rules.may_agree(proposed, version=version, staff_id=work.actor.staff_id)
    return await _decide(work, escrow_id=escrow_id, new=proposed.decision)


async def _decide(work: Work, *, escrow_id: UUID, new: EscrowDecision) -> Agreement:
    """The bank's decision about a dispute; a job pays it in the payer's firm at once."""
    case = rules.decide(await escrows.lock(work, escrow_id=escrow_id), new, now=work.now)
    for part in case.parts:
        await escrows.save_words(work, case.escrow, part)
    step: Step = "resumed" if new.outcome == "resume" else "decided"
    escrow = await escrows.step(work, case.escrow, step, "bank", reason=new.reason)
    await escrows.save(work, replace(escrow, look_at=work.now))
    await work.emit(EscrowDecided(escrow_id=escrow_id))
    return await escrows.get(work, escrow_id=escrow_id)
