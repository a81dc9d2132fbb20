"""One message as text and as the library's object, strictly; and the parts that all share."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from xsdata.exceptions import ConverterWarning, ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
# The generation that the national payment systems speak.
DEFINITIONS = (
    "pain.001.001.03",
    "pain.001.001.09",
    "pain.002.001.03",
    "pacs.002.001.03",
    "pacs.004.001.02",
    "pacs.008.001.02",
    "camt.029.001.03",
    "camt.056.001.01",
)
CNAPS = "CNAPS"
# More than any message has of anything.
MOST_PARTS = 10_000_000
_DEFINED = re.compile(NAMESPACE + r"([a-z]{4}(?:\.[0-9]{3}){2}\.[0-9]{2})")
_ENCODING = re.compile(r"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)[\"']")
_CONTEXT = XmlContext()
_STRICT = ParserConfig(
    fail_on_unknown_properties=True,
    fail_on_unknown_attributes=True,
    fail_on_converter_warnings=True,
)


class Unreadable(ValueError):
    """This is not a message of a definition that is spoken here; the words say what is wrong."""


@cache
def classes(definition: str) -> Any:
    """The library's classes of a definition, imported when first needed: each takes 30 ms."""
    area, message, variant, version = definition.split(".")
    name = f"{area}_{message}_{variant}_{version}"
    return importlib.import_module(f"pyiso20022.{area}.{name}")


def definition_of(text: str) -> str:
    """What a message calls itself by the namespace of its document; Unreadable if unknown."""
    found = _DEFINED.search(text)
    if found is None or found.group(1) not in DEFINITIONS:
        raise Unreadable(f"no message known here: {found.group(1) if found else 'no namespace'}")
    return found.group(1)


def read(text: str, *definitions: str) -> Any:
    """The document of one of these definitions; no DTD, no entity, nothing unknown, no gap."""
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        raise Unreadable("a document type is not taken")
    said = _ENCODING.match(text)
    if said is not None and said.group(1).lower() != "utf-8":
        raise Unreadable("write it in UTF-8")
    definition = definition_of(text)
    if definition not in definitions:
        raise Unreadable(f"{definition} is not expected here")
    # The other handler, of lxml, mends what is broken instead of refusing it.
    parser = XmlParser(config=_STRICT, context=_CONTEXT, handler=XmlEventHandler)
    try:
        document = parser.from_bytes(text.encode(), classes(definition).Document)
    except (ParserError, ConverterWarning, SyntaxError, TypeError, ValueError) as wrong:
        raise Unreadable(str(wrong)[:300]) from wrong
    return checked(document)


def write(document: Any) -> str:
    """The document as UTF-8 text under its own namespace; Unreadable if it breaks its rules."""
    namespace = type(document).Meta.namespace
    return XmlSerializer(context=_CONTEXT).render(checked(document), ns_map={None: namespace})


def checked(document: Any) -> Any:
    """The same document, if every length, pattern, digit and count of the definition holds."""
    wrong = _broken(document, "Document")
    if wrong:
        raise Unreadable(wrong)
    return document


def _broken(value: Any, path: str) -> str:
    """Where a value breaks what the library's class says of it, or nothing."""
    for field in fields(value):
        held, where = getattr(value, field.name), f"{path}.{field.metadata.get('name', 'value')}"
        rules = field.metadata
        if held is None:
            if rules.get("required"):
                return f"{where} is missing"
            continue
        parts = held if isinstance(held, list) else [held]
        if not rules.get("min_occurs", 0) <= len(parts) <= rules.get("max_occurs", MOST_PARTS):
            return f"{where} stands {len(parts)} times"
        for one in parts:
            wrong = _broken(one, where) if is_dataclass(one) else _bent(one, rules, where)
            if wrong:
                return wrong
    return ""


def _bent(value: Any, rules: Mapping[str, Any], where: str) -> str:
    """What one plain value breaks, or nothing."""
    if isinstance(value, str):
        if not rules.get("min_length", 0) <= len(value) <= rules.get("max_length", MOST_PARTS):
            return f"{where} has {len(value)} characters"
        if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
            return f"{where} has another form"
    if isinstance(value, Decimal):
        digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
        if not isinstance(exponent, int) or value < rules.get("min_inclusive", value):
            return f"{where} is too small"
        if len(digits) > rules.get("total_digits", len(digits)):
            return f"{where} has {len(digits)} digits"
        if -exponent > rules.get("fraction_digits", MOST_PARTS):
            return f"{where} has {-exponent} decimal places"
    return ""


# --- parts -----------------------------------------------------------------------------------


def yuan(amount_fen: int) -> Decimal:
    """Fen as the decimal number of the message, always two places."""
    return Decimal(amount_fen).scaleb(-2).quantize(Decimal("0.01"))


def fen(amount: Any) -> int:
    """An amount with its currency in fen; Unreadable for parts of a fen or another currency."""
    scaled = amount.value.scaleb(2)
    if amount.ccy != "CNY" or scaled != scaled.to_integral_value():
        raise Unreadable("amounts are whole fen of CNY")
    return int(scaled)


def moment(at: datetime) -> XmlDateTime:
    """A moment in UTC to the second."""
    return XmlDateTime.from_datetime(at.astimezone(UTC).replace(microsecond=0))


def day(on: date) -> XmlDate:
    """A business date."""
    return XmlDate.from_date(on)


def as_date(on: XmlDate) -> date:
    """A business date read."""
    return on.to_date()


def tx_id(reference: str) -> str:
    """Our reference where a message allows 35 characters: a UUID loses its dashes."""
    try:
        return UUID(reference).hex
    except ValueError:
        return reference


def reference(text: str) -> str:
    """The reference behind `tx_id`."""
    return str(UUID(text)) if re.fullmatch(r"[0-9a-f]{32}", text) else text


def agent(m: Any, bank_code: str) -> Any:
    """A bank by its code in the national payment system."""
    system = m.ClearingSystemIdentification2Choice(cd=CNAPS)
    member = m.ClearingSystemMemberIdentification2(clr_sys_id=system, mmb_id=bank_code)
    inside = m.FinancialInstitutionIdentification7(clr_sys_mmb_id=member)
    return m.BranchAndFinancialInstitutionIdentification4(fin_instn_id=inside)


def bank_code(found: Any) -> str:
    """The bank code in an agent; Unreadable without one."""
    member = found.fin_instn_id.clr_sys_mmb_id if found is not None else None
    if member is None:
        raise Unreadable("a bank is named by its code in the clearing system")
    return str(member.mmb_id)


def account(m: Any, number: str) -> Any:
    """An account by its number."""
    other = m.GenericAccountIdentification1(id=number)
    return m.CashAccount16(id=m.AccountIdentification4Choice(othr=other))


def account_number(found: Any) -> str:
    """The number in an account; Unreadable without one."""
    if found is None or found.id.othr is None:
        raise Unreadable("an account is named by its number")
    return str(found.id.othr.id)


def party(m: Any, name: str) -> Any:
    """A payer or payee by name."""
    return m.PartyIdentification32(nm=name)


def words(m: Any, text: str) -> Any:
    """What the payment is for; None where nothing is said."""
    return m.RemittanceInformation5(ustrd=[text]) if text else None


def said(found: Any) -> str:
    """The words of a remittance."""
    return "".join(found.ustrd) if found is not None else ""
