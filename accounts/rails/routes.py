"""The way of a payment, told before it is made."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from accounts.deposits.routes import READERS
from accounts.rails import operations
from accounts.rails.model import Quote, Speed
from app.money import PositiveFen
from app.names import BankCode
from app.work import Work


@get("/quote", guards=[READERS])
async def quote_way(
    work: NamedDependency[Work],
    bank_code: FromQuery[BankCode],
    amount_fen: FromQuery[PositiveFen],
    speed: Annotated[Speed, QueryParameter(name="speed")] = "instant",
) -> Quote:
    """Which payment system would carry this amount, when it would leave and when it arrives."""
    return await operations.quote(work, bank_code=bank_code, amount_fen=amount_fen, speed=speed)


router = Router("/v1/payment-systems", route_handlers=[quote_way], tags=["payments"])
