"""How a name is matched against a list: by id, by the same or nearly the same letters, by sound."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pypinyin import lazy_pinyin

from accounts.screening.model import Candidate, Difference, Finding, Hit, How, Subject

# As `accounts.name_core` compares names in SQL; the names themselves stay as they are.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_SILENT = re.compile(r"[\s·•.()\[\]【】]")
_FORMS = re.compile(r"(有限责任公司|股份有限公司|有限公司|有限合伙|合伙企业|股份公司|公司)$")
MOST_DIFFERENT = 2
# One letter may differ in four: a name of two or three letters is near to nobody's.
LETTERS_A_DIFFERENCE = 4


def sound(name: str) -> str:
    """The name as it sounds, without tones or blanks; homophones come out equal."""
    return "".join(lazy_pinyin(name.replace("·", ""))).lower()


def core(name: str) -> str:
    """The name without width, brackets, blanks, case and legal form: what is compared."""
    plain = _SILENT.sub("", name.translate(_WIDE)).upper()
    return _FORMS.sub("", plain)


def differences(ours: str, theirs: str) -> list[Difference]:
    """The fewest letters by which two names differ (Levenshtein), each with its place in ours."""
    rows = [list(range(len(theirs) + 1))]
    for i, one in enumerate(ours, 1):
        before, row = rows[-1], [i]
        for j, other in enumerate(theirs, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (one != other)))
        rows.append(row)
    found: list[Difference] = []
    i, j = len(ours), len(theirs)
    while i or j:
        if i and j and rows[i][j] == rows[i - 1][j - 1] + (ours[i - 1] != theirs[j - 1]):
            i, j = i - 1, j - 1
            if ours[i] != theirs[j]:
                found.append(Difference(at=i + 1, ours=ours[i], theirs=theirs[j]))
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
            found.append(Difference(at=i + 1, ours=ours[i], theirs=""))
        else:
            j -= 1
            found.append(Difference(at=i + 1, ours="", theirs=theirs[j]))
    return found[::-1]


def near(ours: str, theirs: str) -> list[Difference] | None:
    """By which letters two names are near to each other; None where they are not."""
    one, other = core(ours), core(theirs)
    if abs(len(one) - len(other)) > MOST_DIFFERENT:
        return None
    letters = differences(one, other)
    enough = len(letters) * LETTERS_A_DIFFERENCE <= max(len(one), len(other))
    return letters if len(letters) <= MOST_DIFFERENT and enough else None


def _how(
    subject: Subject, entry: Candidate, *, nearly: bool
) -> tuple[How, list[Difference]] | None:
    """How an entry matches, the surest way first, and the letters that differ.

    Two ids that differ say that these are two people: then a name alone is no hit.
    """
    if subject.kind != entry.kind:
        return None
    if subject.id_index is not None and entry.id_index is not None:
        return ("id", []) if subject.id_index == entry.id_index else None
    if subject.name == entry.name:
        return "name", []
    if sound(subject.name) == entry.pinyin:
        return "pinyin", []
    letters = near(subject.name, entry.name) if nearly else None
    if letters is None:
        return None
    return ("near", letters) if letters else ("name", [])


def match(
    subjects: Sequence[Subject], entries: Sequence[Candidate], *, nearly: bool = False
) -> list[Hit]:
    """Every hit, each with its reason. Only an id is certain; a firm's exact name is, too."""
    hits = []
    for subject in subjects:
        for entry in entries:
            found = _how(subject, entry, nearly=nearly)
            if found is None:
                continue
            how, letters = found
            hits.append(
                Hit(
                    part=subject.part,
                    entry_id=entry.id,
                    list=entry.list,
                    how=how,
                    reason=entry.reason,
                    certain=how == "id" or (how == "name" and subject.kind == "firm"),
                    entry_version=entry.version,
                    distance=len(letters),
                    letters=letters,
                )
            )
    return hits


def finding(states: Sequence[str]) -> Finding:
    """What the hits of a payee come to: one that is meant, one that is not decided, or none."""
    if "true_hit" in states:
        return "listed"
    return "open" if "open" in states else "clear"
