"""Endpoints of portals, the call-backs they are owed, and what became of each attempt."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from standardwebhooks import Webhook

from app import clock
from app.ids import new_id
from app.pages import Page, page
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import ApplicationState
from onboarding.callbacks import rules
from onboarding.callbacks.model import (
    AskedBy,
    CallbackDelivery,
    CallbackDue,
    CallbackEndpoint,
    CallbackNotFound,
    CallbackRow,
    CallbackState,
    CallbackStillWaiting,
    DeadRow,
    EndpointChange,
    EndpointNotActive,
    EndpointNotFound,
    EndpointRow,
    EndpointWithSecret,
    Kind,
    NewEndpoint,
    Outcome,
    PortalCallback,
    Recovered,
    TooManyEndpoints,
    Waiting,
)
from onboarding.portals.operations import act_for, client_of

sql = load(__name__)

SECRET = "onboarding.callback_endpoints.secret_sealed"  # noqa: S105 - the place of one
MOST_RECOVERED = 1000


class TurnTold(msgspec.Struct, frozen=True, kw_only=True):
    """A turn of an application, and which one of its turns it is."""

    state: ApplicationState
    codes: list[str]
    at: datetime
    sequence: int


class Letter(NamedTuple):
    """A call-back ready to be sent: address, signed headers, body, and which attempt this is."""

    url: str
    headers: dict[str, str]
    body: bytes
    no: int


# --- endpoints --------------------------------------------------------------------------------


async def add_endpoint(work: Work, *, new: NewEndpoint) -> EndpointWithSecret:
    """A new endpoint with a secret of its own; TooManyEndpoints."""
    client_id, endpoint_id = client_of(work), new_id()
    await work.one(str, sql.lock_client, client_id=client_id)
    if len(await endpoints(work)) >= rules.MOST_ENDPOINTS:
        raise TooManyEndpoints(most=rules.MOST_ENDPOINTS)
    secret, sealed = await _new_secret(work, endpoint_id)
    await work.run(
        sql.add_endpoint, client_id=client_id, id=endpoint_id, url=new.url,
        kinds=list(new.kinds), secret_sealed=sealed,
    )  # fmt: skip
    await work.record("callback_endpoint_added", object_id=endpoint_id)
    return EndpointWithSecret(
        endpoint=await endpoint(work, endpoint_id=endpoint_id), secret=secret,
        old_secret_until=None,
    )  # fmt: skip


async def endpoints(work: Work) -> list[CallbackEndpoint]:
    """The portal's endpoints, the removed ones left out."""
    rows = await work.all(EndpointRow, sql.endpoints, client_id=client_of(work))
    return [_shown(row) for row in rows]


async def endpoint(work: Work, *, endpoint_id: UUID) -> CallbackEndpoint:
    """One endpoint; EndpointNotFound."""
    return _shown(await _endpoint(work, endpoint_id))


async def change_endpoint(
    work: Work, *, endpoint_id: UUID, new: EndpointChange
) -> CallbackEndpoint:
    """What an endpoint is told from now on; a removed one is not there any more."""
    await _endpoint(work, endpoint_id)
    await work.run(
        sql.change_endpoint, client_id=client_of(work), id=endpoint_id, state=new.state,
        kinds=list(new.kinds),
    )  # fmt: skip
    await work.record("callback_endpoint_changed", object_id=endpoint_id, state=new.state)
    return _shown(await work.one(
        EndpointRow, sql.endpoint, client_id=client_of(work), id=endpoint_id
    ))  # fmt: skip


async def rotate_secret(work: Work, *, endpoint_id: UUID) -> EndpointWithSecret:
    """A new secret; for a day each call-back is signed with both."""
    await _endpoint(work, endpoint_id)
    secret, sealed = await _new_secret(work, endpoint_id)
    until = work.now + rules.OLD_SECRET_LIFE
    await work.run(
        sql.rotate_secret, client_id=client_of(work), id=endpoint_id, secret_sealed=sealed,
        old_until=until,
    )  # fmt: skip
    await work.record("callback_secret_rotated", object_id=endpoint_id)
    return EndpointWithSecret(
        endpoint=await endpoint(work, endpoint_id=endpoint_id), secret=secret,
        old_secret_until=until,
    )  # fmt: skip


async def test_endpoint(work: Work, *, endpoint_id: UUID) -> CallbackRow:
    """A call-back without a subject, to see whether it arrives; EndpointNotActive."""
    found = await _endpoint(work, endpoint_id)
    if found.state != "active":
        raise EndpointNotActive(state=found.state)
    data = {"endpoint_id": endpoint_id}
    callback_id = await _owe(work, found, new_id(), "endpoint.test", None, work.now, data)
    assert callback_id is not None
    return await _callback(work, callback_id)


async def _endpoint(work: Work, endpoint_id: UUID) -> EndpointRow:
    row = await work.maybe(EndpointRow, sql.endpoint, client_id=client_of(work), id=endpoint_id)
    if row is None or row.state == "removed":
        raise EndpointNotFound(endpoint_id=endpoint_id)
    return row


