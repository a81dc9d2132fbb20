"""Ask the registry for the licence and hear its call-backs; close the bank's part."""

from __future__ import annotations

from uuid import UUID

from accounts.deposits import operations as deposits
from app import clock
from app.jobs import Ctx, Later
from app.outside.delivery import deliver
from app.outside.model import Outcome
from app.outside.registry import Licence, NewCompany, Officer, Shareholder
from onboarding.offices import jobs as offices
from onboarding.registrations import operations, rules
from onboarding.registrations.model import ToRegister
from onboarding.signatures.rules import digest


def _request(registration_id: UUID, form: ToRegister) -> NewCompany:
    draft = form.draft
    person = draft.legal_representative
    assert person is not None and draft.address is not None
    return NewCompany(
        reference=str(registration_id),
        name=draft.name,
        entity_type=draft.entity_type,
        area_code=draft.area_code,
        address=draft.address,
        scope="；".join(draft.scope),
        capital_fen=draft.capital_fen,
        legal_representative=person.name,
        legal_id_number=person.id_number,
        phone=person.phone,
        shareholders=[
            Shareholder(
                name=h.name,
                id_number=h.id_number,
                subscribed_fen=h.subscribed_fen,
                role=h.role or "",
            )
            for h in draft.shareholders
        ],
        officers=[
            Officer(name=one.name, id_number=one.id_number, position=one.position)
            for one in draft.officers
        ],
        name_approval=draft.name_approval or "",
        signed_sha256=digest(form.signed_text).hex() if form.signed_text else "",
        applied_on=form.applied_on,
    )


def ask_again(ctx: Ctx) -> Later:
    """A call-back usually comes first; asking again is for those that are lost."""
    now = clock.now()
    return Later(rules.ask_again_seconds(ctx.lease.created_at if ctx.lease else now, now))


async def ask_registry(ctx: Ctx, *, registration_id: UUID, business_id: UUID, **_: object) -> None:
    """Send the form under our own id, once however often this runs, until the outcome is known."""
    async with ctx.begin(business_id) as work:
        form = await operations.to_register(work, registration_id=registration_id)
    if form is None:
        return
    registry = ctx.outside.registry
    outcome = await deliver(
        _request(registration_id, form), ask=registry.outcome, send=registry.register
    )
    await _take(ctx, business_id, registration_id, outcome)
    if not outcome.is_final:
        raise ask_again(ctx)


async def hear_registry(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The registry says that it knows more, of a licence or an office's part: ask it, and believe
    only its answer."""
    if system != "registry":
        return
    async with ctx.begin() as work:
        whose = await operations.whose_reference(work, reference_text=reference)
    if whose is None:
        return
    if "." in reference:
        await offices.hear_office(ctx, business_id=whose[0], reference=reference)
        return
    outcome = await ctx.outside.registry.outcome(reference)
    if outcome is not None:
        await _take(ctx, *whose, outcome)


async def _take(
    ctx: Ctx, business_id: UUID, registration_id: UUID, outcome: Outcome[Licence]
) -> None:
    """Write a final answer, if the registration still waits for one."""
    if outcome.state == "refused":
        async with ctx.begin(business_id) as work:
            await operations.take_refusal(work, registration_id=registration_id, code=outcome.code)
    elif outcome.state == "done" and outcome.result is not None:
        licence = outcome.result
        async with ctx.begin(business_id) as work:
            await operations.take_licence(
                work,
                registration_id=registration_id,
                name=licence.name,
                uscc=licence.uscc,
                licence_number=licence.licence_number,
                registered_on=licence.registered_on,
            )


async def close_bank_part(ctx: Ctx, *, account_id: UUID, business_id: UUID, **_: object) -> None:
    """The account is open: the last of the offices' parts is done."""
    async with ctx.begin(business_id) as work:
        account = await deposits.get(work, account_id=account_id)
        await operations.take_bank_account(work, number=account.number)
