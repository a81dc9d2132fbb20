"""Anybody can ask what tax is due, and is told by which law."""

from __future__ import annotations

import pytest

from tests.city import City


async def ask(city: City, what: str, body: dict, status: int = 200) -> dict:
    answer = await city.api.post(f"/v1/quotes/{what}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def month(paid_on: str, income: int, **more: int) -> dict:
    return {"paid_on": paid_on, "income_fen": income, **more}


async def test_wages_are_withheld_cumulatively(city: City):
    paid = [
        month(f"2025-{n:02d}-10", 3_000_000, social_fen=450_000, additional_fen=200_000)
        for n in (1, 2, 3)
    ]
    found = await ask(city, "wages-tax", {"months": paid, "joined_on": "2020-01-01"})
    assert [row["withheld_fen"] for row in found["months"]] == [55_500, 62_500, 185_000]
    assert found["months"][2] == {
        "taxable_fen": 5_550_000,
        "rate_ppm": 100_000,
        "quick_deduction_fen": 252_000,
        "cumulative_tax_fen": 303_000,
        "withheld_fen": 185_000,
    }


async def test_low_incomes_of_last_year_deduct_the_year_at_once(city: City):
    found = await ask(
        city,
        "wages-tax",
        {
            "months": [month("2025-01-10", 1_000_000)],
            "joined_on": "2020-01-01",
            "prior_year_income_fen": 6_000_000,
        },
    )
    assert found["months"][0]["withheld_fen"] == 0


async def test_months_before_joining_are_refused(city: City):
    refused = await ask(
        city,
        "wages-tax",
        {
            "months": [month("2025-01-10", 1)],
            "joined_on": "2025-02-01",
        },
        422,
    )
    assert refused["type"].endswith("paid-before-joining") or "joined_on" in refused


async def test_a_bonus_is_compared_both_ways(city: City):
    paid = [month(f"2025-{n:02d}-10", 5_000_000) for n in range(1, 13)]
    found = await ask(
        city,
        "bonus-tax",
        {
            "amount_fen": 3_600_000,
            "paid_on": "2025-12-20",
            "months": paid,
            "joined_on": "2024-01-01",
        },
    )
    assert found["separate"] == {"tax_fen": 108_000, "rate_ppm": 30_000}
    assert found["merged"]["tax_fen"] == 1_080_000
    assert found["cheaper"] == "separate"
    alone = await ask(city, "bonus-tax", {"amount_fen": 0, "paid_on": "2025-12-20"})
    assert alone["separate"]["tax_fen"] == 0 and alone["merged"] is None


async def test_after_2027_no_bonus_is_taxed_by_itself(city: City):
    refused = await ask(city, "bonus-tax", {"amount_fen": 1, "paid_on": "2028-01-01"}, 422)
    assert (refused["kind"], refused["on"]) == ("iit.bonus", "2028-01-01")


@pytest.mark.parametrize(
    ("kind", "amount", "resident", "tax"),
    [
        ("labour", 200_000, True, 24_000),
        ("labour", 3_000_000, True, 520_000),
        ("author", 4_000_000, True, 448_000),
        ("labour", 2_000_000, False, 179_000),
        ("author", 1_000_000, False, 35_000),
    ],
)
async def test_labour_is_withheld(city: City, kind: str, amount: int, resident: bool, tax: int):
    found = await ask(
        city,
        "labour-tax",
        {
            "kind": kind,
            "amount_fen": amount,
            "paid_on": "2025-09-10",
            "resident": resident,
        },
    )
    assert found["tax_fen"] == tax


def quarter(begins: str, ends: str, **more: object) -> dict:
    return {"taxpayer": "small_scale", "period_from": begins, "period_until": ends, **more}


async def test_the_threshold_itself_was_free_until_2025(city: City):
    old = await ask(city, "tax", quarter("2025-10-01", "2026-01-01", sales_fen=30_000_000))
    new = await ask(city, "tax", quarter("2026-01-01", "2026-04-01", sales_fen=30_000_000))
    assert (old["vat"]["tax_fen"], new["vat"]["tax_fen"]) == (0, 300_000)
    assert old["vat"]["law"]["until_on"] == "2026-01-01"
    assert "2026年第10号" in new["vat"]["law"]["source"]


async def test_surcharges_are_halved_for_the_small(city: City):
    found = await ask(city, "tax", quarter("2026-01-01", "2026-04-01", sales_fen=32_000_000))
    surcharges = found["surcharges"]
    parts = [surcharges[f"{name}_fen"] for name in ("city", "education", "local_education")]
    assert parts == [11_200, 4_800, 3_200]


async def test_one_fen_over_the_limit_and_all_is_taxed(city: City):
    for profit, tax in ((300_000_000, 15_000_000), (300_000_100, 75_000_025)):
        found = await ask(
            city,
            "tax",
            quarter(
                "2025-01-01",
                "2026-01-01",
                profit_fen=profit,
                staff=10,
                assets_fen=1_000_000,
            ),
        )
        assert found["income_tax"]["tax_fen"] == tax
        assert found["vat"] is None


async def test_a_general_taxpayer_pays_the_difference(city: City):
    found = await ask(
        city,
        "tax",
        {
            "taxpayer": "general",
            "period_from": "2026-03-01",
            "period_until": "2026-04-01",
            "sales_fen": 100_000_000,
            "input_tax_fen": 5_000_000,
            "city_tax_class": "county_town",
        },
    )
    assert found["vat"]["tax_fen"] == 8_000_000
    assert found["surcharges"]["city_fen"] == 400_000
    refused = await ask(
        city,
        "tax",
        {
            "taxpayer": "general",
            "period_from": "2026-03-01",
            "period_until": "2026-04-01",
            "output_rate_ppm": 120_000,
        },
        422,
    )
    assert refused["rate_ppm"] == 120_000


async def test_a_crooked_period_is_malformed(city: City):
    await ask(city, "tax", quarter("2026-01-01", "2026-03-31"), 400)


async def test_identifiers_and_words_are_looked_up_without_signing_in(city: City):
    async def get(path: str, status: int = 200) -> dict:
        answer = await city.api.get(f"/v1/reference/{path}")
        assert answer.status_code == status, answer.text
        return answer.json()

    assert (await get("uscc/91330100799655058B"))["valid"] is True
    assert (await get("uscc/91330100799655058C"))["reason"] == "check"
    assert (await get("resident-ids/11010519491231002X"))["parts"]["sex"] == "F"
    assert (await get("resident-ids/110101209003071230"))["reason"] == "birth_date_in_future"
    assert (await get("bank-codes/102100099996"))["parts"]["bank"] == "中国工商银行"
    assert (await get("uppercase/10000"))["text"] == "壹佰元整"
    assert (await get("uppercase/-15000"))["text"] == "负壹佰伍拾元整"
    for wrong in ("1.5", "01", "１", "1e3", "10000000000000000"):
        await get(f"uppercase/{wrong}", 400)
