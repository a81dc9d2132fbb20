"""A pain.001 as the lines of a table, and a pain.002 about what became of them."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from accounts.initiations.model import Initiation, Instruction, NotAnInitiation, Said, Status
from accounts.spreadsheets.model import Cell, Line
from app.names import clean
from app.outside.iso import xml

# The generation that the payment systems speak, and the one that many programs of firms write.
TAKEN = ("pain.001.001.03", "pain.001.001.09")
ANSWER = "pain.002.001.03"
COLUMNS = (
    "payee_name", "account_number", "bank_code", "amount", "purpose", "memo", "reference",
)  # fmt: skip
# ISO 20022 external purpose codes that mean one of ours; others are shown as unknown.
PURPOSES = {
    "GDDS": "goods", "SUPP": "goods", "SCVE": "services", "RENT": "rent", "SALA": "wages",
    "TAXS": "tax", "REFU": "refund", "LOAN": "loan", "INTC": "own_account", "OTHR": "other",
}  # fmt: skip
LONGEST_WORDS = 105


def is_message(content: bytes) -> bool:
    """Whether a file is an XML document and no table."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def read(content: bytes, *, most: int) -> Initiation:
    """What a pain.001 says; NotAnInitiation names what is wrong with it as a whole.

    Count and control sum must be those of the credits: a message cut short pays nothing.
    """
    try:
        text = content.decode("utf-8-sig")
        document = xml.read(text, *TAKEN)
    except (UnicodeDecodeError, xml.Unreadable) as wrong:
        raise NotAnInitiation(problem="message", where=str(wrong)[:200]) from wrong
    body = document.cstmr_cdt_trf_initn
    found = [_instruction(group, one) for group in body.pmt_inf for one in group.cdt_trf_tx_inf]
    if len(found) > most:
        raise NotAnInitiation(problem="too_many", most_rows=most)
    _count(body.grp_hdr, [one for group in body.pmt_inf for one in group.cdt_trf_tx_inf])
    for group in body.pmt_inf:
        _count(group, group.cdt_trf_tx_inf)
    return Initiation(
        definition=xml.definition_of(text),
        message_id=body.grp_hdr.msg_id,
        payers=sorted({_number(group.dbtr_acct) for group in body.pmt_inf}),
        pay_on=max(_day(group.reqd_exctn_dt) for group in body.pmt_inf),
        instructions=found,
    )


def _count(said: Any, credits: Sequence[Any]) -> None:
    if said.nb_of_txs is not None and int(said.nb_of_txs) != len(credits):
        raise NotAnInitiation(problem="count", said=said.nb_of_txs, found=len(credits))
    if said.ctrl_sum is None:
        return
    amounts = [one.amt.instd_amt.value for one in credits if one.amt.instd_amt is not None]
    if said.ctrl_sum != sum(amounts):
        raise NotAnInitiation(problem="sum", said=str(said.ctrl_sum), found=str(sum(amounts)))


def _day(on: Any) -> date:
    """A day, or (in later generations) a choice of a day and a moment."""
    if hasattr(on, "to_date"):
        return xml.as_date(on)
    if on.dt is not None:
        return xml.as_date(on.dt)
    moment: datetime = on.dt_tm.to_datetime()
    return moment.date()


def _instruction(group: Any, one: Any) -> Instruction:
    amount, purpose = one.amt.instd_amt, one.purp
    code = "" if purpose is None else (purpose.cd or purpose.prtry or "")
    return Instruction(
        group_id=group.pmt_inf_id,
        instruction_id=one.pmt_id.instr_id or "",
        reference=one.pmt_id.end_to_end_id,
        payee_name=("" if one.cdtr is None else one.cdtr.nm or ""),
        account_number=_number(one.cdtr_acct),
        bank_code=_bank(one.cdtr_agt),
        amount=_amount(amount),
        purpose=PURPOSES.get(code, code),
        memo="" if one.rmt_inf is None else "".join(one.rmt_inf.ustrd),
    )


