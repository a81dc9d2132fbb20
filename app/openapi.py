"""The OpenAPI document: every route with real examples and every error answer it can give."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
import msgspec.inspect
from litestar import Litestar, MediaType, Request, Response, get
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from app import errors, problems
from app.examples import Examples
from app.http import DOORS, parameters
from app.identity.clients.model import QuotaExceeded, SignatureRefused
from app.once import KeyReused, StillRunning
from app.progress.watch import StreamsFull, TooManyStreams

JSON = "application/json"
PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "A problem document (RFC 9457); further members are the facts of the case.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": ["string", "null"]},
    },
}
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A repeat under the same key gets the first answer and has no second effect.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 80, "pattern": "^[!-~]+$"},
    "example": "0199c0de-pay-supplier-0001",
}
BUSINESS_PARAMETER = {
    "name": "X-Business-Id",
    "in": "header",
    "required": False,
    "description": "Which business is meant; may be left out by members of exactly one.",
    "schema": {"type": "string", "format": "uuid"},
}

STREAM = "text/event-stream"
LAST_SEEN_PARAMETER = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The `id` of the last event seen: the stream goes on after it.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
    "example": "3",
}


def config() -> OpenAPIConfig:
    """What Litestar needs to describe the routes; the finished document is served by `schema`."""
    return OpenAPIConfig(
        title="Xiaowei 小微",
        version="0.1.0",
        path="/schema/raw",
        render_plugins=[],
        description="One backend for a small firm's whole life at its bank: amounts are integer "
        "fen, dates are Asia/Shanghai business dates (1900 to 2200), errors are RFC 9457 problem "
        "documents.",
        components=Components(
            security_schemes={
                "person": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "staff": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "client": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
            }
        ),
    )


def document(app: Litestar) -> dict[str, Any]:
    """The finished document of an application."""
    schema = app.openapi_schema.to_schema()
    handlers = _handlers(app)
    _describe_exactly(schema, handlers)
    schema["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    pool = Examples(schema)
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            handler = handlers.get((path, method.upper()))
            if handler is not None:
                _complete(operation, path, handler)
                _add_examples(operation, pool)
    return schema


def _describe_exactly(
    schema: dict[str, Any], handlers: dict[tuple[str, str], HTTPRouteHandler]
) -> None:
    """Bodies, answers and parameters as msgspec itself describes what it decodes and encodes;
    Litestar forgets bounds inside of what may be null."""
    spots: list[tuple[dict[str, Any], Any]] = []
    for (path, method), handler in handlers.items():
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            # A part of a file is a body without a shape: its handler describes it.
            field = handler.parsed_data_field
            if field is not None and media_type != RequestEncodingType.MULTI_PART:
                spots.append((content, field.raw))
        for status, answer in operation["responses"].items():
            if status < "400" and JSON in answer.get("content", {}):
                spots.append((answer["content"][JSON], handler.parsed_return_field.raw))
        spots += _parameters(operation, handler)
    annotations = [annotation for _, annotation in spots]
    shapes, components = msgspec.json.schema_components(
        annotations, schema_hook=_anything, ref_template="#/components/schemas/{name}"
    )
    for (spot, annotation), shape in zip(spots, shapes, strict=True):
        if "in" in spot:
            shape = _present(spot["schema"], shape)
            if _is_moment(msgspec.inspect.type_info(annotation)):
                shape["format"] = "date-time"
        spot["schema"] = shape
    _say_moments(components, annotations)
    schema["components"]["schemas"] = components


def _parameters(
    operation: dict[str, Any], handler: HTTPRouteHandler
) -> Iterator[tuple[dict[str, Any], Any]]:
    """The parameters of path and query with the annotations that decode them."""
    shapes = parameters(handler)
    for parameter in operation.get("parameters", ()):
        if parameter["in"] in ("path", "query") and parameter["name"] in shapes:
            yield parameter, shapes[parameter["name"]]


def _present(known: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is there: it cannot be null, and keeps what the route says of it."""
    options = [option for option in shape.get("anyOf", ()) if option.get("type") != "null"]
    found = options[0] if len(options) == 1 else shape
    if "enum" in found:
        found = found | {"enum": [value for value in found["enum"] if value is not None]}
    kept = ("minimum", "maximum", "description", "default")
    more = {name: known[name] for name in kept if known.get(name) is not None}
    return more | {name: value for name, value in found.items() if value is not None}


def _say_moments(components: dict[str, Any], annotations: list[Any]) -> None:
    """msgspec leaves `date-time` unsaid where a moment without an offset would be taken too;
    the reader of bodies refuses those."""
    waiting, seen = list(msgspec.inspect.multi_type_info(annotations)), set()
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, msgspec.inspect.StructType) and kind.cls not in seen:
            seen.add(kind.cls)
            named = getattr(kind.cls, "__qualname__", str(kind.cls))
            shape = components.get(f"{kind.cls.__module__}.{named}") or components.get(named)
            for field in kind.fields:
                waiting.append(field.type)
                if shape is not None and _is_moment(field.type):
                    _set_format(shape["properties"][field.encode_name])
        waiting += getattr(kind, "types", ())
        waiting += [
            inner
            for name in ("item_type", "key_type", "value_type", "type")
            if isinstance(inner := getattr(kind, name, None), msgspec.inspect.Type)
        ]


