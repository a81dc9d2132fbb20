"""Beneficial owners: exact shares along every chain, and the paths that explain them."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.forms import rules as forms
from onboarding.forms.model import RegistrationDraft, Shareholder
from onboarding.owners import rules
from onboarding.owners.model import Control, Edge, Holding

QUARTER = 250_000


def own(held, holder, ppm, person=False):
    return Edge(held=held, holder=holder, part=ppm, whole=1_000_000, person=person)


def owners(*holdings):
    found = rules.beneficial_owners("TT", holdings, at_least_ppm=QUARTER, in_charge="LR")
    return [(owner.holder, owner.share_ppm, owner.relation) for owner in found]


class TestBeneficialOwners:
    def test_exactly_a_quarter_counts(self):
        assert owners(own("TT", "P1", 750_000, True), own("TT", "P2", 250_000, True)) == [
            ("P1", 750_000, "equity"),
            ("P2", 250_000, "equity"),
        ]

    def test_shares_multiply_along_the_chain_and_add_over_paths(self):
        chain = [
            own("TT", "FF", 400_000), own("TT", "P1", 600_000, True),
            own("FF", "P1", 100_000, True), own("FF", "P2", 900_000, True),
        ]  # fmt: skip
        assert owners(*chain) == [("P1", 640_000, "equity"), ("P2", 360_000, "equity")]

    def test_a_ring_is_followed_to_its_end(self):
        ring = [
            own("TT", "FF", 500_000), own("TT", "P1", 500_000, True),
            own("FF", "TT", 1_000_000),
        ]  # fmt: skip
        assert owners(*ring) == [("P1", 1_000_000, "equity")]

    def test_the_shareholders_own_by_what_they_subscribed(self):
        draft = RegistrationDraft(
            entity_type="limited_company", name="上海示例科技有限公司", area_code="310115",
            capital_fen=300,
            shareholders=[
                Shareholder(name="王小微", id_number="P1", subscribed_fen=100),
                Shareholder(name="某企业", id_number="F1", subscribed_fen=200, kind="firm"),
            ],
            holdings=[
                Holding(held="F1", holder="P2", holder_name="李小微", person=True, ppm=1_000_000)
            ],
        )  # fmt: skip
        shares = rules.effective_shares("TT", forms.edges(draft, target="TT"))
        assert shares == {"P1": Fraction(1, 3), "P2": Fraction(2, 3)}

    def test_nobody_holds_enough_so_the_one_in_charge_is_named(self):
        assert owners(*[own("TT", f"P{n}", 200_000, True) for n in range(5)]) == [
            ("LR", 0, "in_charge")
        ]

    @pytest.mark.parametrize(
        ("chain", "code"),
        [
            ([own("TT", "P1", 999_999, True)], "holdings_do_not_reach_100"),
            ([own("TT", "FF", 1_000_000)], "owner_of_owner_missing"),
            ([Edge(held="TT", holder="P1", person=True, part=0, whole=0)], "do_not_reach_100"),
            (
                [own(f"F{n}" if n else "TT", f"F{n + 1}", 1_000_000) for n in range(31)],
                "chain_too_long",
            ),
            (
                [own("TT", "FF", 1_000_000), own("FF", "TT", 1_000_000)],
                "ownership_ring_without_person",
            ),
        ],
    )
    def test_a_chain_that_is_not_whole_is_refused(self, chain, code):
        with pytest.raises(ValueError, match=code):
            owners(*chain)

    @pytest.mark.parametrize(
        ("chain", "code"),
        [
            ([own("TT", "P1", 500_000, True), own("TT", "P1", 500_000, True)], "holder_twice"),
            ([own("TT", "P1", 1_000_000, True), own("P1", "P2", 1_000_000, True)], "is_owned"),
            (
                [own("TT", "P1", 1_000_000, True), own("FF", "P2", 1_000_000, True)],
                "firm_outside_the_chain",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, chain, code):
        with pytest.raises(ValueError, match=code):
            owners(*chain)

    def test_revenue_votes_and_control_count_apart_from_equity(self):
        def found(kind, ppm):
            control = Control(holder="P9", holder_name="赵小微", kind=kind, ppm=ppm, basis="协议")
            found = rules.beneficial_owners(
                "TT", [own("TT", "P1", 1_000_000, True)], at_least_ppm=QUARTER, in_charge="LR",
                controls=[control],
            )  # fmt: skip
            return [(one.holder, one.relation) for one in found[1:]]

        assert found("voting", 250_000) == [("P9", "voting")]
        assert found("revenue", 249_999) == []
        assert found("control", 0) == [("P9", "control")]

    def test_a_pledge_takes_the_place_of_filing_only_for_small_firms_of_persons(self):
        small = {"capital_fen": 1_000, "only_persons": True, "controls": [], "most_fen": 1_000}
        assert rules.pledge_suffices(**small)
        assert not rules.pledge_suffices(**small | {"capital_fen": 1_001})
        assert not rules.pledge_suffices(**small | {"only_persons": False})


class TestPaths:
    CHAIN = (
        own("TT", "FF", 400_000), own("TT", "P1", 600_000, True),
        own("FF", "P1", 100_000, True), own("FF", "P2", 900_000, True),
    )  # fmt: skip

    def test_each_way_is_shown_from_the_person_down_the_largest_first(self):
        ways = rules.paths("TT", self.CHAIN, "P1")
        assert [(way.ids, way.steps, way.share) for way in ways] == [
            (["P1", "TT"], ["3/5"], "3/5"),
            (["P1", "FF", "TT"], ["1/10", "2/5"], "1/25"),
        ]

    def test_what_flows_through_a_ring_is_the_rest(self):
        ring = [
            own("TT", "FF", 500_000), own("TT", "P1", 500_000, True),
            own("FF", "TT", 1_000_000),
        ]  # fmt: skip
        (found,) = rules.beneficial_owners("TT", ring, at_least_ppm=QUARTER, in_charge="LR")
        assert (found.share, found.paths[0].share, found.rest_ppm) == ("1/1", "1/2", 500_000)

    def test_a_web_of_thirty_firms_is_explained_in_a_moment(self):
        """Every firm is held by all those after it: 2^28 ways, of which the largest are shown."""
        firms = ["TT", *(f"F{n:02d}" for n in range(29))]
        web = []
        for at, firm in enumerate(firms):
            holders = [*firms[at + 1 :], "P1"]
            each, rest = divmod(1_000_000, len(holders))
            web += [own(firm, holder, each, holder == "P1") for holder in holders[:-1]]
            web.append(own(firm, "P1", each + rest, True))
        (found,) = rules.beneficial_owners("TT", web, at_least_ppm=QUARTER, in_charge="LR")
        assert found.share == "1/1" and len(found.paths) <= rules.PATHS_SHOWN

    def test_an_owner_is_shown_by_name_with_the_number_masked(self):
        number = "310115199003070017"
        chain = [own("TT", number, 1_000_000, True)]
        (found,) = rules.beneficial_owners("TT", chain, at_least_ppm=QUARTER, in_charge="LR")
        shown = rules.named(found, {"TT": "上海示例科技有限公司", number: "王小微"})
        assert shown.id_number == "310***********0017"
        assert shown.paths[0].names == ["王小微", "上海示例科技有限公司"]


@st.composite
def webs(draw, rings=True):
    """Firms that hold one another, a hundredth of each held by a person, so that no ring closes."""
    firms = ["TT"] + [f"F{n}" for n in range(draw(st.integers(0, 5)))]
    web = {}
    for at, firm in enumerate(firms):
        cuts = draw(st.lists(st.integers(1, 989_999), max_size=3, unique=True))
        others = firms if rings else firms[at + 1 :]
        parts = {"P3": 10_000}
        for low, high in itertools.pairwise([0, *sorted(cuts), 990_000]):
            holder = draw(st.sampled_from([*others, "P1", "P2"]))
            parts[holder] = parts.get(holder, 0) + high - low
        web[firm] = parts
    reached, waiting = {"TT"}, ["TT"]
    while waiting:
        new = [one for one in web[waiting.pop()] if one in web and one not in reached]
        reached |= set(new)
        waiting += new
    return [
        own(firm, holder, part, holder.startswith("P"))
        for firm in sorted(reached)
        for holder, part in web[firm].items()
    ]


@given(webs())
def test_the_persons_together_hold_everything(web):
    shares = rules.effective_shares("TT", web)
    assert sum(shares.values(), Fraction(0)) == 1
    assert all(part >= 0 for part in shares.values())


@given(webs())
def test_the_shares_are_where_the_money_ends_that_is_handed_up_step_by_step(web):
    """Another arithmetic: a whole is handed from holder to holder; what persons have by then is at
    most their share, and what is still on its way is all that they lack."""
    shares, firms = rules.effective_shares("TT", web), {"TT": Fraction(1)}
    persons = dict.fromkeys(shares, Fraction(0))
    for _ in range(12):
        handed: dict[str, Fraction] = {}
        for edge in web:
            part = firms.get(edge.held, Fraction(0)) * Fraction(edge.part, edge.whole)
            to = persons if edge.person else handed
            to[edge.holder] = to.get(edge.holder, Fraction(0)) + part
        firms = handed
    on_its_way = sum(firms.values(), Fraction(0))
    for holder, share in shares.items():
        assert persons[holder] <= share <= persons[holder] + on_its_way


@given(webs(rings=False))
def test_without_rings_the_paths_explain_everything(web):
    for holder, share in rules.effective_shares("TT", web).items():
        ways = rules.paths("TT", web, holder, most=1_000)
        assert sum((Fraction(way.share) for way in ways), Fraction(0)) == share
        assert [way.share_ppm for way in ways] == sorted(
            (way.share_ppm for way in ways), reverse=True
        )


@given(webs())
def test_the_paths_never_explain_more_than_there_is(web):
    for owner in rules.beneficial_owners("TT", web, at_least_ppm=QUARTER, in_charge="LR"):
        assert owner.rest_ppm >= 0
        assert owner.relation == "equity" or owner.share == "0/1"
