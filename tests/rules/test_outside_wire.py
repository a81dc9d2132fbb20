"""What each failure of a call to the outside means: nothing sent, unknown, or refused."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from app.outside.model import OutcomeUnknown, OutsideDown, OutsideRefused
from app.outside.signing import load_keys
from app.outside.sms import NewText, Sms
from app.outside.wire import READ_TRIES, Wire

TEXT = NewText(reference="r-0000001", phone="13812345678", text="您的验证码")


class Line(httpx.AsyncBaseTransport):
    """A line that answers, or breaks, as told; it counts what was sent."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answer, self.sent = answer, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        return self.answer(request)


@pytest.fixture
def over(tmp_path):
    """The message gateway over a line."""

    def make(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[Sms, Wire, Line]:
        line = Line(answer)
        wire = Wire(
            system="sms",
            base_url="http://outside",
            keys=load_keys(tmp_path, "bank"),
            timeout_seconds=1.0,
            transport=line,
        )
        return Sms(wire), wire, line

    return make


def breaking(kind: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise kind("broken", request=request)

    return answer


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_without_a_connection_nothing_was_sent(over, kind):
    _, wire, line = over(breaking(kind))
    with pytest.raises(OutsideDown):
        await wire.post("/messages", TEXT, dict)
    assert line.sent == 1


@pytest.mark.parametrize(
    "kind", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.RemoteProtocolError]
)
async def test_a_line_that_breaks_after_sending_leaves_the_outcome_unknown(over, kind):
    _, wire, line = over(breaking(kind))
    with pytest.raises(OutcomeUnknown):
        await wire.post("/messages", TEXT, dict)
    assert line.sent == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_5xx_leaves_the_outcome_unknown_and_is_never_sent_again(over, status):
    _, wire, line = over(lambda _: httpx.Response(status))
    with pytest.raises(OutcomeUnknown):
        await wire.post("/messages", TEXT, dict)
    assert line.sent == 1


async def test_an_unreadable_yes_is_unknown_too(over):
    _, wire, _ = over(lambda _: httpx.Response(200, content=b"<html>"))
    with pytest.raises(OutcomeUnknown):
        await wire.post("/messages", TEXT, dict)


async def test_a_4xx_is_a_refusal_with_its_words(over):
    _, wire, _ = over(
        lambda _: httpx.Response(409, json={"code": "reference_used", "reason": "不同"})
    )
    with pytest.raises(OutsideRefused) as refusal:
        await wire.post("/messages", TEXT, dict)
    assert refusal.value.facts["code"] == "reference_used"
    assert refusal.value.reason == "不同"


async def test_reads_are_repeated_and_end_as_down(over):
    _, wire, line = over(lambda _: httpx.Response(503))
    with pytest.raises(OutsideDown):
        await wire.get("/messages/r-0000001", dict)
    assert line.sent == READ_TRIES


async def test_a_read_that_comes_through_at_the_second_try_is_an_answer(over):
    answers = iter([httpx.Response(502), httpx.Response(200, json={"a": 1})])
    _, wire, line = over(lambda _: next(answers))
    assert await wire.get("/messages/r-0000001", dict) == {"a": 1}
    assert line.sent == 2


async def test_only_the_system_itself_can_say_that_it_never_heard_of_it(over):
    _, wire, _ = over(lambda _: httpx.Response(404, json={"code": "no_such_reference"}))
    assert await wire.get("/messages/r-0000001", dict) is None
    _, wire, _ = over(lambda _: httpx.Response(404, content=b"nginx"))
    with pytest.raises(OutsideRefused):
        await wire.get("/messages/r-0000001", dict)
