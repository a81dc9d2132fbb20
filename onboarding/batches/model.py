"""The nouns of a portal's batch: its rows as they came, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event

MOST_ROWS = 500
LARGEST_BODY = 1_000_000
BatchState = Literal["working", "finished"]
# known: the reference stood for an application already, which is the row's result.
RowState = Literal["waiting", "taken", "known", "refused"]

ROW: dict[str, Any] = {
    "client_reference": "GOV-2025-000124",
    "licence": {
        "name": "上海示例科技有限公司",
        "uscc": "91330100799655058B",
        "entity_type": "limited_company",
        "area_code": "310115",
        "address": "上海市浦东新区示例路88号302室",
        "capital_fen": 50_000_000,
        "established_on": "2024-05-20",
    },
    "legal_representative": {
        "name": "王小微",
        "id_number": "11010519491231002X",
        "phone": "13812345678",
        "id_valid_until": "2035-05-20",
    },
    "purpose": "日常经营结算",
}

BatchReference = Annotated[
    str, Meta(min_length=1, max_length=64, pattern="^[!-~]+$", examples=["GOV-BATCH-2025-09-01"])
]
RowNo = Annotated[int, Meta(ge=1, le=MOST_ROWS, examples=[2])]
Application = Annotated[
    dict[str, Any],
    Meta(
        description="as in POST /portal/v1/applications; what is wrong here spoils this row alone",
        examples=[ROW],
    ),
]


class NewHandoverBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many applications; row numbers are their places in the list, from one on."""

    batch_reference: BatchReference
    applications: Annotated[
        list[Application], Meta(min_length=1, max_length=MOST_ROWS, examples=[[ROW]])
    ]


class RowAgain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refused row once more: corrected, or as it was when it is left out."""

    row_no: RowNo
    application: Application | None = None


class RowsAgain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refused rows once more; every refused one as it was when none is named."""

    rows: Annotated[
        list[RowAgain],
        Meta(max_length=MOST_ROWS, examples=[[{"row_no": 1, "application": ROW}]]),
    ] = []


class HandoverBatch(Struct, frozen=True, kw_only=True):
    """A batch and how far it is."""

    id: UUID
    batch_reference: str
    state: BatchState
    round: int
    row_count: int
    waiting: int
    taken: int
    known: int
    refused: int
    made_at: datetime
    finished_at: datetime | None


class HandoverBatchRow(Struct, frozen=True, kw_only=True):
    """A row's result; a refused one carries the problem document that it would have got alone."""

    row_no: int
    client_reference: str | None
    state: RowState
    application_id: UUID | None
    problem: dict[str, Any] | None
    tries: int
    tried_at: datetime | None


class RowToTry(Struct, frozen=True, kw_only=True):
    """A row as the job takes it in hand."""

    row_no: int
    id: UUID
    content_sealed: bytes


class BatchHandedOver(Event, frozen=True, kw_only=True):
    """A batch, or some of its rows again, waits to be worked through."""

    client_id: UUID
    batch_id: UUID


class HandoverBatchFinished(Event, frozen=True, kw_only=True):
    """Every row of a batch has its result."""

    client_id: UUID
    batch_id: UUID


class BatchNotFound(NotFound):
    """There is no such batch of this portal."""

    zh = "批次不存在"


class BatchReferenceTaken(Conflict):
    """This batch_reference stands for a batch already: read that one."""

    zh = "该批次号已存在，请查询该批次"


class RowTwice(Refusal):
    """One row number twice."""

    zh = "行号重复"


class RowNotRefused(Conflict):
    """Only refused rows are sent again; this one waits or has become an application."""

    zh = "只有被拒绝的行可以重新提交"


class NothingRefused(Conflict):
    """No row of this batch was refused."""

    zh = "该批次没有被拒绝的行"
