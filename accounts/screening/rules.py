"""How a name is matched against a list: by id, by the same characters, by the same sound."""

from __future__ import annotations

from collections.abc import Sequence

from pypinyin import lazy_pinyin

from accounts.screening.model import Candidate, Hit, How, Subject


def sound(name: str) -> str:
    """The name as it sounds, without tones or blanks; homophones come out equal."""
    return "".join(lazy_pinyin(name.replace("·", ""))).lower()


def _how(subject: Subject, entry: Candidate) -> How | None:
    """How an entry matches, the surest way first.

    Two ids that differ say that these are two people: then a name alone is no hit.
    """
    if subject.kind != entry.kind:
        return None
    if subject.id_index is not None and entry.id_index is not None:
        return "id" if subject.id_index == entry.id_index else None
    if subject.name == entry.name:
        return "name"
    return "pinyin" if sound(subject.name) == entry.pinyin else None


def match(subjects: Sequence[Subject], entries: Sequence[Candidate]) -> list[Hit]:
    """Every hit, each with its reason. Only an id is certain; a firm's exact name is, too."""
    hits = []
    for subject in subjects:
        for entry in entries:
            how = _how(subject, entry)
            if how is not None:
                certain = how == "id" or (how == "name" and subject.kind == "firm")
                hits.append(
                    Hit(
                        part=subject.part, entry_id=entry.id, list=entry.list, how=how,
                        reason=entry.reason, certain=certain,
                    )
                )  # fmt: skip
    return hits
