"""The bank's own people and one portal for a development database, with their secrets printed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app import database
from app.actor import SYSTEM, StaffRole
from app.identity import operations
from app.identity.clients import operations as clients
from app.identity.clients.model import Quota
from app.identity.staff import operations as staff
from app.identity.staff.model import NewStaff
from app.settings import Settings
from app.vault import Vault, derive, parse_masters
from app.work import begin

PEOPLE: tuple[tuple[str, str, StaffRole], ...] = (
    ("reviewer.li", "李审核", "reviewer"),
    ("reviewer.zhou", "周复核", "reviewer"),
    ("teller.chen", "陈柜员", "teller"),
    ("operator.wu", "吴运营", "operator"),
    ("supervisor.wang", "王主管", "supervisor"),
)
BRANCH = "0001"
PORTAL = UUID("00000000-0000-7000-8000-0000000000a1")
PORTAL_NAME = "企业开办一网通办（演示）"
# A sandbox client is for trying things, at any speed.
PORTAL_QUOTA = Quota(per_minute=60_000, per_day=10_000_000)
PORTAL_SCOPES = ("applications", "applications.read", "batches", "callbacks", "slots")
BANK_NAME, BANK_USCC = "中国工商银行股份有限公司", "91100000100003962T"


def secret(master: bytes, purpose: str, length: int) -> bytes:
    """A secret of the demo, the same at every start on this installation."""
    return hmac.digest(derive(master, "demo sign-in"), purpose.encode(), hashlib.sha256)[:length]


def staff_secrets(master: bytes) -> list[NewStaff]:
    """Password and one-time secret of each of the bank's people."""
    return [
        NewStaff(
            username=username,
            name=name,
            role=role,
            branch=BRANCH,
            password=secret(master, f"password {username}", 8).hex(),
            totp_secret=base64.b32encode(secret(master, f"totp {username}", 20)).decode(),
        )
        for username, name, role in PEOPLE
    ]


def portal_keys(master: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """The portal's private and public key as JSON Web Keys."""
    key = Ed25519PrivateKey.from_private_bytes(secret(master, "portal", 32))
    private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shown = {"kty": "OKP", "crv": "Ed25519", "kid": "portal-1", "x": _base64url(public)}
    return shown | {"d": _base64url(private)}, shown


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def seed_demo(settings: Settings) -> dict[str, Any]:
    """Make the bank, its people and a portal; safe to repeat. The secrets, which are written to
    `var/demo-sign-in.json`, follow from the development key: a new database has the same."""
    assert settings.development
    masters = parse_masters(settings.master_key)
    vault, master = Vault(masters), masters[-1]
    private, public = portal_keys(master)
    async with AsyncExitStack() as stack:
        pools = {}
        for role in ("app", "desk"):
            pool = await database.create_pool(settings, role, size=1)
            pools[role] = pool
            stack.push_async_callback(pool.close)
        hands: dict[str, Any] = {"settings": settings, "vault": vault, "ring": _silent}
        async with begin(pools["app"], SYSTEM, **hands) as work:
            await operations.found_bank(work, name=BANK_NAME, uscc=BANK_USCC)
        async with begin(pools["desk"], SYSTEM, **hands) as work:
            for new in staff_secrets(master):
                await staff.take_on(work, new=new)
            added = await clients.register(
                work,
                client_id=PORTAL,
                name=PORTAL_NAME,
                jwks={"keys": [public]},
                scopes=PORTAL_SCOPES,
            )
            await clients.set_scopes(work, client_id=PORTAL, scopes=PORTAL_SCOPES)
            if added:
                await clients.set_quota(work, client_id=PORTAL, quota=PORTAL_QUOTA)
    sign_ins = {
        "staff": [msgspec.structs.asdict(new) for new in staff_secrets(master)],
        "portal": {
            "client_id": str(PORTAL),
            "private_jwk": private,
            "token_url": f"{settings.public_url}/oauth2/token",
        },
    }
    _write(settings, sign_ins)
    return sign_ins


def _silent() -> None:
    """Nobody has to be woken by this."""


def _write(settings: Settings, sign_ins: dict[str, Any]) -> None:
    path = settings.var_path / "demo-sign-in.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(sign_ins), indent=1))
    draft.replace(path)
