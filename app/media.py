"""The forms in which an answer may come, for the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema

CSV = "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"
PDF = "application/pdf"
ZIP = "application/zip"


def also_as(*media_types: str) -> type[Operation]:
    """An operation whose good answer may be a file of any of these types, too."""

    @dataclass
    class WithFiles(Operation):
        def __post_init__(self) -> None:
            assert self.responses is not None
            answer = self.responses["200"]
            assert isinstance(answer, OpenAPIResponse) and answer.content is not None
            for name in media_types:
                answer.content[name] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))

    return WithFiles
