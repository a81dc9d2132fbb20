"""Statements, notices and intraday reports as camt messages, of the library's own classes."""

import importlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

from accounts.lines.model import Frame, Line

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
STATEMENT, NOTICE, REPORT = "camt.053.001.08", "camt.054.001.08", "camt.052.001.08"
SHANGHAI = ZoneInfo("Asia/Shanghai")
# What the message allows: a name, a stretch of unstructured words, an additional remark.
LONGEST_NAME = 140
LONGEST_WORDS = 140
_CONTEXT = XmlContext()
_END = b"</Stmt>"
_ENTRY = b"<Ntry>"


@cache
def classes(definition: str = STATEMENT) -> Any:
    """The classes of a message, imported when the first one is built."""
    return importlib.import_module(f"pyiso20022.camt.{definition.replace('.', '_')}")


def whole(frame: Frame, lines: Sequence[Line], *, bank_code: str, made_at: datetime) -> bytes:
    """The whole message of a short statement."""
    head, tail = ends(frame, bank_code=bank_code, made_at=made_at)
    return head + entries(frame, lines) + tail


def ends(frame: Frame, *, bank_code: str, made_at: datetime) -> tuple[bytes, bytes]:
    """What stands before the entries and after them."""
    text = _render(_document(frame, [], bank_code=bank_code, made_at=made_at))
    at = text.rindex(_END)
    return text[:at], text[at:]


def entries(frame: Frame, lines: Sequence[Line]) -> bytes:
    """The entries of a stretch of lines, as they stand between the two ends."""
    if not lines:
        return b""
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    text = _render(_document(frame, lines, bank_code="0", made_at=moment))
    return text[text.index(_ENTRY) : text.rindex(_END)]


def notice(frame: Frame, line: Line, *, bank_code: str, made_at: datetime) -> bytes:
    """One movement as its owner is told of it (camt.054): a credit or a debit, with its words."""
    m = classes(NOTICE)
    notification = m.AccountNotification17(
        id=f"{frame.account_number[-10:]}-{line.seq}",
        cre_dt_tm=_moment(made_at),
        acct=_account(m, frame, bank_code),
        ntry=[_entry(m, line, frame.currency)],
    )
    body = m.BankToCustomerDebitCreditNotificationV08(
        grp_hdr=_header(m, "N", frame, made_at), ntfctn=[notification]
    )
    return _render(m.Document(bk_to_cstmr_dbt_cdt_ntfctn=body), NOTICE)


def report(
    frame: Frame, lines: Sequence[Line], *, available_fen: int, bank_code: str, made_at: datetime
) -> bytes:
    """The day so far (camt.052): what it opened with, what is booked now, what can be used."""
    m = classes(REPORT)
    on = frame.from_on
    intraday = m.AccountReport25(
        id=f"{frame.account_number[-10:]}-{made_at:%Y%m%d%H%M%S}",
        cre_dt_tm=_moment(made_at),
        fr_to_dt=m.DateTimePeriod1(
            fr_dt_tm=_moment(datetime.combine(on, time(0), SHANGHAI)), to_dt_tm=_moment(made_at)
        ),
        acct=_account(m, frame, bank_code),
        bal=[
            _balance(m, "OPBD", frame.opening_fen, frame.currency, on),
            _balance(m, "ITBD", frame.closing_fen, frame.currency, on),
            _balance(m, "ITAV", available_fen, frame.currency, on),
        ],
        txs_summry=_sums(m, frame),
        ntry=[_entry(m, line, frame.currency) for line in lines],
    )
    body = m.BankToCustomerAccountReportV08(grp_hdr=_header(m, "R", frame, made_at), rpt=[intraday])
    return _render(m.Document(bk_to_cstmr_acct_rpt=body), REPORT)


def _header(m: Any, letter: str, frame: Frame, made_at: datetime) -> Any:
    return m.GroupHeader81(
        msg_id=f"{letter}{frame.account_number[-10:]}-{made_at:%Y%m%d%H%M%S}",
        cre_dt_tm=_moment(made_at),
        msg_pgntn=m.Pagination1(pg_nb="1", last_pg_ind=True),
    )


def _render(document: Any, definition: str = STATEMENT) -> bytes:
    namespace = NAMESPACE + definition
    text = XmlSerializer(context=_CONTEXT).render(document, ns_map={None: namespace})
    return text.encode()


def _document(frame: Frame, lines: Sequence[Line], *, bank_code: str, made_at: datetime) -> Any:
    m = classes()
    last_on = frame.until_on - timedelta(days=1)
    span = f"{frame.from_on:%Y%m%d}-{last_on:%Y%m%d}"
    statement = m.AccountStatement9(
        id=f"{frame.account_number[-10:]}-{span}",
        cre_dt_tm=_moment(made_at),
        fr_to_dt=m.DateTimePeriod1(
            fr_dt_tm=_moment(datetime.combine(frame.from_on, time(0), SHANGHAI)),
            to_dt_tm=_moment(datetime.combine(last_on, time(23, 59, 59), SHANGHAI)),
        ),
        acct=_account(m, frame, bank_code),
        bal=[
            _balance(m, "OPBD", frame.opening_fen, frame.currency, frame.from_on),
            _balance(m, "CLBD", frame.closing_fen, frame.currency, last_on),
        ],
        txs_summry=_sums(m, frame),
        ntry=[_entry(m, line, frame.currency) for line in lines],
    )
    header = _header(m, "S", frame, made_at)
    return m.Document(
        bk_to_cstmr_stmt=m.BankToCustomerStatementV08(grp_hdr=header, stmt=[statement])
    )


