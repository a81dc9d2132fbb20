"""What is swept home, and the entries of a sweep: one in each firm, one in the bank's own."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.ledger.model import BankSide, Leg, NewEntry
from accounts.sweeps.model import Held

# Income and expense of the bank. What is still owed stays with the firm it concerns: money in
# suspense and in transit, and the principal of loans.
KINDS: tuple[BankSide, ...] = ("fee_income", "interest_income", "interest_payable")
# So many accounts in one posting.
SLICE = 5_000


def entries(
    held: Sequence[Held],
    *,
    kind: str,
    on: date,
    home_business_id: UUID,
    home_id: UUID,
    transfer_id: UUID,
) -> list[NewEntry]:
    """One transfer of a kind: out of each firm, into the bank's own; once per firm and date."""
    total_fen = sum(one.amount_fen for one in held)
    out = [
        NewEntry(
            kind="sweep_income",
            business_key=f"{kind}:{on.isoformat()}",
            business_id=one.business_id,
            transfer_id=transfer_id,
            clearing_fen=one.amount_fen,
            legs=[Leg(account_id=one.account_id, amount_fen=-one.amount_fen)],
        )
        for one in held
    ]
    if not total_fen:
        return out
    return [
        *out,
        NewEntry(
            kind="sweep_income",
            business_key=str(transfer_id),
            business_id=home_business_id,
            transfer_id=transfer_id,
            clearing_fen=-total_fen,
            legs=[Leg(account_id=home_id, amount_fen=total_fen)],
        ),
    ]
