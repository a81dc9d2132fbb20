"""How large a firm is, for the bank's staff: it decides what its fees are."""

from uuid import UUID

from litestar import Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits import operations as deposits
from accounts.deposits.desk import STAFF
from accounts.deposits.model import AccountNotFound
from accounts.fees import operations
from accounts.fees.model import NewTerms, Terms, TermsChanged
from app.http import problems
from app.work import Work


@get("/{account_id:uuid}/fee-terms", guards=[STAFF], responses=problems(AccountNotFound))
async def read_fee_terms(work: NamedDependency[Work], account_id: FromPath[UUID]) -> Terms:
    """How large the account's firm is taken to be."""
    await deposits.enter_firm_of(work, account_id=account_id)
    return await operations.terms(work, usual=await operations.prices(work))


@put(
    "/{account_id:uuid}/fee-terms",
    guards=[STAFF],
    responses=problems(AccountNotFound, TermsChanged),
)
async def set_fee_terms(
    work: NamedDependency[Work], data: JSONBody[NewTerms], account_id: FromPath[UUID]
) -> Terms:
    """Say how large the account's firm is; its next payments are priced by that."""
    await deposits.enter_firm_of(work, account_id=account_id)
    return await operations.set_terms(work, new=data)


router = Router(
    "/desk/v1/accounts", route_handlers=[read_fee_terms, set_fee_terms], tags=["desk: fees"]
)