def _moment(at: datetime) -> XmlDateTime:
    return XmlDateTime.from_datetime(at.replace(microsecond=0))


def _day(m: Any, on: date) -> Any:
    return m.DateAndDateTime2Choice(dt=XmlDate.from_date(on))


def _yuan(fen: int) -> Decimal:
    return Decimal(abs(fen)).scaleb(-2).quantize(Decimal("0.01"))


def _side(m: Any, fen: int) -> Any:
    return m.CreditDebitCode.DBIT if fen < 0 else m.CreditDebitCode.CRDT


def _amount(m: Any, fen: int, currency: str) -> Any:
    return m.ActiveOrHistoricCurrencyAndAmount(value=_yuan(fen), ccy=currency)


def _balance(m: Any, code: str, fen: int, currency: str, on: date) -> Any:
    return m.CashBalance8(
        tp=m.BalanceType13(cd_or_prtry=m.BalanceType10Choice(cd=code)),
        amt=_amount(m, fen, currency),
        cdt_dbt_ind=_side(m, fen),
        dt=_day(m, on),
    )


def _sums(m: Any, frame: Frame) -> Any:
    net = frame.came_in_fen - frame.went_out_fen
    return m.TotalTransactions6(
        ttl_ntries=m.NumberAndSumOfTransactions4(
            nb_of_ntries=str(frame.count),
            sum=_yuan(frame.came_in_fen + frame.went_out_fen),
            ttl_net_ntry=m.AmountAndDirection35(amt=_yuan(net), cdt_dbt_ind=_side(m, net)),
        ),
        ttl_cdt_ntries=m.NumberAndSumOfTransactions1(
            nb_of_ntries=str(frame.came_in), sum=_yuan(frame.came_in_fen)
        ),
        ttl_dbt_ntries=m.NumberAndSumOfTransactions1(
            nb_of_ntries=str(frame.went_out), sum=_yuan(frame.went_out_fen)
        ),
    )


def _account(m: Any, frame: Frame, bank_code: str) -> Any:
    return m.CashAccount39(
        id=_number(m, frame.account_number),
        ccy=frame.currency,
        ownr=m.PartyIdentification135(nm=frame.account_name[:LONGEST_NAME]),
        svcr=_bank(m, bank_code),
    )


def _number(m: Any, number: str) -> Any:
    return m.AccountIdentification4Choice(othr=m.GenericAccountIdentification1(id=number))


def _bank(m: Any, bank_code: str) -> Any:
    member = m.ClearingSystemMemberIdentification2(
        clr_sys_id=m.ClearingSystemIdentification2Choice(cd="CNAPS"), mmb_id=bank_code
    )
    return m.BranchAndFinancialInstitutionIdentification6(
        fin_instn_id=m.FinancialInstitutionIdentification18(clr_sys_mmb_id=member)
    )


def _entry(m: Any, line: Line, currency: str) -> Any:
    code = m.ProprietaryBankTransactionCodeStructure1(cd=line.kind[:35], issr="XIAOWEI")
    return m.ReportEntry10(
        ntry_ref=str(line.seq),
        amt=_amount(m, line.amount_fen, currency),
        cdt_dbt_ind=_side(m, line.amount_fen),
        sts=m.EntryStatus1Choice(cd="BOOK"),
        bookg_dt=_day(m, line.booked_on),
        val_dt=_day(m, line.booked_on),
        acct_svcr_ref=line.reference,
        bk_tx_cd=m.BankTransactionCodeStructure4(prtry=code),
        ntry_dtls=[m.EntryDetails9(tx_dtls=[_details(m, line, currency)])],
        addtl_ntry_inf=line.label,
    )


def _details(m: Any, line: Line, currency: str) -> Any:
    """Who was on the other side: the debtor of what came in, the creditor of what went out."""
    role = "dbtr" if line.amount_fen > 0 else "cdtr"
    parties: dict[str, Any] = {}
    if line.counterparty_name:
        name = m.PartyIdentification135(nm=line.counterparty_name[:LONGEST_NAME])
        parties[role] = m.Party40Choice(pty=name)
    if line.counterparty_account_tail:
        number = _number(m, f"****{line.counterparty_account_tail}")
        parties[f"{role}_acct"] = m.CashAccount38(id=number)
    code = line.counterparty_bank_code
    words = [line.memo[at : at + LONGEST_WORDS] for at in range(0, len(line.memo), LONGEST_WORDS)]
    return m.EntryTransaction10(
        refs=m.TransactionReferences6(acct_svcr_ref=line.reference),
        amt=_amount(m, line.amount_fen, currency),
        cdt_dbt_ind=_side(m, line.amount_fen),
        rltd_pties=m.TransactionParties6(**parties) if parties else None,
        rltd_agts=m.TransactionAgents5(**{f"{role}_agt": _bank(m, code)}) if code else None,
        rmt_inf=m.RemittanceInformation16(ustrd=words) if words else None,
    )
