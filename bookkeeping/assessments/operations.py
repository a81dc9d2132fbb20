"""Taxes of a period quoted, each with the statute it is computed by."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

import msgspec

from app.reference import operations as reference
from app.reference.model import DatedValue, NoValueInForce
from app.work import Work
from bookkeeping.assessments import rules
from bookkeeping.assessments.model import (
    Cit,
    CitRates,
    EducationExemption,
    GeneralVat,
    IncomeTaxNeedsMore,
    NewTaxQuote,
    SmallProfit,
    SmallScaleVat,
    Statute,
    SurchargeRates,
    SurchargeRelief,
    Surcharges,
    TaxQuote,
    UnknownRate,
    Vat,
)

T = TypeVar("T")
KINDS = (
    "vat.small_scale",
    "vat.general",
    "surcharge.rates",
    "surcharge.half",
    "surcharge.education_exemption",
    "cit.rates",
    "cit.small_profit",
)


class Laws:
    """The statutes of one period, by kind: decoded, and as they are cited."""

    def __init__(self, rows: dict[str, DatedValue], on: date) -> None:
        self._rows, self._on = rows, on

    def value(self, kind: str, shape: type[T]) -> T:
        """The value; NoValueInForce if none covers the period."""
        if kind not in self._rows:
            raise NoValueInForce(kind=kind, region="CN", on=self._on.isoformat())
        return msgspec.convert(self._rows[kind].value, shape)

    def maybe(self, kind: str, shape: type[T]) -> T | None:
        """The value of a relief, or None where it is not in force."""
        return msgspec.convert(self._rows[kind].value, shape) if kind in self._rows else None

    def cite(self, kind: str, rule: str) -> Statute:
        """How the statute stands in an answer."""
        row = self._rows[kind]
        return Statute(rule=rule, from_on=row.from_on, until_on=row.until_on, source=row.source)


async def laws(work: Work, *, on: date) -> Laws:
    """All tax statutes in force on a day, in one trip."""
    return Laws(await reference.values(work, kinds=KINDS, on=on), on)


async def quote(work: Work, *, new: NewTaxQuote) -> TaxQuote:
    """VAT, surcharges and income tax of a period, each with its statute."""
    period = rules.period_kind(new.period_from, new.period_until)
    found = await laws(work, on=new.period_from)
    income_tax = _income_tax(found, new)
    if period == "year":
        return TaxQuote(vat=None, surcharges=None, income_tax=income_tax)
    vat = _vat(found, new, period)
    small = new.taxpayer == "small_scale" or (income_tax is not None and income_tax.small_profit)
    return TaxQuote(
        vat=vat, surcharges=_surcharges(found, new, period, vat, small), income_tax=income_tax
    )


def _vat(found: Laws, new: NewTaxQuote, period: rules.Period) -> Vat:
    if new.taxpayer == "small_scale":
        law = found.value("vat.small_scale", SmallScaleVat)
        result = rules.small_scale_vat(law, new.sales_fen, period)
        edge = "<" if law.reaching_is_taxed else "<="
        cited = found.cite("vat.small_scale", f"exempt if sales {edge} threshold of the {period}")
    else:
        rates = found.value("vat.general", GeneralVat).rates_ppm
        rate = max(rates) if new.output_rate_ppm is None else new.output_rate_ppm
        if rate not in rates:
            raise UnknownRate(rate_ppm=rate, known=rates)
        result = rules.general_vat(new.sales_fen, rate, new.input_tax_fen)
        cited = found.cite("vat.general", "output tax less input tax")
    return Vat(**msgspec.structs.asdict(result), law=cited)


def _surcharges(
    found: Laws, new: NewTaxQuote, period: rules.Period, vat: Vat, small: bool
) -> Surcharges:
    relief = found.maybe("surcharge.half", SurchargeRelief) if small else None
    result = rules.surcharges(
        found.value("surcharge.rates", SurchargeRates),
        found.value("surcharge.education_exemption", EducationExemption),
        relief.relief_ppm if relief else 0,
        vat_fen=vat.tax_fen,
        sales_fen=new.sales_fen,
        period=period,
        city=new.city_tax_class,
    )
    cited = [
        found.cite("surcharge.rates", "rates on VAT paid"),
        found.cite("surcharge.education_exemption", "no education surcharges up to these sales"),
    ]
    if relief:
        cited.append(found.cite("surcharge.half", "half for small taxpayers"))
    return Surcharges(**msgspec.structs.asdict(result), laws=cited)


def _income_tax(found: Laws, new: NewTaxQuote) -> Cit | None:
    if new.profit_fen is None:
        return None
    if new.staff is None or new.assets_fen is None:
        raise IncomeTaxNeedsMore()
    result = rules.corporate_income_tax(
        found.value("cit.rates", CitRates),
        found.maybe("cit.small_profit", SmallProfit),
        profit_fen=new.profit_fen,
        staff=new.staff,
        assets_fen=new.assets_fen,
    )
    kind, rule = "cit.rates", "ordinary rate"
    if result.small_profit:
        kind, rule = "cit.small_profit", "small profit: a share of the income at a reduced rate"
    return Cit(**msgspec.structs.asdict(result), law=found.cite(kind, rule))