def _amount(amount: Any) -> str:
    """Yuan as typed; of another currency with its code, which no payment here takes."""
    if amount is None:
        return ""
    plain = f"{amount.value:f}"
    return plain if amount.ccy == "CNY" else f"{amount.ccy} {plain}"


def _number(found: Any) -> str:
    """The number of an account; empty where there is none or it is named otherwise."""
    if found is None or found.id is None:
        return ""
    return "" if found.id.othr is None else str(found.id.othr.id)


def _bank(found: Any) -> str:
    member = None if found is None else found.fin_instn_id.clr_sys_mmb_id
    return "" if member is None else str(member.mmb_id)


def payer_fits(said: Initiation, *, account_number: str, today: date) -> None:
    """Raise NotAnInitiation unless the message pays from this account, and not on a later day."""
    if said.payers != [account_number]:
        raise NotAnInitiation(problem="payer", payers=[number[-4:] for number in said.payers])
    if said.pay_on > today:
        raise NotAnInitiation(problem="later", on=said.pay_on.isoformat())


def lines(said: Initiation) -> list[Line]:
    """The message as the lines of a table with its header: each credit is a row, from 1."""
    rows = [Line(no=0, cells=[Cell(text=name) for name in COLUMNS])]
    for no, one in enumerate(said.instructions, 1):
        rows.append(Line(no=no, cells=[Cell(text=clean(getattr(one, name))) for name in COLUMNS]))
    return rows


# --- the answer ----------------------------------------------------------------------------------


def group_status(said: Sequence[Said]) -> str:
    """What is said of a message or a group as a whole."""
    found = {one.status for one in said}
    if len(found) == 1:
        return found.pop()
    return "PART" if "RJCT" in found else "ACSP"


def answer(of: Initiation, said: Sequence[Said], *, answer_id: str, at: datetime) -> str:
    """A pain.002 with the status of every credit, in the order of the message."""
    m = xml.classes(ANSWER)
    group = m.TransactionGroupStatus3Code
    pairs = list(zip(of.instructions, said, strict=True))
    groups = []
    for group_id, members in groupby(pairs, key=lambda pair: pair[0].group_id):
        inside = list(members)
        groups.append(
            m.OriginalPaymentInformation1(
                orgnl_pmt_inf_id=group_id,
                orgnl_nb_of_txs=str(len(inside)),
                pmt_inf_sts=group(group_status([one for _, one in inside])),
                tx_inf_and_sts=[_transaction(m, one, became) for one, became in inside],
            )
        )
    body = m.CustomerPaymentStatusReportV03(
        grp_hdr=m.GroupHeader36(msg_id=answer_id, cre_dt_tm=xml.moment(at)),
        orgnl_grp_inf_and_sts=m.OriginalGroupInformation20(
            orgnl_msg_id=of.message_id,
            orgnl_msg_nm_id=of.definition,
            orgnl_nb_of_txs=str(len(pairs)),
            grp_sts=group(group_status(said)),
        ),
        orgnl_pmt_inf_and_sts=groups,
    )
    return xml.write(m.Document(cstmr_pmt_sts_rpt=body))


def _transaction(m: Any, one: Instruction, became: Said) -> Any:
    why = []
    if became.code or became.words:
        why = [
            m.StatusReasonInformation8(
                rsn=m.StatusReason6Choice(prtry=became.code[:35]) if became.code else None,
                addtl_inf=[became.words[:LONGEST_WORDS]] if became.words else [],
            )
        ]
    return m.PaymentTransactionInformation25(
        orgnl_instr_id=one.instruction_id or None,
        orgnl_end_to_end_id=one.reference,
        tx_sts=m.TransactionIndividualStatus3Code(became.status),
        sts_rsn_inf=why,
    )


def statuses(text: str) -> list[tuple[str, Status]]:
    """The end-to-end ids of a pain.002 with their status, in its order; Unreadable."""
    body = xml.read(text, ANSWER).cstmr_pmt_sts_rpt
    return [
        (one.orgnl_end_to_end_id, one.tx_sts.value)
        for group in body.orgnl_pmt_inf_and_sts
        for one in group.tx_inf_and_sts
    ]
