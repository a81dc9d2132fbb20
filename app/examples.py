"""Examples for the OpenAPI document: every field shows what may really stand there."""

from __future__ import annotations

import re
from typing import Any

FORMATS = {
    "uuid": "0199c0de-0000-7000-8000-000000000001",
    "date": "2025-09-01",
    "date-time": "2025-09-01T01:00:00Z",
    "uri": "urn:example",
    "binary": "",
}
SCALARS: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "number": 1,
    "null": None,
    "string": "办公用品",
}
# What fields of answers hold that no request knows.
WORDS: dict[str, str] = {
    "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk5In0.c2lnbmF0dXJl",
    "account_class": "basic",
    "account_name": "上海示例科技有限公司",
    "account_tail": "2274",
    "application_state": "reviewing",
    "business_key": "0199c0de-0000-7000-8000-000000000001",
    "business_on": "2025-09-01",
    "closes": "17:00",
    "codes": "document_unreadable",
    "counterparty_account_tail": "0018",
    "counterparty_name": "苏州示例材料有限公司",
    "currency": "CNY",
    "decision_codes": "document_unreadable",
    "division": "上海市浦东新区",
    "en": "Few invoices",
    "entity_type": "limited_company",
    "failure": "户名不符",
    "filing_number": "J2900012345601",
    "form": "cash",
    "industry": "软件和信息技术服务业",
    "invoice_number": "25312000000000000001",
    "key_ids": "portal-1",
    "kind": "document",
    "link": "/v1/payments",
    "name_en": "Shanghai",
    "name_zh": "上海",
    "next": "WyIwMTkiXQ",
    "note": "已核对",
    "opens": "09:00",
    "payee": "苏州示例材料有限公司",
    "payee_account_tail": "0018",
    "payee_bank_code": "103100000026",
    "payee_name": "苏州示例材料有限公司",
    "payer": "南京示例贸易有限公司",
    "payer_account_tail": "5678",
    "payer_bank_code": "103100000026",
    "payer_name": "南京示例贸易有限公司",
    "problem": "check digit",
    "purpose": "日常经营结算",
    "reason": "可用余额不足",
    "reason_codes": "few_invoices",
    "receipt_number": "20250900000001",
    "refusal": "可用额度不足",
    "refused_code": "invalid",
    "region": "310000",
    "rule": "vat_small_scale",
    "scope": "软件开发",
    "scopes": "applications",
    "scorecard_version": "2025-1",
    "seller_name": "上海示例科技有限公司",
    "seller_uscc": "91330100799655058B",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "shown": "1001 0001 0958 9638 888",
    "source": "outside",
    "source_event": "payment_settled",
    "state_reason": "法院冻结",
    "status": "ok",
    "suggestions": "上海示例信息科技有限公司",
    "summary": "销售商品",
    "template_id": "sale",
    "text": "壹万壹仟捌佰陆拾柒元伍角",
    "ticket": "A037",
    "trade_name": "示例",
    "uppercase": "壹万壹仟捌佰陆拾柒元伍角",
    "version": "2025-1",
    "why": "尾号吉祥",
    "word": "示例",
    "zh": "近十二个月开票金额偏低",
}
DEEPEST = 6


class Examples:
    """Values that fit a schema: its own example, else that of a field of the same name."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.components = schema["components"]["schemas"]
        self.pool: dict[str, list[Any]] = {}
        for component in self.components.values():
            for name, part in component.get("properties", {}).items():
                if (found := self._own(part)) is not None:
                    self.pool.setdefault(name, []).append(found)

    def _own(self, shape: dict[str, Any]) -> Any:
        """The example that a field names itself, also when it may be null."""
        for option in (shape, *shape.get("anyOf", ())):
            if option.get("examples"):
                return option["examples"][0]
        return None

    def of(self, shape: dict[str, Any], name: str = "", depth: int = 0) -> Any:
        """A value for `shape`, which is a field called `name`."""
        if "$ref" in shape:
            component = shape["$ref"].rpartition("/")[2]
            return self.of(self.components[component], name, depth)
        if (found := self._own(shape)) is not None:
            return found
        for key in ("const", "default"):
            if shape.get(key) is not None:
                return shape[key]
        if shape.get("enum"):
            return shape["enum"][0]
        if options := [o for o in shape.get("anyOf", ()) if o.get("type") != "null"]:
            return self.of(options[0], name, depth)
        return self._composed(shape, name, depth)

    def _composed(self, shape: dict[str, Any], name: str, depth: int) -> Any:
        kind = shape.get("type", "object")
        if kind == "object":
            parts = shape.get("properties", {}) if depth <= DEEPEST else {}
            return {key: self.of(part, key, depth + 1) for key, part in parts.items()}
        if kind == "array":
            if depth > DEEPEST or not isinstance(shape.get("items"), dict):
                return []
            return [self.of(shape["items"], name, depth + 1)]
        if shape.get("format") in FORMATS:
            return FORMATS[shape["format"]]
        known = [*self.pool.get(name, ()), *((WORDS[name],) if name in WORDS else ())]
        return next((one for one in known if fits(one, shape)), SCALARS[kind])


def fits(value: Any, shape: dict[str, Any]) -> bool:
    """Whether an example of another field may stand here."""
    if shape["type"] == "string":
        length = len(value) if isinstance(value, str) else -1
        return (
            shape.get("minLength", 0) <= length <= shape.get("maxLength", length)
            and re.search(shape.get("pattern", ""), value) is not None
        )
    return type(value) is {"integer": int, "boolean": bool, "number": int}[shape["type"]]