def _shown(row: EndpointRow) -> CallbackEndpoint:
    return CallbackEndpoint(
        id=row.id, url=row.url, kinds=row.kinds, state=row.state, failures=row.failures,
        quiet_until=row.quiet_until, made_at=row.made_at,
    )  # fmt: skip


async def _new_secret(work: Work, endpoint_id: UUID) -> tuple[str, bytes]:
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    return secret, await work.vault.seal(
        work, secret, scope=client_of(work), place=SECRET, row_id=endpoint_id
    )


# --- what is owed -----------------------------------------------------------------------------


async def owe_turn(work: Work, *, application_id: UUID, turn_id: UUID) -> None:
    """Each endpoint that wants to know is owed this turn of an application; a repeat adds none."""
    found = await applications.row(work, application_id=application_id)
    turn = await work.one(TurnTold, sql.turn, id=turn_id)
    kind = rules.kind_of(turn.state)
    if found.client_id is None or kind is None:
        return
    await act_for(work, client_id=found.client_id)
    data = {
        "application_id": application_id, "client_reference": found.client_reference,
        "state": turn.state, "sequence": turn.sequence, "codes": turn.codes,
    }  # fmt: skip
    await owe(work, subject_id=turn_id, kind=kind, about=application_id, at=turn.at, data=data)


async def owe(
    work: Work,
    *,
    subject_id: UUID,
    kind: Kind,
    about: UUID | None,
    at: datetime,
    data: dict[str, Any],
) -> None:
    """Each endpoint that wants to know is owed a call-back about this, once."""
    for found in await work.all(EndpointRow, sql.endpoints, client_id=client_of(work)):
        if rules.wanted(found.kinds, found.state, kind):
            await _owe(work, found, subject_id, kind, about, at, data)


async def _owe(
    work: Work,
    found: EndpointRow,
    subject_id: UUID,
    kind: Kind,
    about: UUID | None,
    at: datetime,
    data: dict[str, Any],
) -> UUID | None:
    callback_id = new_id()
    added = await work.run(
        sql.add_callback, client_id=client_of(work), id=callback_id, endpoint_id=found.id,
        subject_id=subject_id, kind=kind, application_id=about, body=rules.body(kind, at, data),
    )  # fmt: skip
    if not added:
        return None
    await work.emit(CallbackDue(client_id=client_of(work), callback_id=callback_id, charge=1))
    return callback_id


# --- attempts ---------------------------------------------------------------------------------


async def take(work: Work, *, callback_id: UUID, charge: int) -> Letter | float | None:
    """The letter of the next attempt, which is counted here; seconds to wait while its endpoint is
    left in peace; None when somebody else has it or it needs none any more."""
    client_id = client_of(work)
    found = await work.maybe(Waiting, sql.take, client_id=client_id, id=callback_id)
    if found is None or found.state != "waiting" or found.charge != charge:
        return None
    row = await work.one(EndpointRow, sql.lock_endpoint, client_id=client_id, id=found.endpoint_id)
    if row.state == "active" and row.quiet_until is not None and row.quiet_until > work.now:
        return (row.quiet_until - work.now).total_seconds()
    if row.failures >= rules.PATIENCE:
        until = work.now + timedelta(seconds=rules.PROBE_SECONDS)
        await work.run(sql.keep_quiet, client_id=client_id, id=row.id, quiet_until=until)
    await work.run(sql.count_attempt, client_id=client_id, id=callback_id)
    headers = await _signed(work, row, callback_id, found.body)
    url = row.url if row.state == "active" else ""
    return Letter(url, headers, found.body.encode(), found.attempts + 1)


