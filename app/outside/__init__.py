"""The world outside the bank: one real HTTP client for each system, in one bundle."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import get_args

import httpx

from app.outside.account_filing import AccountFiling
from app.outside.bureau import Bureau
from app.outside.clearing_house import ClearingHouse
from app.outside.face import Face
from app.outside.model import SystemName
from app.outside.registry import Registry
from app.outside.signing import keys_folder, load_keys
from app.outside.sms import Sms
from app.outside.tax import Tax
from app.outside.wire import Wire
from app.settings import Settings

SYSTEMS: tuple[SystemName, ...] = get_args(SystemName)


class Outside:
    """The seven systems, each behind its own bounded pool: one that hangs holds up no other."""

    def __init__(
        self,
        *,
        base_url: str,
        keys_folder: Path,
        make_keys: bool = True,
        timeout_seconds: float = 5.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        keys = load_keys(keys_folder, "bank", make=make_keys)
        context: ssl.SSLContext | bool = True
        if base_url.startswith("https:"):
            context = ssl.create_default_context()
        elif transport is None:
            # Plain HTTP needs no certificates, and reading them takes 50 ms a client.
            context = False
        self._wires = {
            system: Wire(
                system=system,
                base_url=base_url,
                keys=keys,
                timeout_seconds=timeout_seconds,
                transport=transport,
                context=context,
            )
            for system in SYSTEMS
        }
        self.registry = Registry(self._wires["registry"])
        self.account_filing = AccountFiling(self._wires["account_filing"])
        self.tax = Tax(self._wires["tax"])
        self.clearing_house = ClearingHouse(self._wires["clearing_house"])
        self.bureau = Bureau(self._wires["bureau"])
        self.face = Face(self._wires["face"])
        self.sms = Sms(self._wires["sms"])

    async def close(self) -> None:
        """Close all pools."""
        for wire in self._wires.values():
            await wire.close()


def connect(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Outside:
    """The systems at the address of the settings; `transport` reaches one in the same process."""
    return Outside(
        base_url=settings.sandbox_url,
        keys_folder=keys_folder(settings),
        make_keys=settings.development,
        timeout_seconds=settings.outside_timeout_seconds,
        transport=transport,
    )
