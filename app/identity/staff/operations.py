"""Operations of the bank's staff: sign in, who am I, take someone on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app import clock
from app.errors import Overloaded
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import Tokens, TooManyTries
from app.identity.sessions.rules import STAFF_TRIES
from app.identity.staff import rules
from app.identity.staff.model import (
    NewStaff,
    StaffMe,
    StaffPlace,
    StaffProfile,
    StaffRow,
    StaffSignIn,
    WrongCredentials,
)
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)

HASHER = PasswordHasher()
# Hashing holds a core for a tenth of a second and 64 MB: two at a time, a few wait, others retry.
MOST_AT_ONCE = 2
MOST_WAITING = 32


class Crowded(Overloaded):
    """Too many people are signing in at this moment."""

    zh = "登录人数过多，请稍后重试"


class _Line:
    """Those who wait for their password to be compared."""

    def __init__(self) -> None:
        self.length = 0
        self.places = asyncio.Semaphore(MOST_AT_ONCE)


LINE = _Line()


@cache
def _nobody() -> str:
    """Compared when the name is unknown, so that the answer takes as long as for a known one."""
    return HASHER.hash("nobody has this password")


def _compare(password_hash: str | None, password: str) -> bool:
    try:
        return HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


async def _matches(password_hash: str | None, password: str) -> bool:
    if LINE.length >= MOST_WAITING:
        raise Crowded(retry_after=2)
    LINE.length += 1
    try:
        async with LINE.places:
            return await asyncio.to_thread(_compare, password_hash, password)
    finally:
        LINE.length -= 1


async def take_try(work: Work, *, username: str) -> StaffRow | None:
    """Count a try and find who it is for; committed before the password is looked at."""
    subject = work.vault.blind_index("staff", username)
    wait = await sessions.take_attempt(work, window=STAFF_TRIES, subject=subject)
    if wait is not None:
        raise TooManyTries(retry_after=wait)
    return await work.maybe(StaffRow, sql.staff_by_username, username=username)


async def check_password(row: StaffRow | None, password: str) -> StaffRow:
    """Outside any transaction: it takes a tenth of a second, for unknown names too."""
    if not await _matches(row.password_hash if row else None, password) or row is None:
        raise WrongCredentials()
    return row


async def sign_in(work: Work, *, row: StaffRow, given: StaffSignIn) -> Tokens:
    """Tokens for a one-time code that is right and has not been used."""
    secret = await work.vault.open(
        work, row.totp_sealed, scope=row.id, place="identity.staff.totp_sealed", row_id=row.id
    )
    step = rules.step_of(secret, given.otp, now=clock.now())
    if step is None:
        raise WrongCredentials()
    over = datetime.fromtimestamp((step + rules.DRIFT + 2) * rules.STEP_SECONDS, UTC)
    if not await sessions.first_use(
        work, kind="otp", subject_id=row.id, value=str(step), expires_at=over
    ):
        raise WrongCredentials()
    subject = work.vault.blind_index("staff", given.username)
    await sessions.forget_attempts(work, window=STAFF_TRIES, subject=subject)
    await sessions.act_as(work, door="staff", holder_id=row.id)
    return await sessions.start(work, door="staff", holder_id=row.id, device="desk")


async def place(work: Work, *, staff_id: UUID) -> StaffPlace | None:
    """Role and branch, or None for someone who is no longer in service."""
    return await work.maybe(StaffPlace, sql.staff_place, id=staff_id)


async def me(work: Work) -> StaffMe:
    """The staff member signed in."""
    row = await work.one(StaffProfile, sql.staff_profile, id=work.actor.staff_id)
    name = await work.vault.open(
        work, row.name_sealed, scope=row.id, place="identity.staff.name_sealed", row_id=row.id
    )
    return StaffMe(
        staff_id=row.id, username=row.username, name=name, role=row.role, branch=row.branch
    )


async def take_on(work: Work, *, new: NewStaff) -> bool:
    """Add a member of staff; False if the user name is taken."""
    staff_id = new_id()
    seal = {"scope": staff_id, "row_id": staff_id}
    added = await work.run(
        sql.add_staff,
        id=staff_id,
        username=new.username,
        role=new.role,
        branch=new.branch,
        name_sealed=await work.vault.seal(
            work, new.name, place="identity.staff.name_sealed", **seal
        ),
        totp_sealed=await work.vault.seal(
            work, new.totp_secret, place="identity.staff.totp_sealed", **seal
        ),
        password_hash=await asyncio.to_thread(HASHER.hash, new.password),
    )
    if added:
        await work.record("staff_taken_on", object_id=staff_id, role=new.role)
    return bool(added)
