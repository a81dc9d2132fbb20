"""Makes payments over HTTP: by the lane where it may decide, else as a Work of their own."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from litestar import Request, Response, Router, post
from litestar.params import JSONBody

from accounts.deposits.model import AccountNotFound
from accounts.duplicates.model import LikelyDuplicate
from accounts.lane import operations
from accounts.lane.model import Answer
from accounts.parties.model import PartyClosed, PartyNotFound
from accounts.payments.model import KEPT, KeyReused, NewPayment, PayeeMissing, Payment
from accounts.payments.routes import HANDLERS, MAKERS
from app.http import begin, calling, check_address, door_of, in_turn, problems, services
from app.once import KeyMissing, checked_key
from app.problems import MEDIA_TYPE, document, speaks_english

REFUSALS = {kind.__name__: kind for kind in KEPT}
Asked = Request[Any, Any, Any]


def answered(answer: Answer, *, english: bool) -> Response[bytes]:
    """The first answer: the payment, or the refusal that was kept with it."""
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    refusal = answer.refusal
    if refusal is None:
        body = msgspec.json.encode(answer.payment)
        return Response(body, status_code=201, media_type="application/json", headers=headers)
    # The stored facts come back in another order; a repeat must be the same to the last byte.
    facts = dict(sorted(refusal["facts"].items()))
    error = REFUSALS[refusal["error"]](**facts, payment_id=answer.payment_id)
    status, body = document(error, english=english)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


@post(
    "",
    opt={"keyed": True},
    guards=[MAKERS],
    responses=problems(
        KeyMissing,
        PayeeMissing,
        AccountNotFound,
        PartyNotFound,
        PartyClosed,
        KeyReused,
        LikelyDuplicate,
        *KEPT,
    ),
)
async def make_payment(request: Request[Any, Any, Any], data: JSONBody[NewPayment]) -> Payment:
    """Pay somebody, once per Idempotency-Key; a copy in flight waits and answers as a repeat."""
    check_address(request)
    key = checked_key(request.headers.get("idempotency-key"))
    async with in_turn(request):
        answer = await _by_lane(request, data, key)
        if answer is None:
            async with calling(request) as work:
                answer = await operations.pay_alone(work, new=data, key=key)
    english = speaks_english(request.headers.get("accept-language", ""))
    return answered(answer, english=english)  # type: ignore[return-value]


async def _by_lane(request: Asked, new: NewPayment, key: str) -> Answer | None:
    found = services(request.app.state)
    if found.lane is None:
        return None
    actor, _ = door_of(request)
    return await operations.pay(
        found.lane, found.vault, partial(begin, request), actor=actor, new=new, key=key
    )


router = Router("/v1/payments", route_handlers=[make_payment, *HANDLERS], tags=["payments"])
