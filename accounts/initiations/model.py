"""The nouns of messages from owners: what a pain.001 says, and what a pain.002 answers."""

from datetime import date
from typing import Literal

from msgspec import Struct

from app.errors import Refusal

# As the standard names them: settled, on its way, not decided, refused.
Status = Literal["ACSC", "ACSP", "PDNG", "RJCT"]


class Instruction(Struct, frozen=True, kw_only=True):
    """One credit of a message, its fields as texts that are checked like a table's cells."""

    group_id: str
    instruction_id: str
    reference: str
    payee_name: str
    account_number: str
    bank_code: str
    amount: str
    purpose: str
    memo: str


class Initiation(Struct, frozen=True, kw_only=True):
    """A pain.001: who pays, when, and every credit in the order of the message."""

    definition: str
    message_id: str
    payers: list[str]
    pay_on: date
    instructions: list[Instruction]


class Said(Struct, frozen=True, kw_only=True):
    """What became of one credit, in the standard's word, with the reason."""

    status: Status
    code: str = ""
    words: str = ""


class NotAnInitiation(Refusal):
    """This is no payment message that can be carried out."""

    zh = "报文无法受理"
