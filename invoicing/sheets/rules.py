"""Draws an invoice: the data of its page, its QR text, and the structured XML."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from invoicing.sheets.model import PrintedLine, Sheet

SHANGHAI = ZoneInfo("Asia/Shanghai")
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
KIND_CODES = {"special": "01", "ordinary": "02"}
KIND_NAMES = {
    "special": "电子发票（增值税专用发票）",
    "ordinary": "电子发票（普通发票）",
}
LABEL_NAMES = {"special": "增值税专用发票", "ordinary": "普通发票"}


def decimal_text(digits: int, places: int) -> str:
    """The shortest decimal text of digits × 10^-places, for a number not below zero."""
    text = str(digits).rjust(places + 1, "0")
    whole, fraction = text[: len(text) - places], text[len(text) - places :].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def qr_text(*, kind: str, number: str, total_fen: int, issued_on: date) -> str:
    """What the QR code of a 数电票 says: version, kind (31 special, 32 ordinary), no code, number,
    total with tax, date."""
    code = "31" if kind == "special" else "32"
    return f"01,{code},,{number},{plain_yuan(total_fen)},{issued_on:%Y%m%d},,"


def plain_yuan(fen: int) -> str:
    """Fen as documents for machines write it: `1234.56`, no thousands marks."""
    sign, whole = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def rate_fraction(rate_ppm: int) -> str:
    """A rate as the XML writes it: 60000 is `0.06`."""
    return decimal_text(rate_ppm, 6)


def rate_percent(rate_ppm: int) -> str:
    """A rate as the document prints it: 15000 is `1.5%`; 0 is 免税."""
    return f"{decimal_text(rate_ppm, 4)}%" if rate_ppm else "免税"


def page_data(sheet: Sheet, *, uppercase: str, sample: bool) -> dict[str, Any]:
    """What the page shows; `sample` marks it as not a real one."""
    return {
        "kind": KIND_NAMES[sheet.kind],
        "number": sheet.number,
        "issued_on": sheet.issued_on.isoformat(),
        "qr_text": qr_text(
            kind=sheet.kind,
            number=sheet.number,
            total_fen=sheet.total_fen,
            issued_on=sheet.issued_on,
        ),
        "buyer": {"name": sheet.buyer_name, "tax_id": sheet.buyer_uscc, "details": []},
        "seller": {"name": sheet.seller_name, "tax_id": sheet.seller_uscc, "details": []},
        "lines": [_page_line(line) for line in sheet.lines],
        "amount_fen": sheet.amount_fen,
        "tax_fen": sheet.tax_fen,
        "total_fen": sheet.total_fen,
        "uppercase": uppercase,
        "remark": sheet.remark,
        "drawer": sheet.drawer,
        "notice": "沙箱样票" if sample else "",
    }


def _page_line(line: PrintedLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "spec": line.specification,
        "unit": line.unit,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount_fen": line.amount_fen,
        "rate": rate_percent(line.rate_ppm),
        "tax_fen": line.tax_fen,
    }


def xml(sheet: Sheet, *, uppercase: str, province: str) -> bytes:
    """The structured invoice by the element names of the tax bureau's layout, version 0.32."""
    region = sheet.seller_uscc[2:4] + "0000"
    root = etree.Element("EInvoice")
    head = _add(root, "Header")
    _add(head, "EIid", sheet.number)
    _add(head, "EInvoiceTag", f"SWEI{region[:4]}")
    _add(head, "Version", "0.32")
    labels = _add(head, "InherentLabel")
    for tag, code, name in (
        ("InIssuType", "N" if sheet.red else "Y", "是否蓝字发票标志"),
        ("EInvoiceType", "01", "电子发票"),
        ("GeneralOrSpecialVAT", KIND_CODES[sheet.kind], LABEL_NAMES[sheet.kind]),
    ):
        label = _add(labels, tag)
        _add(label, "LabelCode", code)
        _add(label, "LabelName", name)
    data = _add(root, "EInvoiceData")
    _parties(data, sheet)
    _totals(data, sheet, uppercase)
    for line in sheet.lines:
        _item(data, line)
    _add(data, "SpecificInformation")
    _add(_add(data, "AdditionalInformation"), "Remark", sheet.remark)
    supervision = _add(root, "TaxSupervisionInfo")
    _add(supervision, "InvoiceNumber", sheet.number)
    _add(supervision, "IssueTime", _moment(sheet))
    _add(supervision, "TaxBureauCode", f"1{region}0000")
    _add(supervision, "TaxBureauName", f"国家税务总局{province}税务局")
    _add(root, "TaxBureauSignature")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _parties(data: etree._Element, sheet: Sheet) -> None:
    for side, tax_id, name in (
        ("Seller", sheet.seller_uscc, sheet.seller_name),
        ("Buyer", sheet.buyer_uscc, sheet.buyer_name),
    ):
        party = _add(data, f"{side}Information")
        _add(party, f"{side}IdNum", tax_id)
        _add(party, f"{side}Name", name)
        for part in ("Addr", "TelNum", "BankName", "BankAccNum"):
            _add(party, f"{side}{part}")


def _totals(data: etree._Element, sheet: Sheet, uppercase: str) -> None:
    basic = _add(data, "BasicInformation")
    _add(basic, "TotalAmWithoutTax", plain_yuan(sheet.amount_fen))
    _add(basic, "TotalTaxAm", plain_yuan(sheet.tax_fen))
    _add(basic, "TotalTax-includedAmount", plain_yuan(sheet.total_fen))
    _add(basic, "TotalTax-includedAmountInChinese", uppercase)
    _add(basic, "Drawer", sheet.drawer)
    _add(basic, "RequestTime", _moment(sheet))


def _item(data: etree._Element, line: PrintedLine) -> None:
    item = _add(data, "IssuItemInformation")
    _add(item, "ItemName", line.name)
    _add(item, "SpecMod", line.specification)
    _add(item, "MeaUnits", line.unit)
    _add(item, "Quantity", line.quantity)
    _add(item, "UnPrice", line.unit_price)
    _add(item, "Amount", plain_yuan(line.amount_fen))
    _add(item, "TaxRate", rate_fraction(line.rate_ppm))
    _add(item, "ComTaxAm", plain_yuan(line.tax_fen))
    _add(item, "TotaltaxIncludedAmount", plain_yuan(line.amount_fen + line.tax_fen))
    _add(item, "TaxClassificationCode", line.tax_code)


def _add(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, tag)
    if text:
        element.text = xml_text(text)
    return element


def xml_text(text: str) -> str:
    """Text without the characters that XML 1.0 has no way to write."""
    return _NOT_XML.sub("", text)


def _moment(sheet: Sheet) -> str:
    return f"{sheet.issued_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
