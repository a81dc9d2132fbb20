"""What a beneficiary may say about an agreement, by what it was last told of it."""

from accounts.guarantees.model import (
    GuaranteeNotOpen,
    NoSuchMilestone,
    Shown,
    State,
    Word,
)

# In which states a word makes sense; the payer's firm, which holds the agreement, decides again.
SAYABLE: dict[Word, frozenset[State]] = {
    "accept": frozenset({"proposed"}),
    "decline": frozenset({"proposed"}),
    "deliver": frozenset({"active"}),
    "object": frozenset({"active"}),
    "renounce": frozenset({"active", "disputed"}),
}


def may_say(word: Word, shown: Shown, *, milestone_no: int | None) -> None:
    """Raise GuaranteeNotOpen or NoSuchMilestone where the word cannot be meant."""
    if shown.state not in SAYABLE[word]:
        raise GuaranteeNotOpen(guarantee_id=shown.id, state=shown.state)
    if word == "accept" and shown.mode == "guaranteed" and shown.secured_fen < shown.amount_fen:
        # A guarantee is one because the money is there.
        raise GuaranteeNotOpen(guarantee_id=shown.id, secured_fen=shown.secured_fen)
    if milestone_no is not None and all(part.no != milestone_no for part in shown.milestones):
        raise NoSuchMilestone(milestone_no=milestone_no)
