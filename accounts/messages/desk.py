"""Messages with the clearing house for the bank's staff, by what they are about."""

from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from accounts.messages import operations
from accounts.messages.model import Message
from app.http import allow
from app.work import Work


@get("/{business_id:uuid}/{subject_id:uuid}", guards=[allow("operator", "supervisor")])
async def read_messages(
    work: NamedDependency[Work], business_id: FromPath[UUID], subject_id: FromPath[UUID]
) -> list[Message]:
    """Every message about a payment, a credit or a recall; that it was read is recorded."""
    await work.set_business(business_id)
    found = await operations.about(work, subject_id=subject_id)
    await work.record("messages_read_at_desk", object_id=subject_id, count=len(found))
    return found


router = Router("/desk/v1/messages", route_handlers=[read_messages], tags=["desk: messages"])
