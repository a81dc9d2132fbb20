"""The nouns of batches: the batch, its rows, what may be wrong with them, and what came of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.mandates.model import Standing
from accounts.payments.model import Purpose
from accounts.payments.model import State as PaymentState
from app.errors import Conflict, NotFound, Refusal
from app.events import Event

Mode = Literal["atomic", "continue"]
Speed = Literal["instant", "ordinary"]
State = Literal[
    "checking",
    "unreadable",
    "checked",
    "pending_approval",
    "paying",
    "paused",
    "sent",
    "finished",
    "failed",
    "rejected",
    "cancelled",
]
# What came of a row: wrong in the file; not yet paid; never paid, because the batch ended; or the
# state of its payment.
Outcome = Literal["wrong", "waiting", "not_paid", PaymentState]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
ContentHash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]


class NewBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Read a file handed in before (kind `batch`) as payments from one account.

    `atomic`: all rows or none; `continue`: each row for itself.
    """

    account_id: UUID
    file_id: UUID
    mode: Mode
    speed: Speed = "ordinary"


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the batch that the person has seen."""

    version: Version


class SeenContent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version and the content that the person has seen, to the last row."""

    version: Version
    content_hash: ContentHash
    step_up_id: UUID | None = None


class SeenAndWhy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that the person has seen, and the reason of the decision."""

    version: Version
    reason: Annotated[str, Meta(min_length=1, max_length=200, examples=["名单有误"])]


class Batch(Struct, frozen=True, kw_only=True):
    """One batch: what the file holds in sum, and how far it has come."""

    id: UUID
    account_id: UUID
    name: str
    mode: Mode
    speed: Speed
    retries: UUID | None
    state: State
    reason: str | None
    row_count: int
    bad_count: int
    warned_count: int
    total_fen: int
    in_bank_fen: int
    content_hash: str | None
    done_until: int
    made_by: UUID
    version: int
    created_at: datetime
    released_at: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None


class StoredBatch(Batch, frozen=True, kw_only=True):
    """The batch as its operations need it: also what is not shown."""

    file_id: UUID | None


class Tally(Struct, frozen=True, kw_only=True):
    """How many rows came to one outcome, and their sum."""

    outcome: Outcome
    rows: int
    amount_fen: int


class Preview(Struct, frozen=True, kw_only=True):
    """The batch before and after: outcomes in sum, what the rows not yet paid cost beside their
    amounts, and whether the money suffices now for both."""

    batch: Batch
    outcomes: list[Tally]
    fees_fen: int
    available_fen: int
    short_fen: int


class RowProblem(Struct, frozen=True, kw_only=True):
    """What is wrong with a field of a row, and what to do about it, zh-CN and English."""

    field: str
    code: str
    problem: str
    next_step: str
    english: str


class BatchRow(Struct, frozen=True, kw_only=True):
    """One row with its outcome; `line_no` is its line in the file, `reason` why it failed."""

    no: int
    line_no: int
    payee_name: str
    payee_account_tail: str
    payee_bank_code: str
    amount_fen: int | None
    purpose: str
    memo: str
    reference: str
    problems: list[RowProblem]
    warnings: list[RowProblem]
    outcome: Outcome
    reason: str | None
    payment_id: UUID | None


class Outside(Struct, frozen=True, kw_only=True):
    """Rows to other banks that are not paid yet, of one amount."""

    amount_fen: int
    rows: int


class Kind(Struct, frozen=True, kw_only=True):
    """Rows of one kind as a mandate looks at them."""

    payee_bank_code: str
    payee: Standing
    party_id: UUID | None
    purpose: Purpose
    largest_fen: int
    sum_fen: int
    count: int


class ReadRow(Struct, frozen=True, kw_only=True):
    """A row as read from the file: its fields where they are sound, and what is wrong."""

    line_no: int
    payee_name: str = ""
    account_number: str = ""
    bank_code: str = ""
    amount_fen: int | None = None
    purpose: Purpose = "goods"
    memo: str = ""
    reference: str = ""
    payee: Standing = "new"
    party_id: UUID | None = None
    problems: list[RowProblem] = []
    warnings: list[RowProblem] = []
    raw: list[str] = []


class PayableRow(Struct, frozen=True, kw_only=True):
    """A sound row on its way to be paid, its account number still sealed."""

    no: int
    payment_id: UUID
    payee_name: str
    payee_sealed: bytes
    payee_account_tail: str
    payee_bank_code: str
    amount_fen: int
    purpose: Purpose
    memo: str
    reference: str


class RetriedRow(PayableRow, frozen=True, kw_only=True):
    """A row of an earlier batch that did not reach its payee."""

    line_no: int


class ResultRow(BatchRow, frozen=True, kw_only=True):
    """A row as the result file needs it: its numbers still sealed."""

    row_id: UUID
    payee_sealed: bytes | None
    raw_sealed: bytes | None


class MessageFile(Struct, frozen=True, kw_only=True):
    """The file of a batch that was read from a message."""

    file_id: UUID


class Holder(Struct, frozen=True, kw_only=True):
    """Whose account of this bank a number is."""

    number: str
    business_id: UUID
    account_id: UUID
    name: str


class Known(Struct, frozen=True, kw_only=True):
    """A payee in the firm's book, by the blind index of its account."""

    id: UUID
    account_index: bytes
    bank_code: str
    trusted: bool
    cooling_until: datetime


class Twin(Struct, frozen=True, kw_only=True):
    """A payment made lately with the payee's bank, last digits and amount of a row."""

    tail: str
    bank_code: str
    amount_fen: int
    payment_id: UUID


class BatchAsked(Event, frozen=True, kw_only=True):
    """A batch has been made; its rows are to be read and checked."""

    batch_id: UUID


class BatchReleased(Event, frozen=True, kw_only=True):
    """A batch may be paid: nobody more need agree, or it goes on after a pause."""

    batch_id: UUID


class BatchFinished(Event, frozen=True, kw_only=True):
    """Every row of a batch has its outcome, or it ended before."""

    batch_id: UUID
    settled: int
    not_settled: int


class BatchNotFound(NotFound):
    """There is no such batch."""

    zh = "批量付款不存在"


class BatchFileNotATable(Refusal):
    """Hand in the file as kind `batch`: CSV, XLSX, or a pain.001 message in XML."""

    zh = "请以用途 batch 上传 CSV、XLSX 或 pain.001 报文（XML）"


class NotFromAMessage(NotFound):
    """This batch was not read from a pain.001 message, or that could not be read."""

    zh = "该批量付款不是由 pain.001 报文提交，或报文无法读取"


class BatchStateForbids(Conflict):
    """The batch is not in a state that allows this."""

    zh = "批量付款当前状态不允许该操作"


class BatchChanged(Conflict):
    """The batch was changed since it was read; read it again."""

    zh = "批量付款已变化，请刷新后重试"


class BatchRowsWrong(Refusal):
    """All or nothing: rows of this batch are wrong; mend the file and hand it in again."""

    zh = "整批付款中有错误行，请修改文件后重新上传"


class NothingToPay(Refusal):
    """No row of this batch can be paid."""

    zh = "没有可付款的行"


class AlreadyRetried(Conflict):
    """The failed rows of this batch are in another batch already."""

    zh = "失败行已生成新的批次"
