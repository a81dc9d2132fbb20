"""Field encryption: a data key per business or person, blind indexes for look-ups, masks."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import app.identity
from app.ids import new_id
from app.queries import load

if TYPE_CHECKING:
    from app.work import Work

sql = load(app.identity.__name__)

KEY_BYTES = 32
NONCE_BYTES = 12
# First byte of every sealed value, so that another layout can be told apart later.
LAYOUT = b"\x01"
KNOWN_KEYS = 10_000
# Values that belong to no business or person yet, such as a sign-in code on its way to a phone.
HOUSE = UUID(int=0)


class BrokenSeal(Exception):
    """A sealed value does not fit its place, row, owner or key: moved, altered or cut short."""


class DataKey(msgspec.Struct, frozen=True, kw_only=True):
    """A data key as stored. `settled` = old enough that its maker's transaction has ended."""

    key_id: UUID
    scope: UUID
    wrapped: bytes
    settled: bool


class _Known(NamedTuple):
    scope: UUID
    cipher: AESGCM


# --- pure -----------------------------------------------------------------------------------


def parse_masters(text: str) -> tuple[bytes, ...]:
    """Master keys from hexadecimal text, comma-separated: the first wraps, every one unwraps, and
    the last (the oldest) derives the blind indexes, so that a rotation keeps look-ups working."""
    keys = tuple(bytes.fromhex(part) for part in text.split(","))
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("a master key is 64 hexadecimal characters")
    return keys


def encrypt(cipher: AESGCM, key_id: UUID, content: bytes, bound_to: bytes) -> bytes:
    """layout | key id | nonce | AES-GCM ciphertext; `bound_to` must be given again to decrypt."""
    nonce = os.urandom(NONCE_BYTES)
    return LAYOUT + key_id.bytes + nonce + cipher.encrypt(nonce, content, bound_to)


