"""The clearing house (大小额支付系统): credits to and from other banks, and the daily totals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from app.clock import SHANGHAI
from app.outside.iso import credits, recalls, returns, xml
from app.outside.iso.credits import Channel, Transfer
from app.outside.iso.recalls import Recall
from app.outside.iso.returns import Return
from app.outside.model import Outcome, OutcomeUnknown, OutsideDown, Reference, State
from app.outside.wire import Wire

__all__ = ["Channel", "ClearingHouse", "Letter", "NewCredit"]

# final: settled one by one; nobody can refuse it any more, only pay it back
IncomingState = Literal["waiting", "confirmed", "returned", "final"]
Direction = Literal["outgoing", "outgoing_returned", "incoming", "incoming_returned"]
OUR_BANK = "102100099996"


class Letter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ISO 20022 message in its envelope, under the reference of what it is about."""

    reference: Reference
    document: str


class NewCredit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One credit transfer to an account at another bank (A100 普通汇兑, C210 薪金报酬)."""

    reference: Reference
    payer_bank: str = OUR_BANK
    payer_account: str
    payer_name: str
    payee_bank: str
    payee_account: str
    payee_name: str
    amount_fen: int
    business_type: Literal["A100", "C210"] = "A100"
    channel: Channel = "IBPS"
    purpose: str = ""
    sent_on: date


class Settlement(Struct, frozen=True, kw_only=True):
    """A settled credit; `returned_on` when the other bank sent the money back later."""

    amount_fen: int
    settled_on: date
    # process status of CNAPS2: PR05 succeeded, PR04 settled
    process_status: str = "PR05"
    returned_on: date | None = None


class BatchLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a batch, numbered by the sender."""

    no: int
    payee_bank: str
    payee_account: str
    payee_name: str
    amount_fen: int
    purpose: str = ""


class NewBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many credits of one payer in one message (BEPS batch, wages); count and sum must agree."""

    reference: Reference
    payer_account: str
    payer_name: str
    business_type: Literal["A100", "C210"] = "C210"
    line_count: int
    total_fen: int
    lines: list[BatchLine]
    sent_on: date


class LineOutcome(Struct, frozen=True, kw_only=True):
    """What became of one line."""

    no: int
    state: State
    amount_fen: int
    code: str = ""
    reason: str = ""
    returned_on: date | None = None


class BatchSettlement(Struct, frozen=True, kw_only=True):
    """A finished batch: each line settled or refused by itself."""

    settled_on: date
    settled_fen: int
    refused_fen: int
    lines: list[LineOutcome]


class IncomingCredit(Struct, frozen=True, kw_only=True):
    """Money that another bank's customer sent to one of our accounts."""

    reference: str
    payer_bank: str
    payer_account: str
    payer_name: str
    payee_account: str
    payee_name: str
    amount_fen: int
    purpose: str
    sent_on: date
    state: IncomingState
    reason: str = ""


class NewConfirmation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Our answer to an incoming credit: booked, or sent back with a reason."""

    reference: Reference
    accepted: bool
    reason: str = ""
    confirmed_on: date


class DayTotals(Struct, frozen=True, kw_only=True):
    """Everything settled on one business date, for comparison with our own books.

    closing = opening - outgoing + outgoing_returned + incoming - incoming_returned.
    """

    on: date
    opening_fen: int
    outgoing_count: int
    outgoing_fen: int
    outgoing_returned_count: int
    outgoing_returned_fen: int
    incoming_count: int
    incoming_fen: int
    incoming_returned_count: int
    incoming_returned_fen: int
    closing_fen: int


class DayItem(Struct, frozen=True, kw_only=True):
    """One movement of a business date; `line_no` numbers the lines of a batch, 0 otherwise."""

    direction: Direction
    reference: str
    line_no: int
    amount_fen: int


class Told(Struct, frozen=True, kw_only=True):
    """An answer of the clearing house: what it says, and the message word for word."""

    outcome: Outcome[Settlement]
    document: str


class RecallTold(Struct, frozen=True, kw_only=True):
    """The other bank's answer to a recall, and the message word for word."""

    outcome: Outcome[None]
    document: str


class SettlementBalance(Struct, frozen=True, kw_only=True):
    """Our account with the clearing house: what it began with and what it holds."""

    opening_fen: int
    balance_fen: int


