"""Open look-ups: is this identifier well formed, and how is this amount written in words."""

from __future__ import annotations

import re

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.http import problems
from app.money import MAX_FEN
from app.reference import rules
from app.reference.model import BadAmount, Check, Uppercase
from app.work import Work

_WHOLE_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]{0,15})")


@get("/uscc/{code:str}", sync_to_thread=False, public=True)
def check_uscc(code: FromPath[str]) -> Check:
    """Test a unified social credit code."""
    return rules.uscc(code)


@get("/resident-ids/{number:str}", public=True)
async def check_resident_id(work: NamedDependency[Work], number: FromPath[str]) -> Check:
    """Test a resident identity number; a birth date after today is refused."""
    return rules.resident_id(number, today=work.today)


@get("/bank-codes/{cnaps:str}", sync_to_thread=False, public=True)
def check_bank_code(cnaps: FromPath[str]) -> Check:
    """Test a bank code of the payment system."""
    return rules.bank_code(cnaps)


@get(
    "/uppercase/{amount_fen:str}",
    sync_to_thread=False,
    public=True,
    responses=problems(BadAmount),
)
def write_uppercase(amount_fen: FromPath[str]) -> Uppercase:
    """Write an amount of fen in the words of bills."""
    if not _WHOLE_NUMBER.fullmatch(amount_fen) or abs(int(amount_fen)) > MAX_FEN:
        raise BadAmount(amount_fen=amount_fen[:20], next_step="whole fen, at most 10^15")
    return Uppercase(text=rules.uppercase(int(amount_fen)))


router = Router(
    "/v1/reference",
    route_handlers=[check_uscc, check_resident_id, check_bank_code, write_uppercase],
    tags=["reference"],
)
