"""The tax platform (电子税务局): numbers of e-invoices, the monthly quota, returns."""

from __future__ import annotations

from datetime import date
from typing import Literal
from urllib.parse import quote

from msgspec import Struct

from app.outside.model import Outcome, Reference
from app.outside.wire import Wire

# 01 special (增值税专用发票), 02 ordinary (普通发票)
InvoiceKind = Literal["01", "02"]
# 01 issued in error, 02 goods returned, 03 service ended, 04 allowance
RedReason = Literal["01", "02", "03", "04"]
TaxKind = Literal["vat", "surcharges", "cit", "iit_withholding", "iit_business", "stamp"]


class NewNumber(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invoice that wants its number. A red one has negative amounts and names its blue."""

    reference: Reference
    kind: InvoiceKind
    issued_on: date
    seller_uscc: str
    seller_name: str
    buyer_uscc: str = ""
    buyer_name: str
    net_fen: int
    tax_fen: int
    total_fen: int
    red_of: str | None = None
    red_reason: RedReason | None = None


class IssuedInvoice(Struct, frozen=True, kw_only=True):
    """An invoice as the platform knows it; `number` has 20 digits."""

    number: str
    kind: InvoiceKind
    issued_on: date
    seller_uscc: str
    seller_name: str
    buyer_uscc: str
    buyer_name: str
    net_fen: int
    tax_fen: int
    total_fen: int
    red_of: str | None = None


class Quota(Struct, frozen=True, kw_only=True):
    """发票总额度: the cap on tax-exclusive sales invoiced in one calendar month."""

    uscc: str
    month: str
    limit_fen: int
    used_fen: int

    @property
    def left_fen(self) -> int:
        """What may still be invoiced in the month."""
        return self.limit_fen - self.used_fen


class NewReturn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One return for one period `[period_from, period_until)`; `figures` are its lines in fen."""

    reference: Reference
    uscc: str
    tax: TaxKind
    period_from: date
    period_until: date
    figures: dict[str, int]
    payable_fen: int
    filed_on: date


class FiledReturn(Struct, frozen=True, kw_only=True):
    """The platform's receipt for a return."""

    receipt_number: str
    uscc: str
    tax: TaxKind
    period_from: date
    period_until: date
    payable_fen: int
    filed_on: date


class Standing(Struct, frozen=True, kw_only=True):
    """What the platform tells a bank the firm allowed: rating A, B, M, C, D and filed totals."""

    uscc: str
    rating: str
    returns_filed: int
    declared_tax_fen: int
    invoiced_net_fen: int


class Tax:
    """Requests to the tax platform."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def request_number(self, new: NewNumber) -> Outcome[IssuedInvoice]:
        """Ask for the number; refused when the month's quota does not suffice."""
        return await self._wire.post("/invoices", new, Outcome[IssuedInvoice])

    async def outcome(self, reference: str) -> Outcome[IssuedInvoice] | None:
        """What became of the request for a number; None: it never arrived."""
        return await self._wire.get(f"/invoices/{quote(reference)}", Outcome[IssuedInvoice])

    async def issued(
        self, *, uscc: str, from_on: date | None = None, until_on: date | None = None
    ) -> list[IssuedInvoice]:
        """Everything issued by a firm, by number, `[from_on, until_on)`."""
        rows = await self._wire.get(
            f"/taxpayers/{quote(uscc)}/invoices",
            list[IssuedInvoice],
            from_on=from_on,
            until_on=until_on,
        )
        return rows or []

    async def quota(self, *, uscc: str, month: str) -> Quota:
        """The quota of a month (`2025-09`)."""
        quota = await self._wire.get(f"/taxpayers/{quote(uscc)}/quota", Quota, month=month)
        assert quota is not None, "every taxpayer has a quota"
        return quota

    async def file_return(self, new: NewReturn) -> Outcome[FiledReturn]:
        """File a return; a second one for the same tax and period is refused."""
        return await self._wire.post("/returns", new, Outcome[FiledReturn])

    async def return_outcome(self, reference: str) -> Outcome[FiledReturn] | None:
        """What became of the return; None: it never arrived."""
        return await self._wire.get(f"/returns/{quote(reference)}", Outcome[FiledReturn])

    async def standing(self, *, uscc: str) -> Standing:
        """Rating and totals, for a firm that consented (the consent is the caller's duty)."""
        standing = await self._wire.get(f"/taxpayers/{quote(uscc)}/standing", Standing)
        assert standing is not None, "every taxpayer has a standing"
        return standing