class ClearingHouse:
    """Requests to the clearing house."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def send(self, new: NewCredit) -> Outcome[Settlement]:
        """Send one credit; refused for an unknown account or a name that does not fit."""
        return (await self.send_letter(credit_letter(new))).outcome

    async def send_letter(self, letter: Letter) -> Told:
        """Send one credit as the message that was kept, word for word the same each time."""
        answer = await self._wire.post("/credits", letter, Letter)
        try:
            return _told(answer)
        except xml.Unreadable as garbled:
            raise OutcomeUnknown(system="clearing_house", why="unreadable answer") from garbled

    async def outcome(self, reference: str) -> Outcome[Settlement] | None:
        """What became of the credit; None: it never arrived and may be sent again as it is."""
        told = await self.told(reference)
        return None if told is None else told.outcome

    async def told(self, reference: str) -> Told | None:
        """What became of the credit and in which words; None: it never arrived."""
        answer = await self._wire.get(f"/credits/{quote(reference)}", Letter)
        try:
            return None if answer is None else _told(answer)
        except xml.Unreadable as garbled:
            raise OutsideDown(system="clearing_house", why="unreadable answer") from garbled

    async def give_back(self, letter: Letter) -> Told:
        """Send an incoming credit back to its sender (退汇), word for word the same each time."""
        answer = await self._wire.post("/returns", letter, Letter)
        try:
            return _told(answer)
        except xml.Unreadable as garbled:
            raise OutcomeUnknown(system="clearing_house", why="unreadable answer") from garbled

    async def given_back(self, reference: str) -> Told | None:
        """What became of a return of ours; None: it never arrived and may be sent as it is."""
        answer = await self._wire.get(f"/returns/{quote(reference)}", Letter)
        try:
            return None if answer is None else _told(answer)
        except xml.Unreadable as garbled:
            raise OutsideDown(system="clearing_house", why="unreadable answer") from garbled

    async def recall(self, letter: Letter) -> RecallTold:
        """Ask a settled credit back; the other bank answers later."""
        answer = await self._wire.post("/recalls", letter, Letter)
        try:
            return _recall_told(answer)
        except xml.Unreadable as garbled:
            raise OutcomeUnknown(system="clearing_house", why="unreadable answer") from garbled

    async def recall_told(self, reference: str) -> RecallTold | None:
        """What the other bank says to a recall; None: it never arrived."""
        answer = await self._wire.get(f"/recalls/{quote(reference)}", Letter)
        try:
            return None if answer is None else _recall_told(answer)
        except xml.Unreadable as garbled:
            raise OutsideDown(system="clearing_house", why="unreadable answer") from garbled

    async def send_batch(self, new: NewBatch) -> Outcome[BatchSettlement]:
        """Send a batch of at most 5,000 lines; each line has its own outcome."""
        return await self._wire.post("/batches", new, Outcome[BatchSettlement])

    async def batch_outcome(self, reference: str) -> Outcome[BatchSettlement] | None:
        """What became of the batch; None: it never arrived."""
        return await self._wire.get(f"/batches/{quote(reference)}", Outcome[BatchSettlement])

    async def incoming(self, reference: str) -> IncomingCredit | None:
        """One incoming credit by the clearing house's reference."""
        return await self._wire.get(f"/incoming/{quote(reference)}", IncomingCredit)

    async def waiting(self) -> list[IncomingCredit]:
        """Incoming credits not yet answered, oldest first: finds what call-backs lost."""
        return await self._wire.get("/incoming", list[IncomingCredit]) or []

    async def confirm_incoming(
        self, *, reference: str, accepted: bool, on: date, reason: str = ""
    ) -> IncomingCredit:
        """Say that the credit is booked, or send it back; the first answer stands."""
        answer = NewConfirmation(
            reference=reference, accepted=accepted, reason=reason, confirmed_on=on
        )
        return await self._wire.post("/confirmations", answer, IncomingCredit)

    async def day_totals(self, on: date) -> DayTotals:
        """The totals of a business date."""
        totals = await self._wire.get(f"/day-totals/{on.isoformat()}", DayTotals)
        assert totals is not None, "every day has totals"
        return totals

    async def day_items(
        self, on: date, *, after: DayItem | None = None, limit: int = 1_000
    ) -> list[DayItem]:
        """The movements of a business date in the order of their keys, a page at a time."""
        query = {} if after is None else {
            "direction": after.direction, "reference": after.reference, "line_no": after.line_no,
        }  # fmt: skip
        items = await self._wire.get(
            f"/day-items/{on.isoformat()}", list[DayItem], limit=limit, **query
        )
        return items or []

    async def balance(self) -> SettlementBalance:
        """The balance of our settlement account now."""
        balance = await self._wire.get("/balance", SettlementBalance)
        assert balance is not None, "the settlement account exists"
        return balance


def credit_letter(new: NewCredit, *, at: datetime | None = None) -> Letter:
    """A credit as the pacs.008 that is sent; made at noon of its day unless the moment is given."""
    made = at or datetime(new.sent_on.year, new.sent_on.month, new.sent_on.day, 12, tzinfo=SHANGHAI)
    transfer = msgspec.convert(new, Transfer, from_attributes=True)
    return Letter(reference=new.reference, document=credits.write_transfer(transfer, at=made))


def recall_letter(new: Recall, *, at: datetime) -> Letter:
    """A recall as the camt.056 that is sent."""
    return Letter(reference=new.reference, document=recalls.write_request(new, at=at))


def return_letter(new: Return, *, at: datetime) -> Letter:
    """A return as the pacs.004 that is sent."""
    return Letter(reference=new.reference, document=returns.write_return(new, at=at))


def _told(letter: Letter) -> Told:
    said = credits.read_outcome(letter.document)
    if said.reference != letter.reference:
        raise xml.Unreadable("the answer is about another credit")
    settled = None
    if said.result is not None:
        settled = msgspec.convert(said.result, Settlement, from_attributes=True)
    outcome: Outcome[Settlement] = Outcome(
        reference=said.reference,
        state=said.state,
        result=settled,
        code=said.code,
        reason=said.reason,
    )
    return Told(outcome=outcome, document=letter.document)


def _recall_told(letter: Letter) -> RecallTold:
    said = recalls.read_answer(letter.document)
    if said.reference != letter.reference:
        raise xml.Unreadable("the answer is about another recall")
    return RecallTold(outcome=said, document=letter.document)
