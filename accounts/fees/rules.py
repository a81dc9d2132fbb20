"""What a payment costs by the price list, whom it costs nothing, and the entries of a fee."""

from uuid import UUID

from accounts.fees.model import Fee, Prices, Quote, Size, Taken, Tariff
from accounts.ledger.model import HoldChange, Leg, NewEntry
from app.money import mul_ppm


def list_price(prices: Prices, *, rail: str, amount_fen: int) -> int:
    """The list price of a payment: the first bracket that reaches its amount, fen half up."""
    for bracket in prices.rails.get(rail, []):
        if bracket.up_to_fen is None or amount_fen <= bracket.up_to_fen:
            fee_fen = bracket.fee_fen + mul_ppm(amount_fen, bracket.rate_ppm)
            return fee_fen if bracket.most_fen is None else min(fee_fen, bracket.most_fen)
    return 0


def quote(prices: Prices, *, rail: str, amount_fen: int, size: Size) -> Quote:
    """What a firm of this size pays for a payment on a rail."""
    list_fen = list_price(prices, rail=rail, amount_fen=amount_fen)
    free = size in prices.free_sizes
    return Quote(
        rail=rail,
        amount_fen=amount_fen,
        list_fen=list_fen,
        fee_fen=0 if free else list_fen,
        free_because=size if free else None,
    )


def fee_fen(tariff: Tariff, *, rail: str, amount_fen: int) -> int:
    """What this firm is charged for a payment on a rail; nothing inside the bank."""
    return quote(tariff.prices, rail=rail, amount_fen=amount_fen, size=tariff.size).fee_fen


def place(fee_id: UUID, *, account_id: UUID, amount_fen: int) -> HoldChange:
    """The fee set aside together with its payment's money; the hold bears the fee's id."""
    return HoldChange(
        action="place", hold_id=fee_id, account_id=account_id, amount_fen=amount_fen, purpose="fee"
    )


def release(fee: Fee) -> HoldChange:
    """The fee of a payment that was called off is free again."""
    return HoldChange(action="release", hold_id=fee.id, account_id=fee.account_id)


def capture(fee: Fee) -> HoldChange:
    """The fee of a payment that left the bank is used."""
    return HoldChange(action="capture", hold_id=fee.id, account_id=fee.account_id)


def payment_entry(fee: Fee, *, income_id: UUID) -> NewEntry:
    """A payment's fee: once per payment."""
    return NewEntry(
        kind="fee_payment",
        business_key=fee.cause,
        memo="手续费",
        legs=_legs(fee.account_id, income_id, fee.amount_fen),
    )


def monthly_entry(taken: Taken, *, income_id: UUID) -> NewEntry:
    """A month's fee of an account: once per account and month."""
    return NewEntry(
        kind="fee_monthly",
        business_key=f"{taken.account_id}:{taken.cause}",
        business_id=taken.business_id,
        memo=f"账户管理费 {taken.cause}",
        legs=_legs(taken.account_id, income_id, taken.amount_fen),
    )


def refund_entry(fee: Fee, *, income_id: UUID) -> NewEntry:
    """A fee given back: once per fee."""
    return NewEntry(
        kind="fee_refund",
        business_key=str(fee.id),
        memo="手续费退回",
        legs=_legs(fee.account_id, income_id, -fee.amount_fen),
    )


def _legs(account_id: UUID, income_id: UUID, amount_fen: int) -> list[Leg]:
    return [
        Leg(account_id=account_id, amount_fen=-amount_fen),
        Leg(account_id=income_id, amount_fen=amount_fen),
    ]
