"""A reader of camt.052, 053 and 054 of its own: by the names and rules of the public definitions,
with a plain XML parser, sharing nothing with what writes the messages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from lxml import etree

NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"
BODIES = {
    "camt.052.001.08": "BkToCstmrAcctRpt/Rpt",
    "camt.054.001.08": "BkToCstmrDbtCdtNtfctn/Ntfctn",
}


class Entry(NamedTuple):
    """One booked entry: what it did to the balance, in fen."""

    reference: str
    amount_fen: int
    booked_on: date
    code: str
    counterparty: str | None
    words: str


class Read(NamedTuple):
    """What a message says of one account."""

    account: str
    owner: str
    currency: str
    opening_fen: int
    closing_fen: int
    entries: list[Entry]
    said: dict[str, int]


def _one(node: Any, path: str) -> Any:
    found = node.findall("/".join(f"{NAMESPACE}{name}" for name in path.split("/")))
    assert len(found) == 1, f"{path}: {len(found)} times"
    return found[0]


def _text(node: Any, path: str) -> str:
    return str(_one(node, path).text)


def _signed(node: Any, currency: str | None = None) -> int:
    amount = _one(node, "Amt")
    assert currency is None or amount.get("Ccy") == currency
    return _fen(str(amount.text)) * {"CRDT": 1, "DBIT": -1}[_text(node, "CdtDbtInd")]


def _fen(text: str) -> int:
    value = Decimal(text) * 100
    assert value >= 0 and value == value.to_integral_value(), text
    return int(value)


def read(content: bytes) -> Read:
    """The one statement of a message."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, dtd_validation=False)
    root = etree.fromstring(content, parser)
    assert root.tag == f"{NAMESPACE}Document"
    statement = _one(root, "BkToCstmrStmt/Stmt")
    currency = _text(statement, "Acct/Ccy")
    balances = {}
    for balance in statement.findall(f"{NAMESPACE}Bal"):
        code = _text(balance, "Tp/CdOrPrtry/Cd")
        assert code not in balances
        balances[code] = _signed(balance, currency)
    sums = _one(statement, "TxsSummry")
    net = _one(sums, "TtlNtries/TtlNetNtry")
    said = {
        "count": int(_text(sums, "TtlNtries/NbOfNtries")),
        "sum_fen": _fen(_text(sums, "TtlNtries/Sum")),
        "net_fen": _signed(net),
        "credits": int(_text(sums, "TtlCdtNtries/NbOfNtries")),
        "credit_fen": _fen(_text(sums, "TtlCdtNtries/Sum")),
        "debits": int(_text(sums, "TtlDbtNtries/NbOfNtries")),
        "debit_fen": _fen(_text(sums, "TtlDbtNtries/Sum")),
    }
    entries = [_entry(node, currency) for node in statement.findall(f"{NAMESPACE}Ntry")]
    return Read(
        _text(statement, "Acct/Id/Othr/Id"),
        _text(statement, "Acct/Ownr/Nm"),
        currency,
        balances["OPBD"],
        balances["CLBD"],
        entries,
        said,
    )


def _entry(node: Any, currency: str) -> Entry:
    assert _text(node, "Sts/Cd") == "BOOK"
    details = _one(node, "NtryDtls/TxDtls")
    amount_fen = _signed(node, currency)
    assert _signed(details, currency) == amount_fen
    other = "Dbtr" if amount_fen > 0 else "Cdtr"
    names = details.findall(f"{NAMESPACE}RltdPties/{NAMESPACE}{other}/{NAMESPACE}Pty/{NAMESPACE}Nm")
    words = details.findall(f"{NAMESPACE}RmtInf/{NAMESPACE}Ustrd")
    return Entry(
        _text(node, "NtryRef"),
        amount_fen,
        date.fromisoformat(_text(node, "BookgDt/Dt")),
        _text(node, "BkTxCd/Prtry/Cd"),
        str(names[0].text) if names else None,
        "".join(str(one.text) for one in words),
    )


class Told(NamedTuple):
    """What a notice or an intraday report says of one account."""

    account: str
    balances: dict[str, int]
    entries: list[Entry]


def read_told(content: bytes, definition: str) -> Told:
    """The one notice or report of a message, by the same rules under its own namespace."""
    content = content.replace(definition.encode(), b"camt.053.001.08")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, dtd_validation=False)
    root = etree.fromstring(content, parser)
    assert root.tag == f"{NAMESPACE}Document"
    body = _one(root, BODIES[definition])
    currency = _text(body, "Acct/Ccy")
    balances = {
        _text(one, "Tp/CdOrPrtry/Cd"): _signed(one, currency)
        for one in body.findall(f"{NAMESPACE}Bal")
    }
    entries = [_entry(node, currency) for node in body.findall(f"{NAMESPACE}Ntry")]
    return Told(_text(body, "Acct/Id/Othr/Id"), balances, entries)


def check(found: Read) -> None:
    """What a reader may rely on: opening + entries = closing, and the sums are the entries'."""
    amounts = [entry.amount_fen for entry in found.entries]
    assert found.opening_fen + sum(amounts) == found.closing_fen
    assert found.said == {
        "count": len(amounts),
        "sum_fen": sum(map(abs, amounts)),
        "net_fen": sum(amounts),
        "credits": sum(fen > 0 for fen in amounts),
        "credit_fen": sum(fen for fen in amounts if fen > 0),
        "debits": sum(fen < 0 for fen in amounts),
        "debit_fen": -sum(fen for fen in amounts if fen < 0),
    }
