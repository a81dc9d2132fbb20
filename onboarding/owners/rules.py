"""Shares along the chain of ownership, exactly; and the ways that explain them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from fractions import Fraction

from app.vault import mask_resident_id
from onboarding.owners.model import (
    BeneficialOwner,
    Control,
    Edge,
    NamedOwner,
    OwnerPath,
    Path,
)

# Firms in one chain of ownership: whoever has more brings it to the branch.
LONGEST_CHAIN = 30
PATHS_SHOWN = 8
# Ways looked at before the explanation ends: the largest come first.
MOST_LOOKED_AT = 2_000
MILLION = 1_000_000


def text(share: Fraction) -> str:
    """An exact share as it is shown and kept: `3/8`."""
    return f"{share.numerator}/{share.denominator}"


def ppm(share: Fraction) -> int:
    """A share in millionths, rounded down."""
    return share.numerator * MILLION // share.denominator


def effective_shares(target: str, holdings: Sequence[Edge]) -> dict[str, Fraction]:
    """Each natural person's share of the target along every chain, cross-holdings included.

    Let v(f) be the share of the target that lies in firm f: v(target) = 1 + what flows back, v(f) =
    sum of v(g) x share of f in g. Solved exactly; a person's share is the sum of v(g) x his share.
    Raises ValueError with a finding's code when the chain is not whole.
    """
    firms = sorted({h.held for h in holdings} | {target})
    if len(firms) > LONGEST_CHAIN:
        raise ValueError("chain_too_long")
    for firm in firms:
        mine = [h for h in holdings if h.held == firm]
        if not mine or not 0 < sum(h.part for h in mine) == mine[0].whole:
            raise ValueError("holdings_do_not_reach_100")
        if len({h.holder for h in mine}) != len(mine):
            raise ValueError("holder_twice")
    if any(not h.person and h.holder not in firms for h in holdings):
        raise ValueError("owner_of_owner_missing")
    if any(h.person and h.holder in firms for h in holdings):
        raise ValueError("a_person_is_owned")
    if not set(firms) <= _above(target, holdings):
        raise ValueError("firm_outside_the_chain")
    weights = _solve(target, firms, holdings)
    shares: dict[str, Fraction] = {}
    for h in holdings:
        if h.person:
            part = weights[h.held] * Fraction(h.part, h.whole)
            shares[h.holder] = shares.get(h.holder, Fraction(0)) + part
    return shares


def _above(target: str, holdings: Sequence[Edge]) -> set[str]:
    """Everybody who is reached from the firm upwards, the firm itself included."""
    reached, waiting = {target}, [target]
    while waiting:
        held = waiting.pop()
        for h in holdings:
            if h.held == held and h.holder not in reached:
                reached.add(h.holder)
                waiting.append(h.holder)
    return reached


def _solve(target: str, firms: list[str], holdings: Sequence[Edge]) -> dict[str, Fraction]:
    """Gauss-Jordan over fractions of v = e(target) + Aᵀv; a ring owned by nobody has no answer."""
    place = {firm: at for at, firm in enumerate(firms)}
    size = len(firms)
    rows = [
        [Fraction(int(row == column)) for column in range(size)]
        + [Fraction(int(row == place[target]))]
        for row in range(size)
    ]
    for h in holdings:
        if not h.person:
            rows[place[h.holder]][place[h.held]] -= Fraction(h.part, h.whole)
    for column in range(size):
        pivot = next((row for row in range(column, size) if rows[row][column]), None)
        if pivot is None:
            raise ValueError("ownership_ring_without_person")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        inverse = Fraction(rows[column][column].denominator, rows[column][column].numerator)
        rows[column] = [value * inverse for value in rows[column]]
        for row in range(size):
            factor = rows[row][column]
            if row != column and factor:
                rows[row] = [
                    left - factor * right
                    for left, right in zip(rows[row], rows[column], strict=True)
                ]
    return {firm: rows[place[firm]][size] for firm in firms}


def paths(
    target: str, holdings: Sequence[Edge], holder: str, *, most: int = PATHS_SHOWN
) -> list[Path]:
    """The largest ways from a person down to the firm that meet no firm twice, largest first.

    A way only gets smaller as it goes up: whatever comes off the heap first is the largest left.
    """
    above: dict[str, list[Edge]] = {}
    for h in holdings:
        above.setdefault(h.held, []).append(h)
    heap: list[tuple[Fraction, list[str], list[str]]] = [(Fraction(-1), [target], [])]
    found: list[Path] = []
    for _ in range(MOST_LOOKED_AT):
        if not heap or len(found) == most:
            break
        share, way, steps = heapq.heappop(heap)
        if way[-1] == holder:
            found.append(
                Path(ids=way[::-1], steps=steps[::-1], share=text(-share), share_ppm=ppm(-share))
            )
            continue
        for h in above.get(way[-1], []):
            if h.holder not in way and (not h.person or h.holder == holder):
                step = Fraction(h.part, h.whole)
                heapq.heappush(heap, (share * step, [*way, h.holder], [*steps, text(step)]))
    return found


def beneficial_owners(
    target: str,
    holdings: Sequence[Edge],
    *,
    at_least_ppm: int,
    in_charge: str,
    controls: Sequence[Control] = (),
) -> list[BeneficialOwner]:
    """Persons with at least the threshold along the chain, or as much of revenue or votes, or who
    decide in fact; if there is nobody, the person in charge.

    受益所有人信息管理办法 (Order [2024] 3) Art. 6, 7: equity held directly or indirectly,
    multiplied along the chain and summed over paths. Raises ValueError as `effective_shares`.
    """
    threshold = Fraction(at_least_ppm, MILLION)
    shares = effective_shares(target, holdings)
    found = [
        _by_equity(target, holdings, holder, share)
        for holder, share in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        if share >= threshold
    ]
    for control in controls:
        if control.kind == "control" or control.ppm >= at_least_ppm:
            share = Fraction(control.ppm, MILLION)
            found.append(
                BeneficialOwner(
                    holder=control.holder, relation=control.kind, share=text(share),
                    share_ppm=control.ppm, basis=control.basis,
                )
            )  # fmt: skip
    return found or [
        BeneficialOwner(holder=in_charge, relation="in_charge", share="0/1", share_ppm=0)
    ]


def _by_equity(
    target: str, holdings: Sequence[Edge], holder: str, share: Fraction
) -> BeneficialOwner:
    ways = paths(target, holdings, holder)
    explained = sum((Fraction(way.share) for way in ways), Fraction(0))
    return BeneficialOwner(
        holder=holder, relation="equity", share=text(share), share_ppm=ppm(share), paths=ways,
        rest_ppm=ppm(share - explained),
    )  # fmt: skip


def named(owner: BeneficialOwner, names: Mapping[str, str]) -> NamedOwner:
    """An owner with names instead of numbers; the own number is masked."""
    return NamedOwner(
        name=names[owner.holder], id_number=mask_resident_id(owner.holder),
        relation=owner.relation, share=owner.share, share_ppm=owner.share_ppm,
        paths=[
            OwnerPath(
                names=[names[one] for one in way.ids], steps=way.steps, share=way.share,
                share_ppm=way.share_ppm,
            )
            for way in owner.paths
        ],
        rest_ppm=owner.rest_ppm, basis=owner.basis,
    )  # fmt: skip


def pledge_suffices(
    *, capital_fen: int, only_persons: bool, controls: Sequence[Control], most_fen: int
) -> bool:
    """Whether a pledge takes the place of filing the owners (受益所有人信息管理办法 Art. 3): a
    small capital, natural persons only, and nobody who decides or earns otherwise."""
    return capital_fen <= most_fen and only_persons and not controls