def _is_moment(kind: msgspec.inspect.Type) -> bool:
    kinds = getattr(kind, "types", (kind,))
    return any(isinstance(one, msgspec.inspect.DateTimeType) for one in kinds)


def _set_format(shape: dict[str, Any]) -> None:
    for option in (shape, *shape.get("anyOf", ())):
        if option.get("type") == "string":
            option["format"] = "date-time"


def _anything(_: type[Any]) -> dict[str, Any]:
    """A type that JSON Schema has no word for: facts whose shape is another document's."""
    return {"description": "Any JSON value."}


def _handlers(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    found = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    found[route.path_format.rstrip("/") or "/", str(method)] = handler
    return found


def _complete(operation: dict[str, Any], path: str, handler: HTTPRouteHandler) -> None:
    """Sign-in, headers, roles and the errors that the machinery itself can answer."""
    public = bool(handler.opt.get("public"))
    door = next((kind for prefix, kind, _ in DOORS if path.startswith(prefix)), None)
    has_body = "requestBody" in operation
    keyed = bool(handler.opt.get("keyed")) or getattr(handler.fn, "idempotent", False)
    expected: list[type[errors.XiaoweiError]] = [errors.Malformed, errors.Overloaded]
    if door and not public:
        operation["security"] = [{door: []}]
        expected += [errors.NotSignedIn, errors.Forbidden, errors.NotFound]
    else:
        operation["security"] = []
    if "{" in path:
        expected.append(errors.NotFound)
    if keyed:
        expected += [StillRunning, KeyReused]
        operation.setdefault("parameters", []).append(KEY_PARAMETER)
    if door == "client" and not public:
        expected += [SignatureRefused, QuotaExceeded]
        operation["description"] = (
            f"{operation.get('description') or ''}\n\nSigned as docs/portal.md says.".strip()
        )
    if door == "person" and not public:
        operation.setdefault("parameters", []).append(BUSINESS_PARAMETER)
    if also := handler.opt.get("also"):
        content = operation["responses"][str(handler.status_code)]["content"]
        content[also] = {"schema": {"type": "string"}}
    if STREAM in (handler.media_type, also):
        expected += [TooManyStreams, StreamsFull]
        operation.setdefault("parameters", []).append(LAST_SEEN_PARAMETER)
    if has_body:
        expected += [errors.TooLarge, errors.WrongMediaType, errors.Refusal, errors.Conflict]
    if public:
        expected.append(errors.TooMany)
    roles = [role for guard in handler.guards or () for role in getattr(guard, "roles", ())]
    if roles:
        operation["description"] = (
            f"{operation.get('description') or ''}\n\nRoles: {', '.join(roles)}.".strip()
        )
    _add_errors(operation, expected)


def _add_errors(operation: dict[str, Any], expected: list[type[errors.XiaoweiError]]) -> None:
    responses = operation["responses"]
    for status, answer in responses.items():
        if status >= "400" and problems.MEDIA_TYPE not in answer.get("content", {}):
            # Litestar describes its own validation errors; ours replace them.
            answer["content"] = {problems.MEDIA_TYPE: {"schema": PROBLEM_REF}}
            answer["description"] = _kind(int(status)).title()
    for kind in expected:
        status = str(problems.status_of(kind))
        answer = responses.setdefault(
            status, {"description": kind.title(), "content": {}, "headers": {}}
        )
        content = answer["content"].setdefault(problems.MEDIA_TYPE, {"schema": PROBLEM_REF})
        content["schema"] = PROBLEM_REF
        content.setdefault("examples", {})[kind.__name__] = {
            "summary": kind.title(),
            "value": {
                "type": problems.type_of(kind),
                "title": kind.zh,
                "status": int(status),
            },
        }
    for status, answer in responses.items():
        if status >= "400":
            answer["content"] = {problems.MEDIA_TYPE: answer["content"][problems.MEDIA_TYPE]}
            answer["content"][problems.MEDIA_TYPE]["schema"] = PROBLEM_REF
            for named in answer["content"][problems.MEDIA_TYPE].get("examples", {}).values():
                named.pop("id", None)


def _kind(status: int) -> type[errors.XiaoweiError]:
    return problems.KIND_OF_STATUS.get(status, errors.Malformed)


def _add_examples(operation: dict[str, Any], pool: Examples) -> None:
    """An example of every body, composed from the examples of its fields."""
    bodies = [operation.get("requestBody", {}).get("content", {})]
    bodies += [a.get("content", {}) for s, a in operation["responses"].items() if s < "400"]
    for content in bodies:
        body = content.get(JSON)
        if body and "example" not in body and "examples" not in body:
            body["example"] = pool.of(body["schema"])


@lru_cache(maxsize=4)
def rendered(app: Litestar) -> bytes:
    """The document as bytes, made once per application."""
    return msgspec.json.encode(document(app), enc_hook=str)


@get("/schema/openapi.json", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def schema(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The finished OpenAPI document."""
    return Response(rendered(request.app), media_type=MediaType.JSON)


ROUTES = (schema,)
