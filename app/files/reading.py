"""The process that looks into strangers' papers: bytes in, a clean paper out, on a pipe.

Only `app/files/papers.py` starts it. It knows no address and no secret of ours; memory and time
are limited, and whoever breaks it has broken nothing else.
"""

from __future__ import annotations

import resource
import sys
from typing import Any, BinaryIO

import msgspec

from app.errors import XiaoweiError
from app.files.cleaning import clean
from app.files.model import FileUnreadable

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 15
LENGTH = 4


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """A clean paper, or the name and the facts of the refusal."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    # For this paper alone: the kernel ends a process that decodes for ever.
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS, resource.RLIM_INFINITY))
    try:
        paper = clean(question["kind"], question["content"])
    except XiaoweiError as refusal:
        return {"refused": type(refusal).__name__, "facts": refusal.facts}
    except MemoryError:
        return {"refused": FileUnreadable.__name__, "facts": {}}
    return {"content": paper.content, "media_type": paper.media_type}


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Answer until the pipe closes; an empty frame first says that everything is loaded."""
    _send(out, {})
    while header := source.read(LENGTH):
        frame = source.read(int.from_bytes(header, "big"))
        _send(out, answer(msgspec.msgpack.decode(frame, type=dict[str, Any])))


def _send(out: BinaryIO, said: dict[str, Any]) -> None:
    frame = msgspec.msgpack.encode(said)
    out.write(len(frame).to_bytes(LENGTH, "big") + frame)
    out.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer)
