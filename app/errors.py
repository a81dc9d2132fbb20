"""Kinds of anticipated errors, free of HTTP; a subject's own errors subclass one of these."""

from __future__ import annotations

from typing import ClassVar

# RFC 9457 member names: a fact of the same name would overwrite the problem document's own.
RESERVED_FACTS = frozenset({"type", "title", "status", "detail", "instance"})


class XiaoweiError(Exception):
    """Something the caller can understand and act upon.

    The docstring's first line is the English title, `zh` the Chinese one; facts become members
    of the problem document. A fact `next_step` tells the caller what to do.
    """

    zh: ClassVar[str] = "请求无法处理"
    code: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        clash = RESERVED_FACTS & facts.keys()
        assert not clash, f"reserved by RFC 9457: {clash}"
        self.facts = facts
        super().__init__(f"{type(self).__name__}({', '.join(sorted(facts))})")

    @classmethod
    def title(cls) -> str:
        """The English title: the first line of the docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")


class Malformed(XiaoweiError):
    """The request cannot be read."""

    zh = "请求格式有误"


class NotSignedIn(XiaoweiError):
    """No valid sign-in."""

    zh = "未登录或登录已失效"


class Forbidden(XiaoweiError):
    """This role may not do that."""

    zh = "当前角色无权进行该操作"


class NotFound(XiaoweiError):
    """There is no such thing."""

    zh = "对象不存在"


class Conflict(XiaoweiError):
    """The present state does not allow it."""

    zh = "当前状态不允许该操作"


class Refusal(XiaoweiError):
    """A business rule refuses it."""

    zh = "业务规则不允许"


class TooMany(XiaoweiError):
    """Too many attempts; wait."""

    zh = "操作过于频繁，请稍后再试"


class Overloaded(XiaoweiError):
    """Busy, or the outcome is not known yet; repeat with the same key."""

    zh = "系统繁忙或结果未知，请使用同一幂等键重试"


class TooLarge(XiaoweiError):
    """The body is too large."""

    zh = "请求内容过大"


class WrongMediaType(XiaoweiError):
    """The body must be application/json."""

    zh = "请求必须为 application/json"
