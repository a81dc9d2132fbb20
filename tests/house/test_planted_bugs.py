"""Every planted bug still fits the code, so that a proof is not lost without anybody seeing it."""

from __future__ import annotations

import pytest

from tests.soak.bugs import MUTANTS
from tests.soak.mutants import Mutant
from tests.soak.system import TREE


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.bug)
def test_the_bug_can_still_be_planted(mutant: Mutant):
    for name, old, new in mutant.patches:
        texts = [path.read_text(encoding="utf-8") for path in TREE.glob(name)]
        assert any(old in text for text in texts), f"no longer in {name}: {old!r}"
        assert old != new


def test_there_are_as_many_as_promised():
    assert len(MUTANTS) >= 16
    assert len({mutant.bug for mutant in MUTANTS}) == len(MUTANTS)
