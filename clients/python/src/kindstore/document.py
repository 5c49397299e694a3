"""Documents that go out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Union

from ._generated import resource_service_pb2 as api
from .resource import Resource

#: What can be given as a document: a mapping, a resource that was read, or the text of one in JSON or YAML.
DocumentLike = Union[Mapping[str, Any], Resource, str, bytes]

#: The form of a text. None lets the server see: JSON when it begins with a brace, else YAML.
Format = Literal["json", "yaml"]

_FORMATS = {
    None: api.DOCUMENT_FORMAT_UNSPECIFIED,
    "json": api.DOCUMENT_FORMAT_JSON,
    "yaml": api.DOCUMENT_FORMAT_YAML,
}


def to_message(document: DocumentLike, format: Format | None) -> api.Document:
    """The message for a document. Raises `TypeError` or `ValueError` for what is none in JSON."""
    if isinstance(document, str):
        return api.Document(text=document.encode(), format=_FORMATS[format])
    if isinstance(document, bytes):
        return api.Document(text=document, format=_FORMATS[format])
    if isinstance(document, Resource):
        document = document.to_dict()
    elif isinstance(document, Mapping):
        document = dict(document)
    else:
        raise TypeError(f"a document is a mapping, a Resource, or text, not {type(document).__name__}")
    # Integers keep all their digits. NaN and infinities are not JSON; to refuse them here says where they are from.
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, default=_mapping)
    return api.Document(text=text.encode(), format=api.DOCUMENT_FORMAT_JSON)


def _mapping(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")
