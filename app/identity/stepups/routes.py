"""Confirmations by a second factor, and the keys of a person's devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import begin, problems
from app.identity.sessions.model import TooManyCodes, TooManyTries
from app.identity.stepups import operations
from app.identity.stepups.model import (
    Confirmation,
    DeviceKey,
    KeyKnown,
    KeyNotFound,
    KeyUnreadable,
    NewDeviceKey,
    StepUp,
    StepUpNeeded,
    StepUpNotFound,
    StepUpRefused,
)
from app.once import once
from app.work import Work


class DeviceKeys(msgspec.Struct, frozen=True):
    """The caller's device keys, newest first."""

    items: list[DeviceKey]


@get("/{step_up_id:uuid}", responses=problems(StepUpNotFound))
async def read_step_up(work: NamedDependency[Work], step_up_id: FromPath[UUID]) -> StepUp:
    """What is to be confirmed, in words, and how far it has come."""
    return await operations.get(work, step_up_id=step_up_id)


@post(
    "/{step_up_id:uuid}/confirm",
    status_code=200,
    responses=problems(StepUpNotFound, StepUpRefused, TooManyTries),
)
async def confirm(
    request: Request[Any, Any, Any], step_up_id: FromPath[UUID], data: JSONBody[Confirmation]
) -> StepUp:
    """Confirm by code or device key; five wrong tries lock the person for a quarter of an hour.

    The try is counted and committed before it is looked at, so that nothing takes it back."""
    async with begin(request) as work:
        await operations.take_try(work)
    async with begin(request) as work:
        return await operations.confirm(work, step_up_id=step_up_id, given=data)


step_ups = Router("/v1/step-ups", route_handlers=[read_step_up, confirm], tags=["step-up"])


@post("/step-ups", responses=problems(KeyUnreadable, TooManyCodes))
@once
async def ask_for_key(work: NamedDependency[Work], data: JSONBody[NewDeviceKey]) -> StepUp:
    """Ask for the confirmation that registering this device's key needs."""
    return await operations.ask_for_key(work, new=data)


@post("", responses=problems(KeyUnreadable, StepUpNeeded, KeyKnown))
@once
async def register_key(work: NamedDependency[Work], data: JSONBody[NewDeviceKey]) -> DeviceKey:
    """Register this device's key: from now on it confirms instead of a text message."""
    return await operations.register_key(work, new=data)


@get("")
async def list_keys(work: NamedDependency[Work]) -> DeviceKeys:
    """My device keys, revoked ones too."""
    return DeviceKeys(await operations.keys(work))


@delete("/{key_id:uuid}", responses=problems(KeyNotFound))
async def revoke_key(work: NamedDependency[Work], key_id: FromPath[UUID]) -> None:
    """Take a device's key out of force, for example of a lost phone."""
    await operations.revoke_key(work, key_id=key_id)


device_keys = Router(
    "/v1/auth/device-keys",
    route_handlers=[ask_for_key, register_key, list_keys, revoke_key],
    tags=["step-up"],
)
