"""A step-up binds everything it is for: no change of any fact, nor of who and where, fits it."""

from __future__ import annotations

import os
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.identity.stepups import rules
from app.identity.stepups.model import Confirmation, StepUpRefused

# Ten thousand in the long run (`MUTATIONS=10000`), fewer at every check.
MUTATIONS = int(os.environ.get("MUTATIONS", "500"))
FACTS = {
    "amount_fen": 10_000,
    "currency": "CNY",
    "account_id": str(UUID(int=8)),
    "payee_account": "6228480402564890018",
    "payee_bank_code": "103100000026",
    "payee_name": "苏州示例材料有限公司",
    "purpose": "goods",
}
FIRM, CHANNEL = UUID(int=1), UUID(int=2)
NONCE = bytes(16)
VALUES = st.one_of(
    st.none(),
    st.integers(-(10**15), 10**15),
    st.text(max_size=30),
    st.sampled_from([*FACTS.values(), "10000", "苏州示例材料有限公司 ", "６228480402564890018"]),
)


def bound(facts=FACTS, *, action="payment", firm=FIRM, channel=CHANNEL, nonce=NONCE) -> bytes:
    content = rules.content(action, facts, business_id=firm, channel=channel)
    return rules.bound(nonce, content)


@settings(max_examples=MUTATIONS, deadline=None)
@given(st.sampled_from(sorted(FACTS)), VALUES)
def test_any_change_of_any_fact_is_another_payment(name, value):
    assume(value != FACTS[name])
    assert bound(FACTS | {name: value}) != bound()


@settings(max_examples=MUTATIONS, deadline=None)
@given(st.sampled_from(["action", "firm", "channel", "nonce"]), st.binary(min_size=16, max_size=16))
def test_nor_does_it_fit_another_act_firm_sign_in_or_nonce(what, drawn):
    other = {"action": drawn.hex(), "nonce": drawn}.get(what, UUID(bytes=drawn))
    assume(other not in (FIRM, CHANNEL, NONCE))
    assert bound(**{what: other}) != bound()


@given(st.permutations(sorted(FACTS)))
def test_the_order_of_the_facts_does_not_matter(names):
    assert bound({name: FACTS[name] for name in names}) == bound()


def test_facts_do_not_run_into_each_other():
    assert bound({"a": "1", "b": "23"}) != bound({"a": "12", "b": "3"})
    assert bound({"a": 1}) != bound({"a": "1"})


def test_exactly_one_whole_factor_is_given():
    key = UUID(int=3)
    assert rules.factor(Confirmation(code="123456")) == "code"
    assert rules.factor(Confirmation(key_id=key, signature="A" * 86)) == "key"
    for given_ in (
        Confirmation(),
        Confirmation(key_id=key),
        Confirmation(signature="A" * 86),
        Confirmation(code="123456", key_id=key, signature="A" * 86),
    ):
        with pytest.raises(StepUpRefused):
            rules.factor(given_)


@given(st.binary(max_size=80))
def test_base64_has_one_form(raw):
    text = rules.unpadded(raw)
    assert rules.raw(text) == raw
    with pytest.raises(ValueError):
        rules.raw(text + "=")
