"""Reserved payments over HTTP: hold, look, confirm, let go."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.deposits.model import AccountNotFound, CannotPayOnline
from accounts.deposits.routes import READERS
from accounts.ledger.model import (
    AccountRefusesPosting,
    HoldNotOpen,
    HoldTooSmall,
    InsufficientFunds,
)
from accounts.parties.model import PartyClosed, PartyNotFound
from accounts.payments.model import (
    KEPT,
    PayeeAccountUnknown,
    PayeeBankUnknown,
    PayeeIsPayer,
    PayeeMissing,
    PayeeNameMismatch,
    Payment,
)
from accounts.payments.routes import MAKERS
from accounts.reservations import operations
from accounts.reservations.model import (
    Cancellation,
    NewConfirmation,
    NewReservation,
    Reservation,
    ReservationEnded,
    ReservationNotFound,
    ReservationTermWrong,
    ReservationTooSmall,
)
from app.http import problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_reservations(
    work: NamedDependency[Work],
    account_id: FromQuery[UUID | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Reservation]:
    """The firm's reservations, newest first."""
    return await operations.search(work, account_id=account_id, after=after, limit=limit)


@get("/{reservation_id:uuid}", guards=[READERS], responses=problems(ReservationNotFound))
async def read_reservation(
    work: NamedDependency[Work], reservation_id: FromPath[UUID]
) -> Reservation:
    """One reservation with what was confirmed and what is left."""
    return await operations.get(work, reservation_id=reservation_id)


@post(
    "",
    guards=[MAKERS],
    responses=problems(
        AccountNotFound,
        CannotPayOnline,
        ReservationTermWrong,
        PayeeMissing,
        PartyNotFound,
        PartyClosed,
        PayeeBankUnknown,
        PayeeAccountUnknown,
        PayeeNameMismatch,
        PayeeIsPayer,
        InsufficientFunds,
        AccountRefusesPosting,
    ),
)
@once
async def reserve(work: NamedDependency[Work], data: JSONBody[NewReservation]) -> Reservation:
    """Hold money for a named payee until a moment; nothing else can use it."""
    return await operations.reserve(work, new=data)


@post(
    "/{reservation_id:uuid}/confirm",
    status_code=201,
    guards=[MAKERS],
    responses=problems(
        ReservationNotFound,
        ReservationEnded,
        ReservationTooSmall,
        HoldNotOpen,
        HoldTooSmall,
        *KEPT,
    ),
)
@once
async def confirm_reservation(
    work: NamedDependency[Work], data: JSONBody[NewConfirmation], reservation_id: FromPath[UUID]
) -> Payment:
    """Pay the payee a part or the rest: an ordinary payment order, paid out of the hold."""
    return await operations.confirm(work, reservation_id=reservation_id, new=data)


@post(
    "/{reservation_id:uuid}/cancel",
    status_code=200,
    guards=[MAKERS],
    responses=problems(ReservationNotFound, ReservationEnded),
)
@once
async def cancel_reservation(
    work: NamedDependency[Work], data: JSONBody[Cancellation], reservation_id: FromPath[UUID]
) -> Reservation:
    """Let go of what is left; what was confirmed stays paid."""
    return await operations.cancel(work, reservation_id=reservation_id, reason=data.reason)


router = Router(
    "/v1/reservations",
    route_handlers=[
        list_reservations,
        read_reservation,
        reserve,
        confirm_reservation,
        cancel_reservation,
    ],
    tags=["payments"],
)
