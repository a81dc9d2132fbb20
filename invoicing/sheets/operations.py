"""Makes what documents are drawn from, and keeps the finished files."""

from __future__ import annotations

from uuid import UUID

from app.files import operations as files
from app.reference import rules as words
from app.reference import tables
from app.work import Work
from invoicing.sheets import rules
from invoicing.sheets.model import Documents, Sheet


def documents(work: Work, *, sheet: Sheet, stored: bool) -> Documents:
    """Page data and XML of a sheet; in development the page says that it is a sample."""
    uppercase = words.uppercase(sheet.total_fen)
    province = tables.areas().get(f"{sheet.seller_uscc[2:4]}0000", "")
    return Documents(
        stored=stored,
        page=rules.page_data(sheet, uppercase=uppercase, sample=work.settings.development),
        xml=rules.xml(sheet, uppercase=uppercase, province=province),
    )


async def keep(work: Work, *, number: str, pdf: bytes, xml: bytes) -> tuple[UUID, UUID]:
    """Store both files under the invoice's number; their ids."""
    pdf_file_id = await files.store(
        work,
        kind="invoice_pdf",
        name=f"{number}.pdf",
        content=pdf,
        media_type="application/pdf",
    )
    xml_file_id = await files.store(
        work,
        kind="invoice_xml",
        name=f"{number}.xml",
        content=xml,
        media_type="application/xml",
    )
    return pdf_file_id, xml_file_id
