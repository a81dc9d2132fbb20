"""Who may become a member, what keeps a firm owned, and the steps of its life."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity import rules
from app.identity.model import (
    AlreadyMember,
    Business,
    BusinessStateRefuses,
    LastOwner,
    MemberChanged,
    MemberNotFound,
    MemberRow,
    TooManyMembers,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROLES = ("owner", "finance", "maker", "checker", "accountant", "employee")


def member(role="maker", *, person=None, state="active", version=1):
    return MemberRow(
        person_id=person or uuid4(),
        role=role,
        state=state,
        phone_sealed=b"x",
        since_at=NOW,
        version=version,
    )


def test_a_member_is_invited_once_and_a_removed_one_comes_back():
    present, gone = member(), member(state="removed")
    assert rules.invite([present, gone], uuid4()) is None
    assert rules.invite([present, gone], gone.person_id) is gone
    with pytest.raises(AlreadyMember):
        rules.invite([present, gone], present.person_id)


def test_a_firm_has_a_bounded_number_of_members():
    crowd = [member() for _ in range(rules.MOST_MEMBERS)]
    with pytest.raises(TooManyMembers):
        rules.invite(crowd, uuid4())
    assert rules.invite([*crowd[1:], member(state="removed")], uuid4()) is None


def test_the_last_owner_stays_an_owner():
    owner, second = member("owner"), member("finance")
    for role in ("maker", None):
        with pytest.raises(LastOwner):
            rules.change([owner, second], owner.person_id, role=role, version=1)
    assert rules.change([owner, second], owner.person_id, role="owner", version=1) is owner
    two = [owner, member("owner"), second]
    assert rules.change(two, owner.person_id, role=None, version=None) is owner
    removed_owner = member("owner", state="removed")
    with pytest.raises(LastOwner):
        rules.change([owner, removed_owner], owner.person_id, role=None, version=None)


def test_a_change_names_a_member_in_force_and_the_version_seen():
    one, gone = member(version=3), member(state="removed")
    with pytest.raises(MemberNotFound):
        rules.change([one, gone], gone.person_id, role="maker", version=1)
    with pytest.raises(MemberNotFound):
        rules.change([one], uuid4(), role="maker", version=1)
    with pytest.raises(MemberChanged) as refused:
        rules.change([one], one.person_id, role="owner", version=2)
    assert refused.value.facts == {"version": 3}


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*ROLES, None])), min_size=1, max_size=30)
)
def test_whatever_is_changed_a_firm_keeps_an_owner(steps):
    people = [UUID(int=n + 1) for n in range(5)]
    rows = {p: member("owner" if n == 0 else "maker", person=p) for n, p in enumerate(people)}
    for who, role in steps:
        try:
            row = rules.change(list(rows.values()), people[who], role=role, version=None)
        except (LastOwner, MemberNotFound):
            continue
        rows[row.person_id] = member(
            role or row.role, person=row.person_id, state="active" if role else "removed"
        )
    assert [r for r in rules.active(list(rows.values())) if r.role == "owner"]


@pytest.mark.parametrize("state", ["forming", "registered", "active", "closed"])
@pytest.mark.parametrize("to", ["forming", "registered", "active", "closed"])
def test_a_business_goes_only_forward(state, to):
    allowed = {
        ("forming", "registered"),
        ("registered", "active"),
        ("forming", "closed"),
        ("registered", "closed"),
        ("active", "closed"),
    }
    business = Business(
        business_id=uuid4(),
        name="上海示例科技有限公司",
        uscc=None,
        state=state,
        founded_at=NOW,
        version=1,
    )
    if (state, to) in allowed:
        rules.move(business, to)
    else:
        with pytest.raises(BusinessStateRefuses):
            rules.move(business, to)
