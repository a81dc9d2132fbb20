"""The OpenAPI document: every route with real examples and every error answer it can give."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from app import errors, problems
from app.http import DOORS
from app.once import KeyReused, StillRunning

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


def config() -> OpenAPIConfig:
    """What Litestar needs to describe the routes; the finished document is served by `schema`."""
    return OpenAPIConfig(
        title="Xiaowei 小微",
        version="0.1.0",
        path="/schema/raw",
        render_plugins=[],
        description="One backend for a small firm's whole life at its bank: amounts are integer "
        "fen, dates are Asia/Shanghai business dates, errors are RFC 9457 problem documents.",
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
    schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    handlers = _handlers(app)
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            handler = handlers.get((path, method.upper()))
            if handler is not None:
                _complete(operation, path, handler, schema)
    return schema


def _handlers(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    found = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    found[route.path_format.rstrip("/") or "/", str(method)] = handler
    return found


def _complete(
    operation: dict[str, Any], path: str, handler: HTTPRouteHandler, schema: dict[str, Any]
) -> None:
    """Sign-in, headers, roles, examples and the errors that the machinery itself can answer."""
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
    if door == "person" and not public:
        operation.setdefault("parameters", []).append(BUSINESS_PARAMETER)
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
    _add_examples(operation, schema)


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


def _add_examples(operation: dict[str, Any], schema: dict[str, Any]) -> None:
    """An example of every body, composed from the examples of its fields."""
    bodies = [operation.get("requestBody", {}).get("content", {})]
    bodies += [a.get("content", {}) for s, a in operation["responses"].items() if s < "400"]
    for content in bodies:
        body = content.get(JSON)
        if body and "example" not in body and "examples" not in body:
            body["example"] = example(body["schema"], schema)


def example(shape: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    """A value that fits a schema: its own example, else one composed of its parts'."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return example(schema["components"]["schemas"][name], schema, depth)
    if shape.get("examples"):
        found = shape["examples"]
        return found[0] if isinstance(found, list) else next(iter(found.values()))["value"]
    for key in ("const", "default"):
        if shape.get(key) is not None:
            return shape[key]
    if shape.get("enum"):
        return shape["enum"][0]
    for union in ("oneOf", "anyOf", "allOf"):
        if options := [o for o in shape.get(union, ()) if o.get("type") != "null"]:
            return example(options[0], schema, depth)
    return _composed(shape, schema, depth)


SCALARS: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "number": 1,
    "null": None,
    "string": "示例",
}
FORMATS = {
    "uuid": "0199c0de-0000-7000-8000-000000000001",
    "date": "2025-09-01",
    "date-time": "2025-09-01T01:00:00Z",
    "uri": "urn:example",
    "binary": "",
}


def _composed(shape: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    kinds = shape.get("type", "object")
    kind = next((k for k in kinds if k != "null"), "null") if isinstance(kinds, list) else kinds
    if kind == "object":
        if depth > 6:
            return {}
        return {
            name: example(part, schema, depth + 1)
            for name, part in shape.get("properties", {}).items()
        }
    if kind == "array":
        return [example(shape["items"], schema, depth + 1)] if depth <= 6 else []
    if kind == "string" and shape.get("format") in FORMATS:
        return FORMATS[shape["format"]]
    return SCALARS[kind]


@lru_cache(maxsize=4)
def rendered(app: Litestar) -> bytes:
    """The document as bytes, made once per application."""
    return msgspec.json.encode(document(app), enc_hook=str)


@get("/schema/openapi.json", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def schema(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The finished OpenAPI document."""
    return Response(rendered(request.app), media_type=MediaType.JSON)


ROUTES = (schema,)
