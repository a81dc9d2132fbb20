"""Plays the clearing house and all other banks: credits out, credits in, returns, totals."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import uuid4

import msgspec

from app.outside.clearing_house import (
    BatchLine,
    BatchSettlement,
    DayItem,
    DayTotals,
    Direction,
    IncomingCredit,
    LineOutcome,
    NewBatch,
    NewConfirmation,
    NewCredit,
    Settlement,
    SettlementBalance,
)
from app.outside.iso.recalls import Recall
from app.outside.iso.returns import Return
from app.outside.model import Outcome, SystemName
from app.sandbox import letters
from app.sandbox.identifiers import is_bank_code
from app.sandbox.other_banks import (
    NewAccounts,
    NewIncoming,
    NewIncomingMany,
    NewReturn,
    OtherAccount,
    OtherBanks,
)
from app.sandbox.system import Refused, Request, System, decode, done, refused

# What our bank deposited with the clearing house: ten thousand million yuan.
OPENING_FEN = 1_000_000_000_000
LARGEST_BATCH = 5_000
TOTALS: tuple[Direction, ...] = (
    "outgoing",
    "outgoing_returned",
    "incoming",
    "incoming_returned",
)
SIGNS = {"outgoing": -1, "outgoing_returned": 1, "incoming": 1, "incoming_returned": -1}


def _place(item: DayItem) -> tuple[str, str, int]:
    return item.direction, item.reference, item.line_no


class ClearingHouse(System):
    """Our settlement account, everything that moved it, and the accounts at other banks."""

    name: ClassVar[SystemName] = "clearing_house"
    posts: ClassVar[Mapping[str, tuple[str, type[msgspec.Struct], bool]]] = {
        "credits": ("credit", NewCredit, True),
        "batches": ("batch", NewBatch, True),
        "confirmations": ("confirmation", NewConfirmation, False),
        "recalls": ("recall", Recall, True),
        "returns": ("return", Return, True),
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.banks = OtherBanks()
        self.incoming: dict[str, IncomingCredit] = {}
        # Incoming credits of which nothing is told but that they came.
        self._unexplained: set[str] = set()
        # Incoming credits not answered yet, in the order of their arrival.
        self._waiting: dict[str, None] = {}
        self.balance_fen = OPENING_FEN
        self._counts: dict[tuple[str, str], int] = defaultdict(int)
        self._sums: dict[tuple[str, str], int] = defaultdict(int)
        # Every movement by its date: what the bank may compare with, item by item.
        self._items: dict[str, list[DayItem]] = defaultdict(list)

    def state(self) -> dict[str, Any]:
        """Balance, accounts at other banks, incoming credits, totals by day and direction."""
        days = sorted({on for on, _ in self._counts})
        return {
            "opening_fen": OPENING_FEN,
            "balance_fen": self.balance_fen,
            "accounts": list(self.banks.accounts.values()),
            "incoming": list(self.incoming.values()),
            "days": [self.day_totals(on) for on in days],
        }

    # -- the bank sends

    def decide(self, kind: str, new: Any) -> Outcome[Any]:
        """The other bank's answer to a credit, a batch, or our answer to an incoming credit."""
        if isinstance(new, NewCredit):
            return self._credit(new)
        if isinstance(new, Recall):
            return self._recall(new)
        if isinstance(new, Return):
            return self._return(new)
        return self._batch(new) if isinstance(new, NewBatch) else self._confirmation(new)

    def _credit(self, new: NewCredit) -> Outcome[Settlement]:
        fault = self.banks.fault_of_payee(new)
        if new.amount_fen <= 0:
            fault = ("AM02", "金额有误")
        elif new.amount_fen > self.balance_fen:
            fault = ("AM04", "清算账户头寸不足")
        if fault:
            return refused(new.reference, *fault)
        settled = Settlement(amount_fen=new.amount_fen, settled_on=new.sent_on)
        return done(new.reference, settled)

    def _batch(self, new: NewBatch) -> Outcome[BatchSettlement]:
        total = sum(line.amount_fen for line in new.lines)
        if (new.line_count, new.total_fen) != (len(new.lines), total):
            return refused(new.reference, "AM10", "笔数或总金额与明细不符")
        if not 0 < len(new.lines) <= LARGEST_BATCH or total > self.balance_fen:
            return refused(new.reference, "AM02", "批次笔数或金额超限")
        if len({line.no for line in new.lines}) < len(new.lines):
            return refused(new.reference, "AM05", "明细序号重复")
        lines = [self._line(line) for line in new.lines]
        settled = sum(o.amount_fen for o in lines if o.state == "done")
        result = BatchSettlement(
            settled_on=new.sent_on,
            settled_fen=settled,
            refused_fen=total - settled,
            lines=lines,
        )
        return done(new.reference, result)

    def _recall(self, new: Recall) -> Outcome[Any]:
        """The other bank asks its customer: who still has the money and agrees gives it back."""
        request = self.requests.get(("credit", new.about))
        if request is None or not request.settled or request.decided["state"] != "done":
            return refused(new.reference, "NOOR", "原业务不存在或已退回")
        about = request.body
        account = self.banks.accounts[about["payee_bank"], about["payee_account"]]
        if account.recalls == "refuses":
            return refused(new.reference, "CUST", "收款人不同意退回")
        if account.balance_fen < about["amount_fen"]:
            return refused(new.reference, "AM04", "收款人账户余额不足")
        return Outcome(reference=new.reference, state="done")

    def _return(self, new: Return) -> Outcome[Settlement]:
        """Our bank pays a credit back that it could not refuse."""
        credit = self.incoming.get(new.about)
        if credit is None or credit.state == "returned":
            return refused(new.reference, "NOOR", "原业务不存在或已退回")
        if credit.amount_fen != new.amount_fen:
            return refused(new.reference, "AM02", "退回金额与原业务不符")
        account = self.banks.accounts[credit.payer_bank, credit.payer_account]
        if account.state != "open":
            return refused(new.reference, "AC04", "原付款账户已销户")
        settled = Settlement(amount_fen=new.amount_fen, settled_on=new.returned_on)
        return done(new.reference, settled)

    def _line(self, line: BatchLine) -> LineOutcome:
        fault = self.banks.fault_of_payee(line)
        if line.amount_fen <= 0:
            fault = ("AM02", "金额有误")
        code, reason = fault or ("", "")
        return LineOutcome(
            no=line.no,
            state="refused" if fault else "done",
            amount_fen=line.amount_fen,
            code=code,
            reason=reason,
        )

    def _confirmation(self, new: NewConfirmation) -> Outcome[IncomingCredit]:
        credit = self.incoming.get(new.reference)
        if credit is None:
            raise Refused(404, "no_such_reference")
        state = "confirmed" if new.accepted else "returned"
        answered = msgspec.structs.replace(credit, state=state, reason=new.reason)
        return done(new.reference, answered)

    def meaning(self, kind: str, plain: dict[str, Any]) -> dict[str, Any]:
        """Of a confirmation only yes or no counts: said again another day it is the same."""
        return {"accepted": plain["accepted"]} if kind == "confirmation" else plain

    async def take(self, path: str, content: bytes) -> dict[str, Any]:
        """Credits and recalls come and are answered as ISO messages; a confirmation answers with
        the credit itself."""
        if path in ("credits", "recalls", "returns"):
            return self._letter(path, await super().take(path, letters.opened(path, content)))
        outcome = await super().take(path, content)
        if path == "confirmations":
            result: dict[str, Any] = outcome["result"]
            return result
        return outcome

    async def ask(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """What became of a credit or a recall is told as an ISO message."""
        found = await super().ask(path, query)
        if len(path) == 2 and path[0] in ("credits", "recalls", "returns"):
            return self._letter(path[0], found)
        return found

    def _letter(self, path: str, outcome: dict[str, Any]) -> dict[str, Any]:
        """The outcome as a message; the same outcome always in the same words."""
        request = self.requests.get((self.posts[path][0], outcome["reference"]))
        return msgspec.to_builtins(letters.answered(path, outcome, request))

    def on_taken(self, request: Request) -> None:
        """A confirmation holds at once; a sent-back credit leaves our account again."""
        if request.kind != "confirmation":
            return
        credit = msgspec.convert(request.decided["result"], IncomingCredit)
        self.incoming[credit.reference] = credit
        self._waiting.pop(credit.reference, None)
        if credit.state == "returned":
            on = request.body["confirmed_on"]
            self._move("incoming_returned", on, credit.amount_fen, credit.reference)
            self.banks.change(credit.payer_bank, credit.payer_account, credit.amount_fen)

    def on_settled(self, request: Request) -> None:
        """Money moves when settled."""
        if request.decided["state"] != "done" or request.kind == "confirmation":
            return
        if request.kind == "recall":
            self._give_back(request.body)
            return
        if request.kind == "return":
            self._pay_back(request.body)
            return
        on = request.body["sent_on"]
        for line in self._lines(request):
            no = line.get("no", 0)
            self._move("outgoing", on, line["amount_fen"], request.reference, no)
            self.banks.change(line["payee_bank"], line["payee_account"], line["amount_fen"])

    def _pay_back(self, back: dict[str, Any]) -> None:
        """A credit that our bank could not book is its sender's again, once."""
        credit = self.incoming[back["about"]]
        if credit.state != "returned":
            self.incoming[credit.reference] = msgspec.structs.replace(
                credit, state="returned", reason=back["words"]
            )
            on = back["returned_on"]
            self._move("incoming_returned", on, credit.amount_fen, credit.reference)
            self.banks.change(credit.payer_bank, credit.payer_account, credit.amount_fen)

    def _give_back(self, recall: dict[str, Any]) -> None:
        """A recall that was agreed to: the money comes back, unless it already has."""
        about = self.requests["credit", recall["about"]]
        if about.decided["state"] == "done":
            on = date.fromisoformat(recall["asked_on"])
            self._undo(NewReturn(reference=recall["about"], reason="应付款行要求退回", on=on))

    def _lines(self, request: Request) -> list[dict[str, Any]]:
        """The credits of a request that were settled."""
        if request.kind == "credit":
            return [request.body]
        settled = {o["no"] for o in request.decided["result"]["lines"] if o["state"] == "done"}
        return [line for line in request.body["lines"] if line["no"] in settled]

    def _move(
        self, total: Direction, on: str, amount_fen: int, reference: str, line_no: int = 0
    ) -> None:
        self.balance_fen += SIGNS[total] * amount_fen
        self._counts[on, total] += 1
        self._sums[on, total] += amount_fen
        item = DayItem(direction=total, reference=reference, line_no=line_no, amount_fen=amount_fen)
        bisect.insort(self._items[on], item, key=_place)

    # -- the bank asks

    def read(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """`incoming`, one by reference, `day-totals` and `day-items` of a date, `balance`."""
        if path == ["incoming"]:
            return [self.incoming[reference] for reference in self._waiting]
        if path == ["balance"]:
            return SettlementBalance(opening_fen=OPENING_FEN, balance_fen=self.balance_fen)
        if len(path) == 2 and path[0] == "incoming":
            return None if path[1] in self._unexplained else self.incoming.get(path[1])
        if len(path) == 2 and path[0] == "day-totals":
            return self.day_totals(path[1])
        if len(path) == 2 and path[0] == "day-items":
            return self._page(path[1], query)
        return None

    def _page(self, on: str, query: Mapping[str, str]) -> list[DayItem]:
        """The movements of a date behind the one named, in the order of their keys."""
        items, begin = self._items.get(on, []), 0
        if "reference" in query:
            after = (query["direction"], query["reference"], int(query["line_no"]))
            begin = bisect.bisect_right(items, after, key=_place)
        return items[begin : begin + int(query.get("limit", "1000"))]

    def day_totals(self, on: str) -> DayTotals:
        """Counts and sums of one date, between what lay there before and after."""
        before = OPENING_FEN + sum(
            SIGNS[total] * amount for (day, total), amount in self._sums.items() if day < on
        )
        sums = {total: self._sums.get((on, total), 0) for total in TOTALS}
        counts = {total: self._counts.get((on, total), 0) for total in TOTALS}
        return DayTotals(
            on=date.fromisoformat(on),
            opening_fen=before,
            closing_fen=before + sum(SIGNS[t] * sums[t] for t in TOTALS),
            **{f"{t}_fen": sums[t] for t in TOTALS},
            **{f"{t}_count": counts[t] for t in TOTALS},
        )

    # -- other people act

    def simulate(self, what: str, body: bytes) -> Any:
        """`accounts`: others open accounts; `incoming`, `incoming-many`: others pay us;
        `return`: another bank sends back a settled credit."""
        if what == "accounts":
            return self._open(decode(body, NewAccounts).accounts)
        if what == "incoming":
            return self._pay_us([decode(body, NewIncoming)])[0]
        if what == "incoming-many":
            return self._pay_us(decode(body, NewIncomingMany).credits)
        if what == "return":
            return self._send_back(decode(body, NewReturn))
        raise Refused(404, "no_such_simulation")

    def _open(self, accounts: list[OtherAccount]) -> dict[str, int]:
        for account in accounts:
            if not is_bank_code(account.bank_code):
                raise Refused(422, "RC01", f"行号有误：{account.bank_code}")
        self.record_simulated("accounts", {"accounts": accounts})
        return {"opened": len(accounts)}

    def _pay_us(self, credits: list[NewIncoming]) -> list[IncomingCredit]:
        for new in credits:
            known = self.banks.accounts.get((new.payer_bank, new.payer_account))
            if known is not None and known.name != new.payer_name:
                raise Refused(422, "BE01", "付款户名不符")
        told = []
        for new in credits:
            reference = new.reference or f"IN{uuid4().hex}"
            if reference not in self.incoming:
                self.record_simulated("incoming", msgspec.structs.replace(new, reference=reference))
                if new.explained:
                    self.tell(reference, "incoming")
            told.append(self.incoming[reference])
        return told

    def _send_back(self, new: NewReturn) -> dict[str, Any]:
        request = self.requests.get((new.kind, new.reference))
        if request is None or not request.settled or request.decided["state"] != "done":
            raise Refused(409, "not_settled", "该笔业务尚未清算或已退回")
        result = request.decided["result"]
        line = next((o for o in result.get("lines", []) if o["no"] == new.line_no), None)
        if new.kind == "batch" and (line is None or line["state"] != "done"):
            raise Refused(409, "not_settled", "该明细尚未清算或已退回")
        self.record_simulated("return", new)
        self.tell(new.reference, "returned")
        return request.outcome

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Accounts opened, money arrived, credits sent back."""
        if what == "accounts":
            for account in msgspec.convert(body, NewAccounts).accounts:
                self.banks.open(account)
        elif what == "incoming":
            self._arrive(msgspec.convert(body, NewIncoming))
        elif what == "return":
            self._undo(msgspec.convert(body, NewReturn))

    def _arrive(self, new: NewIncoming) -> None:
        assert new.reference is not None
        ways = ("on", "final", "explained")
        known = {k: v for k, v in msgspec.structs.asdict(new).items() if k not in ways}
        final = new.final or not new.explained
        self.incoming[new.reference] = IncomingCredit(
            **known, sent_on=new.on, state="final" if final else "waiting"
        )
        if not new.explained:
            self._unexplained.add(new.reference)
        if not final:
            self._waiting[new.reference] = None
        self.banks.pay(new.payer_bank, new.payer_account, new.payer_name, new.amount_fen)
        self._move("incoming", new.on.isoformat(), new.amount_fen, new.reference)

    def _undo(self, new: NewReturn) -> None:
        request = self.requests[new.kind, new.reference]
        result, back = request.decided["result"], request.body
        if new.kind == "credit":
            request.decided.update(state="returned", code="RETURN", reason=new.reason)
            result["returned_on"] = new.on.isoformat()
        else:
            outcome = next(o for o in result["lines"] if o["no"] == new.line_no)
            outcome.update(
                state="returned", code="RETURN", reason=new.reason, returned_on=new.on.isoformat()
            )
            back = next(line for line in request.body["lines"] if line["no"] == new.line_no)
        no, on = new.line_no or 0, new.on.isoformat()
        self._move("outgoing_returned", on, back["amount_fen"], new.reference, no)
        self.banks.change(back["payee_bank"], back["payee_account"], -back["amount_fen"])