async def _signed(work: Work, row: EndpointRow, callback_id: UUID, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks: signed now, with the old secret too while it lives."""
    sealed = [row.secret_sealed]
    if row.old_secret_sealed is not None and row.old_until and row.old_until > work.now:
        sealed.append(row.old_secret_sealed)
    at = clock.now()
    signatures = []
    for one in sealed:
        secret = await work.vault.open(
            work, one, scope=client_of(work), place=SECRET, row_id=row.id
        )
        signatures.append(Webhook(secret).sign(str(callback_id), at, body))
    return {
        "Content-Type": "application/json",
        "User-Agent": "xiaowei-callbacks/1",
        "webhook-id": str(callback_id),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def settle(
    work: Work,
    *,
    callback_id: UUID,
    charge: int,
    no: int,
    outcome: Outcome,
    status: int | None = None,
    ms: int | None = None,
    answer: str | None = None,
) -> int | None:
    """Write down an attempt and what follows: delivered, given up, or the seconds to the next."""
    client_id = client_of(work)
    found = await work.one(Waiting, sql.take, client_id=client_id, id=callback_id)
    await work.run(
        sql.add_delivery, client_id=client_id, callback_id=callback_id, no=no,
        asked_by=found.asked_by, outcome=outcome, status=status, ms=ms, answer=answer,
    )  # fmt: skip
    closed = outcome == "disabled" or status == rules.GONE
    wait = None if outcome == "taken" or closed else rules.next_wait(found.tries)
    await _note(work, found.endpoint_id, outcome, status)
    state: CallbackState = "delivered" if outcome == "taken" else "dead"
    await work.run(
        sql.settle, client_id=client_id, id=callback_id, charge=charge,
        state="waiting" if wait is not None else state,
        next_at=None if wait is None else work.now + timedelta(seconds=wait),
        ended_at=work.now if wait is None else None,
    )  # fmt: skip
    return wait if found.charge == charge and found.state == "waiting" else None


async def _note(work: Work, endpoint_id: UUID, outcome: Outcome, status: int | None) -> None:
    """What an attempt says of its endpoint."""
    client_id = client_of(work)
    if outcome == "taken":
        await work.run(sql.note_success, client_id=client_id, id=endpoint_id)
    elif outcome != "disabled":
        row = await work.one(EndpointRow, sql.lock_endpoint, client_id=client_id, id=endpoint_id)
        until = rules.quiet_until(row.failures + 1, work.now)
        await work.run(sql.note_failure, client_id=client_id, id=endpoint_id, quiet_until=until)
    if status == rules.GONE:
        await work.run(sql.disable_endpoint, client_id=client_id, id=endpoint_id)


# --- the log, and sending again ---------------------------------------------------------------


async def told(
    work: Work, *, state: str, application_id: UUID | None, before: UUID, limit: int
) -> Page[CallbackRow]:
    """What the portal was told, newest first."""
    rows = await work.all(
        CallbackRow, sql.callbacks, client_id=client_of(work), state=state,
        application_id=application_id, before=before, most=limit + 1,
    )  # fmt: skip
    return page(rows, limit, lambda row: (row.id,))


async def read(work: Work, *, callback_id: UUID) -> PortalCallback:
    """A call-back with its body and every attempt; CallbackNotFound."""
    client_id, row = client_of(work), await _callback(work, callback_id)
    return PortalCallback(
        callback=row,
        body=await work.one(str, sql.body_of, client_id=client_id, id=callback_id),
        deliveries=await work.all(
            CallbackDelivery, sql.deliveries, client_id=client_id, callback_id=callback_id
        ),
    )


async def _callback(work: Work, callback_id: UUID) -> CallbackRow:
    row = await work.maybe(CallbackRow, sql.callback, client_id=client_of(work), id=callback_id)
    if row is None:
        raise CallbackNotFound(callback_id=callback_id)
    return row


async def send_again(work: Work, *, callback_id: UUID) -> CallbackRow:
    """The portal asks for a call-back once more, delivered or given up."""
    row = await _callback(work, callback_id)
    found = await _endpoint(work, row.endpoint_id)
    if found.state != "active":
        raise EndpointNotActive(state=found.state)
    await _charge(work, client_of(work), callback_id, "portal")
    return await _callback(work, callback_id)


async def _charge(work: Work, client_id: UUID, callback_id: UUID, asked_by: AskedBy) -> None:
    charge = await work.maybe(
        int, sql.send_again, client_id=client_id, id=callback_id, asked_by=asked_by
    )
    if charge is None:
        raise CallbackStillWaiting(callback_id=callback_id)
    await work.record("callback_sent_again", object_id=callback_id, asked_by=asked_by)
    await work.emit(CallbackDue(client_id=client_id, callback_id=callback_id, charge=charge))


class Charged(msgspec.Struct, frozen=True, kw_only=True):
    """A call-back that is sent again."""

    callback_id: UUID
    charge: int


async def recover(work: Work, *, endpoint_id: UUID, since: datetime) -> Recovered:
    """Everything that was given up since a moment is sent again, a thousand in one call."""
    found = await _endpoint(work, endpoint_id)
    if found.state != "active":
        raise EndpointNotActive(state=found.state)
    client_id = client_of(work)
    charged = await work.all(
        Charged, sql.recover, client_id=client_id, endpoint_id=endpoint_id, since=since,
        most=MOST_RECOVERED,
    )  # fmt: skip
    for one in charged:
        await work.emit(
            CallbackDue(client_id=client_id, callback_id=one.callback_id, charge=one.charge)
        )
    await work.record("callbacks_recovered", object_id=endpoint_id, count=len(charged))
    return Recovered(count=len(charged))


async def dead_letters(work: Work, *, after: UUID, limit: int) -> Page[DeadRow]:
    """What was given up, of all portals, oldest first."""
    rows: Sequence[DeadRow] = await work.all(DeadRow, sql.dead, after=after, most=limit + 1)
    return page(list(rows), limit, lambda row: (row.id,))


async def desk_sends_again(work: Work, *, callback_id: UUID) -> DeadRow:
    """The desk asks for what was given up, once more; CallbackNotFound when it was not."""
    found = await work.maybe(DeadRow, sql.dead_letter, id=callback_id)
    if found is None:
        raise CallbackNotFound(callback_id=callback_id)
    await _charge(work, found.client_id, callback_id, "desk")
    return found