def decrypt(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """The content, or BrokenSeal when key, place, row or a single bit is not the same."""
    try:
        return cipher.decrypt(sealed[17:29], sealed[29:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal from error


def key_of(sealed: bytes) -> UUID:
    """The id of the data key a value was sealed with."""
    if sealed[:1] != LAYOUT or len(sealed) < 17 + NONCE_BYTES + 16:
        raise BrokenSeal
    return UUID(bytes=sealed[1:17])


def binding(place: str, row_id: UUID) -> bytes:
    """Associated data `schema.table.column:row`, so that a value opens only where it was put."""
    return f"{place}:{row_id}".encode()


def derive(master: bytes, purpose: str) -> bytes:
    """A key for one purpose only, derived from a master key."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"xiaowei {purpose}".encode()).derive(master)


def mask_phone(phone: str) -> str:
    """138****1234 (JR/T 0171-2020)."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 11 else "*" * len(phone)


def mask_resident_id(number: str) -> str:
    """First three and last four; JR/T 0171-2020 shows at most the first six and last four."""
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) >= 15 else "****"


def mask_card(number: str) -> str:
    """First six and last four (JR/T 0171-2020)."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:] if len(number) >= 13 else "****"


def mask_name(name: str) -> str:
    """The first character and a star for each of the others, three at most: 王**."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3) if name else ""


# --- at the edge: the keys --------------------------------------------------------------------


class Vault:
    """Seals and opens field values; data keys come wrapped from the database, bounded in memory."""

    def __init__(self, masters: tuple[bytes, ...]) -> None:
        self._masters = [AESGCM(master) for master in masters]
        self._index_key = derive(masters[-1], "blind index")
        # Seeds of the keys that sign access tokens, newest first.
        self.token_seeds = tuple(derive(master, "access tokens") for master in masters)
        self._known: OrderedDict[UUID, _Known] = OrderedDict()
        self._current: OrderedDict[UUID, UUID] = OrderedDict()

    async def seal(self, work: Work, value: str, *, scope: UUID, place: str, row_id: UUID) -> bytes:
        """Encrypt a text under the key of its business or person, bound to column and row."""
        content = value.encode()
        return await self.seal_bytes(work, content, scope=scope, place=place, row_id=row_id)

    async def open(
        self, work: Work, sealed: bytes, *, scope: UUID, place: str, row_id: UUID
    ) -> str:
        """The text again; BrokenSeal unless owner, place and row are those it was sealed for."""
        content = await self.open_bytes(work, sealed, scope=scope, place=place, row_id=row_id)
        return content.decode()

    async def seal_bytes(
        self, work: Work, content: bytes, *, scope: UUID, place: str, row_id: UUID
    ) -> bytes:
        """As `seal`, for content that is not text."""
        key_id, cipher = await self._key_for(work, scope)
        return encrypt(cipher, key_id, content, binding(place, row_id))

    async def open_bytes(
        self, work: Work, sealed: bytes, *, scope: UUID, place: str, row_id: UUID
    ) -> bytes:
        """As `open`, for content that is not text."""
        key_id = key_of(sealed)
        known = self._known.get(key_id)
        if known is None:
            row = await work.maybe(DataKey, sql.data_key, key_id=key_id)
            if row is None:
                raise BrokenSeal  # never ours, or shredded
            known = self._remember(row)
        if known.scope != scope:
            raise BrokenSeal
        return decrypt(known.cipher, sealed, binding(place, row_id))

    def knows(self, scope: UUID) -> bool:
        """Whether `seal_known` can seal for this business or person."""
        return self._current.get(scope) in self._known

    def seal_known(self, value: str, *, scope: UUID, place: str, row_id: UUID) -> bytes | None:
        """As `seal`, without a transaction; None while the scope's key is not known."""
        key_id = self._current.get(scope)
        known = None if key_id is None else self._known.get(key_id)
        if key_id is None or known is None:
            return None
        self._known.move_to_end(key_id)
        return encrypt(known.cipher, key_id, value.encode(), binding(place, row_id))

    async def learn(self, work: Work, *, scope: UUID) -> None:
        """Know the scope's key, if it has one. Only for a transaction that makes none itself:
        what it sees is committed, however young."""
        row = await work.maybe(DataKey, sql.current_data_key, scope=scope)
        if row is not None:
            self._remember(row)
            self._use(row)

    def _use(self, row: DataKey) -> None:
        self._current[row.scope] = row.key_id
        while len(self._current) > KNOWN_KEYS:
            self._current.popitem(last=False)

    def blind_index(self, kind: str, value: str) -> bytes:
        """HMAC-SHA-256 of a value, for equality look-ups without the value; `kind` separates
        the indexes, so that equal values of two kinds do not show."""
        return hmac.digest(self._index_key, f"{kind}:{value}".encode(), hashlib.sha256)

    async def _key_for(self, work: Work, scope: UUID) -> tuple[UUID, AESGCM]:
        key_id = self._current.get(scope)
        if key_id is not None and key_id in self._known:
            self._known.move_to_end(key_id)
            return key_id, self._known[key_id].cipher
        row = await work.maybe(DataKey, sql.current_data_key, scope=scope)
        if row is None:
            await self._make(work, scope)
            row = await work.one(DataKey, sql.current_data_key, scope=scope)
        known = self._remember(row)
        # A young key may be this very transaction's own: were it used elsewhere and then rolled
        # back, values would be left under a key that never was.
        if row.settled:
            self._use(row)
        return row.key_id, known.cipher

    async def _make(self, work: Work, scope: UUID) -> None:
        key_id, key = new_id(), os.urandom(KEY_BYTES)
        wrapped = encrypt(self._masters[0], key_id, key, binding("identity.data_keys", scope))
        await work.run(sql.add_data_key, key_id=key_id, scope=scope, wrapped=wrapped)

    def _remember(self, row: DataKey) -> _Known:
        known = _Known(row.scope, AESGCM(self._unwrap(row)))
        self._known[row.key_id] = known
        self._known.move_to_end(row.key_id)
        while len(self._known) > KNOWN_KEYS:
            self._known.popitem(last=False)
        return known

    def _unwrap(self, row: DataKey) -> bytes:
        for master in self._masters:
            try:
                return decrypt(master, row.wrapped, binding("identity.data_keys", row.scope))
            except BrokenSeal:
                continue
        raise BrokenSeal
