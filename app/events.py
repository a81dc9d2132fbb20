"""Events: what happened, written to the outbox in the transaction that made it happen."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events: ids and plain values only, never personal data.

    Subclasses live in their subject's `model.py`. The outbox adds event id, business, actor
    and moment. The stored name is `<module of the subject>.<class>`.
    """

    @classmethod
    def event_name(cls) -> str:
        """Stable name in the outbox, for example `invoicing.invoices.InvoiceIssued`."""
        subject = cls.__module__.removesuffix(".model")
        return f"{subject}.{cls.__name__}"
