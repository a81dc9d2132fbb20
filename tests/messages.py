"""Payment messages as a firm's own program writes them: plain text, no library of ours."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from tests.firms import OUR_BANK, SUPPLIER, Firm

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def credit_to(
    name: str, number: str, bank_code: str, yuan: str, reference: str, **more: str
) -> str:
    """One credit of a message."""
    purpose = f"<Purp><Cd>{more['purpose']}</Cd></Purp>" if "purpose" in more else ""
    currency = more.get("currency", "CNY")
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{currency}">{yuan}</InstdAmt></Amt>'
        f"<CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId>"
        f"<MmbId>{bank_code}</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>"
        f"<Cdtr><Nm>{escape(name)}</Nm></Cdtr>"
        f"<CdtrAcct><Id><Othr><Id>{number}</Id></Othr></Id></CdtrAcct>{purpose}"
        f"<RmtInf><Ustrd>{escape(more.get('memo', '货款'))}</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def to_supplier(yuan: str, reference: str, **more: str) -> str:
    """A credit to the supplier at the other bank."""
    one = SUPPLIER
    return credit_to(one["name"], one["account_number"], one["bank_code"], yuan, reference, **more)


def to_firm(other: Firm, yuan: str, reference: str, **more: str) -> str:
    """A credit to another firm of this bank."""
    return credit_to(other.name, other.number, OUR_BANK, yuan, reference, **more)


def initiation(firm: Firm, credits: list[str], **more: Any) -> bytes:
    """A pain.001.001.03 that pays from the firm's account; `sum` and `count` may be wrong."""
    total = f"<CtrlSum>{more['sum']}</CtrlSum>" if "sum" in more else ""
    count = more.get("count", len(credits))
    return (
        f'{HEAD}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">'
        f"<CstmrCdtTrfInitn><GrpHdr><MsgId>{more.get('message_id', 'MSG-1')}</MsgId>"
        f"<CreDtTm>2025-09-01T09:00:00</CreDtTm><NbOfTxs>{count}</NbOfTxs>{total}"
        f"<InitgPty><Nm>{escape(firm.name)}</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>P-1</PmtInfId><PmtMtd>TRF</PmtMtd>"
        f"<ReqdExctnDt>{more.get('on', '2025-09-01')}</ReqdExctnDt>"
        f"<Dbtr><Nm>{escape(firm.name)}</Nm></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{more.get('payer', firm.number)}</Id></Othr></Id></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><ClrSysMmbId><MmbId>{OUR_BANK}</MmbId></ClrSysMmbId></FinInstnId>"
        f"</DbtrAgt>{''.join(credits)}</PmtInf></CstmrCdtTrfInitn></Document>"
    ).encode()
