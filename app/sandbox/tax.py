"""Plays the tax platform: invoice numbers within the quota, red letters, returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from app.outside.model import Outcome, SystemName
from app.outside.tax import FiledReturn, IssuedInvoice, NewNumber, NewReturn, Quota, Standing
from app.sandbox.identifiers import is_uscc
from app.sandbox.system import Refused, Request, System, decode, done, refused

# 5,000,000.00 yuan a month until the platform is told otherwise
USUAL_QUOTA_FEN = 500_000_000
CHANNEL = "7"


class SetTaxpayer(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the tax bureau decides about a firm: its quota, its rating."""

    uscc: str
    quota_fen: int | None = None
    rating: Literal["A", "B", "M", "C", "D"] | None = None


class Tax(System):
    """Every invoice and return of everyone."""

    name: ClassVar[SystemName] = "tax"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "invoices": ("number", NewNumber, True),
        "returns": ("return", NewReturn, True),
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.invoices: dict[str, IssuedInvoice] = {}
        self.returns: dict[tuple[str, str, str], FiledReturn] = {}
        self.quotas: dict[str, int] = {}
        self.ratings: dict[str, str] = {}
        self._by_seller: dict[str, list[str]] = defaultdict(list)
        self._used: dict[tuple[str, str], int] = defaultdict(int)
        self._reversed: dict[str, int] = defaultdict(int)
        self._sequence: dict[str, int] = defaultdict(int)

    def state(self) -> dict[str, Any]:
        """Every invoice, return, quota and rating."""
        return {
            "invoices": list(self.invoices.values()),
            "returns": list(self.returns.values()),
            "quotas": self.quotas,
            "ratings": self.ratings,
        }

    def decide(self, kind: str, new: NewNumber | NewReturn) -> Outcome[Any]:
        """A number, or a receipt."""
        return self._return(new) if isinstance(new, NewReturn) else self._number(new)

    def _number(self, new: NewNumber) -> Outcome[IssuedInvoice]:
        fault = self._fault_of_invoice(new) or (
            self._fault_of_red(new) if new.red_of else self._fault_of_blue(new)
        )
        if fault:
            return refused(new.reference, *fault)
        prefix = f"{new.issued_on:%y}{new.seller_uscc[2:4]}{CHANNEL}"
        sequence = self.seed % 10**5 * 10**9 + self._sequence[prefix] + 1
        invoice = IssuedInvoice(
            number=f"{prefix}{sequence:015d}",
            kind=new.kind,
            issued_on=new.issued_on,
            seller_uscc=new.seller_uscc,
            seller_name=new.seller_name,
            buyer_uscc=new.buyer_uscc,
            buyer_name=new.buyer_name,
            net_fen=new.net_fen,
            tax_fen=new.tax_fen,
            total_fen=new.total_fen,
            red_of=new.red_of,
        )
        return done(new.reference, invoice)

    def _fault_of_invoice(self, new: NewNumber) -> tuple[str, str] | None:
        if not is_uscc(new.seller_uscc):
            return "seller_uscc", "销售方纳税人识别号有误"
        if new.kind == "01" and not is_uscc(new.buyer_uscc):
            return "buyer_uscc", "增值税专用发票须填写购买方纳税人识别号"
        if not new.buyer_name or not new.seller_name:
            return "title", "发票抬头不完整"
        if new.net_fen + new.tax_fen != new.total_fen:
            return "sum", "金额与税额之和不等于价税合计"
        return None

    def _fault_of_blue(self, new: NewNumber) -> tuple[str, str] | None:
        if new.net_fen <= 0 or new.tax_fen < 0:
            return "amount", "蓝字发票金额须大于零"
        quota = self.quota(new.seller_uscc, f"{new.issued_on:%Y-%m}")
        if new.net_fen > quota.left_fen:
            return "quota", f"超出本月发票总额度，剩余 {max(0, quota.left_fen)} 分"
        return None

    def _fault_of_red(self, new: NewNumber) -> tuple[str, str] | None:
        blue = self.invoices.get(new.red_of or "")
        if blue is None or blue.seller_uscc != new.seller_uscc or blue.red_of:
            return "red_of", "对应的蓝字发票不存在"
        if new.net_fen >= 0 or new.total_fen >= 0:
            return "amount", "红字发票金额须小于零"
        left = blue.net_fen - self._reversed[blue.number]
        if -new.net_fen > left:
            return "red_amount", "红字金额超过蓝字发票可冲红余额"
        if new.red_reason is None:
            return "red_reason", "缺少红冲原因"
        if new.red_reason == "01" and -new.net_fen != blue.net_fen:
            return "red_reason", "开票有误须全额红冲"
        return None

    def quota(self, uscc: str, month: str) -> Quota:
        """A month's cap and what is used of it."""
        limit = self.quotas.get(uscc, USUAL_QUOTA_FEN)
        return Quota(uscc=uscc, month=month, limit_fen=limit, used_fen=self._used[uscc, month])

    def _return(self, new: NewReturn) -> Outcome[FiledReturn]:
        if not is_uscc(new.uscc):
            return refused(new.reference, "uscc", "纳税人识别号有误")
        if (new.uscc, new.tax, new.period_from.isoformat()) in self.returns:
            return refused(new.reference, "already_filed", "该税种该属期已申报")
        if new.payable_fen < 0 or new.period_from >= new.period_until:
            return refused(new.reference, "figures", "申报数据有误")
        if new.filed_on < new.period_until:
            return refused(new.reference, "too_early", "属期尚未结束")
        receipt = FiledReturn(
            receipt_number=f"{new.filed_on:%Y%m%d}{self.seed % 100:02d}{len(self.returns) + 1:08d}",
            uscc=new.uscc,
            tax=new.tax,
            period_from=new.period_from,
            period_until=new.period_until,
            payable_fen=new.payable_fen,
            filed_on=new.filed_on,
        )
        return done(new.reference, receipt)

    def on_taken(self, request: Request) -> None:
        """Number, quota and period are used from acceptance on."""
        if request.decided["state"] != "done":
            return
        if request.kind == "return":
            receipt = msgspec.convert(request.decided["result"], FiledReturn)
            key = (receipt.uscc, receipt.tax, receipt.period_from.isoformat())
            self.returns[key] = receipt
            return
        invoice = msgspec.convert(request.decided["result"], IssuedInvoice)
        self.invoices[invoice.number] = invoice
        self._by_seller[invoice.seller_uscc].append(invoice.number)
        self._sequence[invoice.number[:5]] += 1
        month = f"{invoice.issued_on:%Y-%m}"
        if invoice.red_of is not None:
            self._reversed[invoice.red_of] -= invoice.net_fen
        # A red letter of the blue's own month gives quota back, a later one does not.
        blue = self.invoices[invoice.red_of] if invoice.red_of else invoice
        if f"{blue.issued_on:%Y-%m}" == month:
            self._used[invoice.seller_uscc, month] += invoice.net_fen

    def read(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """`taxpayers/{uscc}/invoices`, `…/quota?month=`, `…/standing`."""
        if len(path) != 3 or path[0] != "taxpayers":
            return None
        uscc = path[1]
        if path[2] == "invoices":
            from_on, until_on = query.get("from_on", "0"), query.get("until_on", "9")
            rows = (self.invoices[number] for number in self._by_seller[uscc])
            return [i for i in rows if from_on <= i.issued_on.isoformat() < until_on]
        if path[2] == "quota" and "month" in query:
            return self.quota(uscc, query["month"])
        if path[2] == "standing":
            return self.standing(uscc)
        return None

    def standing(self, uscc: str) -> Standing:
        """M for a firm without a year of VAT returns, then B, unless the bureau rated it."""
        filed = [r for r in self.returns.values() if r.uscc == uscc]
        vat_days = sum((r.period_until - r.period_from).days for r in filed if r.tax == "vat")
        return Standing(
            uscc=uscc,
            rating=self.ratings.get(uscc, "B" if vat_days >= 365 else "M"),
            returns_filed=len(filed),
            declared_tax_fen=sum(r.payable_fen for r in filed),
            invoiced_net_fen=sum(self.invoices[n].net_fen for n in self._by_seller[uscc]),
        )

    def simulate(self, what: str, body: bytes) -> Any:
        """`taxpayer`: the bureau sets a quota or a rating."""
        if what != "taxpayer":
            raise Refused(404, "no_such_simulation")
        order = decode(body, SetTaxpayer)
        self.record_simulated(what, order)
        return self.standing(order.uscc)

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Keep the bureau's decision."""
        if body["quota_fen"] is not None:
            self.quotas[body["uscc"]] = body["quota_fen"]
        if body["rating"] is not None:
            self.ratings[body["uscc"]] = body["rating"]
