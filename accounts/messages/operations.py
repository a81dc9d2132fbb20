"""Keeps each message to and from the clearing house once, and opens it for who may read it."""

import hashlib
from uuid import UUID

from accounts.messages import rules
from accounts.messages.model import Direction, Message, StoredMessage
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PLACE = "accounts.messages.sealed"


async def keep(
    work: Work, *, subject_id: UUID, direction: Direction, reference: str, document: str
) -> None:
    """Keep a message about a payment, a credit or a recall; the same words once."""
    message_id = new_id()
    await work.run(
        sql.keep,
        id=message_id,
        subject_id=subject_id,
        direction=direction,
        definition=rules.definition(document),
        reference=reference,
        sealed=await work.vault.seal(
            work, document, scope=work.business_id, place=PLACE, row_id=message_id
        ),
        sha256=hashlib.sha256(document.encode()).digest(),
    )


async def sent(work: Work, *, subject_id: UUID) -> str:
    """The message that went out first about something: a repeat says the very same."""
    stored = await work.one(StoredMessage, sql.sent, subject_id=subject_id)
    return (await _opened(work, stored)).document


async def about(work: Work, *, subject_id: UUID) -> list[Message]:
    """Every message about something, oldest first."""
    stored = await work.all(StoredMessage, sql.about, subject_id=subject_id)
    return [await _opened(work, one) for one in stored]


async def _opened(work: Work, stored: StoredMessage) -> Message:
    shown = {name: getattr(stored, name) for name in StoredMessage.__struct_fields__}
    sealed = shown.pop("sealed")
    document = await work.vault.open(
        work, sealed, scope=work.business_id, place=PLACE, row_id=stored.id
    )
    return Message(document=document, **shown)
