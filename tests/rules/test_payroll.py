"""A wage from gross to net, the states of a run, what a batch's answer moves."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import load
from bookkeeping.employees import rules as employee_rules
from bookkeeping.employees.model import (
    EmployeeRow,
    HousingFundRate,
    IdentityInvalid,
    NewEmployee,
    Terms,
)
from bookkeeping.payroll import rules
from bookkeeping.payroll.model import (
    LatestRun,
    MonthAlreadyRun,
    NewRun,
    NobodyToPay,
    OpenRunExists,
    PayableLine,
    PayDateWrong,
    PayMonthPassed,
    Run,
    RunChanged,
    RunStateForbids,
    UnknownEmployee,
)
from bookkeeping.wages import rules as wages
from bookkeeping.wages.model import (
    NegativeWage,
    NewLine,
    SocialInsurance,
    SoFar,
    WageLaws,
    WorkingTime,
)
from bookkeeping.withholding.model import LowIncome, WagesTable

SHANGHAI, BEIJING = "310000", "110000"


def statute(kind, shape, region="CN", on=date(2025, 9, 1)):
    """The row of a kind in force on a day, decoded."""
    rows = [
        r
        for r in load.statutory_values()
        if r.kind == kind
        and r.region == region
        and r.from_on <= on
        and (r.until is None or on < r.until)
    ]
    assert len(rows) == 1, (kind, region)
    return msgspec.json.decode(bytes(rows[0].value), type=shape)


LAWS = WageLaws(
    wages=statute("iit.wages", WagesTable),
    time=statute("wages.time", WorkingTime),
    insurance={
        region: statute("social_insurance", SocialInsurance, region)
        for region in (SHANGHAI, BEIJING)
    },
    low_income=statute("iit.low_income", LowIncome),
    first_job=True,
)


def terms(wage=2_000_000, **changes) -> Terms:
    facts = {
        "id": uuid4(),
        "base_wage_fen": wage,
        "social_base_fen": wage,
        "additional_fen": 0,
        "housing_fund_ppm": None,
        "region": SHANGHAI,
        "joined_on": date(2025, 9, 1),
        "first_job": False,
    }
    return Terms(**(facts | changes))


def pay(one: Terms, so_far=None, pay_on=date(2025, 9, 25), further=False, **line):
    return wages.calculate(
        one, NewLine(employee_id=one.id, **line), so_far, LAWS, pay_on=pay_on, further=further
    )


def test_a_wage_in_shanghai_from_gross_to_net():
    line = pay(terms(additional_fen=200_000))
    # 8 % + 2 % + 0.5 % of 20,000, housing fund 7 %; (20,000 - 2,100 - 1,400 - 2,000 - 5,000) x 3 %
    assert line.components == {
        "base_wage": 2_000_000,
        "pension": 160_000,
        "medical": 40_000,
        "unemployment": 10_000,
        "housing_fund": 140_000,
        "income_tax": 28_500,
        "employer_pension": 320_000,
        "employer_medical": 180_000,
        "employer_unemployment": 10_000,
        "employer_injury": 3_200,
        "employer_housing_fund": 140_000,
    }
    assert (line.social_fen, line.housing_fund_fen, line.tax_fen) == (210_000, 140_000, 28_500)
    assert line.net_fen == 2_000_000 - 210_000 - 140_000 - 28_500
    assert line.employer_social_fen == 513_200


@pytest.mark.parametrize(("wage", "base"), [(300_000, 746_000), (5_000_000, 3_730_200)])
def test_the_base_lies_between_floor_and_cap(wage, base):
    line = pay(terms(wage))
    assert line.components["pension"] == base * 8 // 100


def test_beijing_adds_three_yuan_and_its_own_housing_fund():
    line = pay(terms(1_000_000, region=BEIJING))
    assert line.components["medical"] == 20_000 + 300
    assert line.components["housing_fund"] == 120_000
    other = pay(terms(1_000_000, region=BEIJING, housing_fund_ppm=50_000))
    assert other.components["housing_fund"] == other.components["employer_housing_fund"] == 50_000


def test_the_housing_fund_is_rounded_to_whole_yuan():
    assert pay(terms(1_234_567)).components["housing_fund"] == 86_400  # 864.1969 yuan


def test_overtime_bonus_and_absence():
    one = terms(2_175_000)  # 1,000 yuan a paid day, 125 an hour
    line = pay(
        one,
        overtime_minutes=60,
        rest_day_minutes=120,
        holiday_minutes=60,
        bonus_fen=50_000,
        absence_half_days=1,
    )
    assert line.components["overtime"] == 18_750 + 50_000 + 37_500
    assert line.components["absence"] == -50_000
    assert line.gross_fen == 2_175_000 + 106_250 + 50_000 - 50_000


def test_tax_is_withheld_on_the_year_so_far():
    one = terms(3_000_000, social_base_fen=746_000, joined_on=date(2025, 8, 1))
    first = pay(one, pay_on=date(2025, 8, 25))
    kept = first.gross_fen - first.social_fen - first.housing_fund_fen
    second = pay(
        one,
        SoFar(employee_id=one.id, net_fen=kept, withheld_fen=first.tax_fen),
        pay_on=date(2025, 9, 25),
    )
    taxable = 2 * (kept - 500_000)
    assert second.taxable_fen == taxable
    assert first.tax_fen + second.tax_fen == (taxable * 10 + 50) // 100 - 252_000


def test_additional_deductions_count_once_a_month_and_a_further_run_pays_no_base():
    one = terms(additional_fen=300_000)
    line = pay(
        one,
        SoFar(employee_id=one.id, additional_in_month_fen=300_000),
        further=True,
        bonus_fen=100_000,
    )
    assert (line.gross_fen, line.additional_fen, line.social_fen) == (100_000, 0, 0)
    assert set(line.components) <= {"bonus", "income_tax"}


def test_who_earned_little_last_year_deducts_the_year_at_once():
    one = terms(1_000_000, joined_on=date(2025, 1, 1))
    before = SoFar(employee_id=one.id, prior_months=12, prior_income_fen=6_000_000)
    assert pay(one, before, pay_on=date(2026, 1, 25)).tax_fen == 0
    before = msgspec.structs.replace(before, prior_months=11)
    assert pay(one, before, pay_on=date(2026, 1, 25)).tax_fen > 0


def test_a_wage_is_never_negative():
    with pytest.raises(NegativeWage):
        pay(terms(300_000), absence_half_days=62)


@given(
    st.integers(200_000, 20_000_000),
    st.integers(0, 500_000),
    st.integers(0, 10_000_000),
    st.sampled_from([SHANGHAI, BEIJING]),
)
def test_every_wage_adds_up(wage, additional, bonus, region):
    line = pay(terms(wage, additional_fen=additional, region=region), bonus_fen=bonus)
    earned = sum(line.components.get(n, 0) for n in ("base_wage", "bonus", "overtime", "absence"))
    kept = sum(
        line.components.get(n, 0)
        for n in ("pension", "medical", "unemployment", "housing_fund", "income_tax")
    )
    assert line.gross_fen == earned == wage + bonus
    assert line.net_fen == earned - kept >= 0


def latest(**changes) -> LatestRun:
    facts = {"open_id": None, "last_pay_on": None, "runs_of_month": 0, "next_no": 1}
    return LatestRun(**(facts | changes))


def test_when_a_run_may_be_made():
    new, today = NewRun(month="2025-09", pay_on=date(2025, 9, 25)), date(2025, 9, 20)
    span = rules.months_of_run(new, latest(), today)
    assert (span.from_on, span.until_on) == (date(2025, 9, 1), date(2025, 10, 1))
    with pytest.raises(OpenRunExists):
        rules.months_of_run(new, latest(open_id=uuid4()), today)
    with pytest.raises(MonthAlreadyRun):
        rules.months_of_run(new, latest(runs_of_month=1), today)
    again = msgspec.structs.replace(new, reason="补发奖金")
    assert rules.months_of_run(again, latest(runs_of_month=1, next_no=2), today).further
    with pytest.raises(PayDateWrong):
        rules.months_of_run(new, latest(last_pay_on=date(2025, 9, 26)), today)
    with pytest.raises(PayDateWrong):
        rules.months_of_run(new, latest(), date(2025, 9, 26))
    december = NewRun(month="2025-12", pay_on=date(2025, 12, 31))
    assert rules.months_of_run(december, latest(), today).until_on == date(2026, 1, 1)


def row(**changes) -> EmployeeRow:
    facts = msgspec.structs.asdict(terms()) | {
        "who_sealed": b"",
        "bank_code": "102100099996",
        "left_on": None,
        "state": "active",
        "version": 1,
    }
    return EmployeeRow(**(facts | changes))


def test_who_is_paid():
    people = [row(), row()]
    named = NewLine(employee_id=people[1].id, bonus_fen=1)
    assert len(rules.who_is_paid(people, [named], further=False)) == 2
    assert rules.who_is_paid(people, [named], further=True) == [(people[1], named)]
    with pytest.raises(UnknownEmployee):
        rules.who_is_paid(people, [NewLine(employee_id=uuid4())], further=False)
    with pytest.raises(UnknownEmployee):
        rules.who_is_paid(people, [named, named], further=False)
    with pytest.raises(NobodyToPay):
        rules.who_is_paid(people, [], further=True)


def run(**changes) -> Run:
    facts = {
        "id": uuid4(),
        "month_on": date(2025, 9, 1),
        "run_no": 1,
        "reason": "",
        "pay_on": date(2025, 9, 25),
        "account_id": uuid4(),
        "state": "draft",
        "version": 1,
        "people": 1,
        "gross_fen": 100,
        "social_fen": 0,
        "housing_fund_fen": 0,
        "tax_fen": 0,
        "net_fen": 100,
        "employer_social_fen": 0,
        "employer_housing_fund_fen": 0,
        "settled_fen": 0,
        "failed_fen": 0,
        "made_by": uuid4(),
        "sent_on": None,
        "paid_at": None,
    }
    return Run(**(facts | changes))


def test_a_run_goes_one_way():
    submitted = rules.submit(run(), 1)
    approved = rules.decided(submitted, 2, approved=True)
    with pytest.raises(RunStateForbids):
        rules.set_aside(approved, date(2025, 9, 24))
    sending = rules.set_aside(approved, date(2025, 9, 25))
    assert (sending.state, sending.sent_on, sending.version) == ("sent", date(2025, 9, 25), 4)
    with pytest.raises(PayMonthPassed):
        rules.set_aside(approved, date(2025, 10, 1))
    assert rules.cancel(approved, 3).state == "cancelled"
    with pytest.raises(RunStateForbids):
        rules.cancel(sending, 4)
    with pytest.raises(RunChanged):
        rules.submit(run(), 2)
    assert rules.decided(submitted, 2, approved=False).state == "rejected"
    assert rules.cancel(submitted, 2).state == "cancelled"


def payable(no, state="waiting", fen=100) -> PayableLine:
    return PayableLine(
        employee_id=uuid4(),
        no=no,
        batch_no=1,
        net_fen=fen,
        state=state,
        who_sealed=b"",
        bank_code="102100099996",
    )


def test_only_what_is_new_of_an_answer_counts():
    lines = [payable(1), payable(2), payable(3, "settled"), payable(4, "settled"), payable(5)]
    told = {
        1: ("settled", ""),
        2: ("failed", "户名不符"),
        3: ("settled", ""),
        4: ("returned", "销户"),
        5: ("returned", "销户"),
    }
    news = rules.outcomes(lines, told)
    assert [(one.was, one.state) for one in news] == [
        ("waiting", "settled"),
        ("waiting", "failed"),
        ("settled", "returned"),
        ("waiting", "failed"),
    ]
    entry = rules.give_back(run(), news, uuid4(), batch_no=1)
    assert [leg.amount_fen for leg in entry.legs] == [-300, 300]
    assert rules.give_back(run(), news[:1], uuid4(), batch_no=1) is None
    assert rules.outcomes(lines[:2], {}) == []


def test_the_payout_takes_the_account_once():
    lines = [payable(1, fen=60), payable(2, fen=40)]
    entry = rules.payout(run(), lines, uuid4())
    assert [leg.amount_fen for leg in entry.legs] == [-100, 60, 40]


@given(st.uuids(), st.uuids(), st.integers(1, 9_999))
def test_a_reference_tells_whose_it_is(business: UUID, run_id: UUID, no: int):
    text = rules.reference(business, run_id, no)
    assert len(text) <= 80
    read = rules.read_reference(text)
    assert read and (read.business_id, read.run_id, read.batch_no) == (business, run_id, no)


@pytest.mark.parametrize("text", ["", "x", "WAGES-1-2", str(UUID(int=7)), f"WAGES-{'z' * 32}-b-1"])
def test_others_references_are_not_ours(text):
    assert rules.read_reference(text) is None


def test_batches_hold_what_the_clearing_house_takes():
    assert [rules.batch_of(no) for no in (1, 5_000, 5_001)] == [1, 1, 2]


GOOD = {
    "name": "王小微",
    "resident_id": "11010519491231002X",
    "phone": "13812345678",
    "account_number": "6222026910738572274",
    "bank_code": "102100099996",
    "base_wage_fen": 1_000_000,
    "joined_on": date(2025, 9, 1),
    "city": "310115",
}


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"resident_id": "110105194912310021"}, "resident_id", "check"),
        ({"resident_id": "110101209003071230"}, "resident_id", "birth_date_in_future"),
        ({"bank_code": "102100099997"}, "bank_code", "check"),
        ({"account_number": "6222026910738572275"}, "account_number", "check"),
    ],
)
def test_wrong_identities_are_refused(changes, field, reason):
    with pytest.raises(IdentityInvalid) as refused:
        employee_rules.check(NewEmployee(**(GOOD | changes)), today=date(2025, 9, 1))
    assert refused.value.facts == {"field": field, "reason": reason}


def test_right_identities_pass_and_company_accounts_need_no_luhn():
    employee_rules.check(NewEmployee(**GOOD), today=date(2025, 9, 1))
    other = GOOD | {"account_number": "0200004309014478412"}
    employee_rules.check(NewEmployee(**other), today=date(2025, 9, 1))


def test_insurance_belongs_to_the_city():
    regions = [employee_rules.insurance_region(c) for c in ("310115", "110105", "440305")]
    assert regions == [SHANGHAI, BEIJING, "440300"]
    with pytest.raises(HousingFundRate):
        employee_rules.check_housing_fund(120_000, 50_000, 70_000)


def test_the_last_day_of_a_month():
    assert rules.last_day(date(2026, 2, 1)) == date(2026, 2, 28)
    assert (
        rules.last_day(date(2025, 12, 1))
        == date(2025, 12, 31)
        == date(2026, 1, 1) - timedelta(days=1)
    )
