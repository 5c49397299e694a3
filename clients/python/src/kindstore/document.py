"""Documents of requests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

from ._generated import resource_service_pb2 as api
from .resource import Resource

#: A document: a mapping, a resource, or text in JSON or YAML.
DocumentLike = Union[Mapping[str, Any], Resource, str, bytes]

#: A JSON Patch: its operations, or text in JSON or YAML.
JsonPatchLike = Union[Sequence[Mapping[str, Any]], str, bytes]

#: The format of a text. With None the server detects it: JSON if it starts with a brace, else YAML.
Format = Literal["json", "yaml"]

_FORMATS = {
    None: api.DOCUMENT_FORMAT_UNSPECIFIED,
    "json": api.DOCUMENT_FORMAT_JSON,
    "yaml": api.DOCUMENT_FORMAT_YAML,
}


def to_message(document: DocumentLike, format: Format | None) -> api.Document:
    """Returns the message of a document. Raises `TypeError` or `ValueError` if it has no JSON form."""
    if isinstance(document, str):
        return api.Document(text=document.encode(), format=_FORMATS[format])
    if isinstance(document, bytes):
        return api.Document(text=document, format=_FORMATS[format])
    if isinstance(document, Resource):
        return _json(document.to_dict())
    if isinstance(document, Mapping):
        return _json(dict(document))
    raise TypeError(f"a document must be a mapping, a Resource or text, is {type(document).__name__}")


def patch_to_message(patch: JsonPatchLike, format: Format | None) -> api.Document:
    """Returns the message of a JSON Patch. Raises the errors of `to_message`."""
    if isinstance(patch, (str, bytes)):
        return to_message(patch, format)
    if isinstance(patch, Sequence):
        return _json(list(patch))
    raise TypeError(f"a JSON Patch must be a sequence of operations or text, is {type(patch).__name__}")


def _json(value: object) -> api.Document:
    # NaN and infinities are not JSON; rejecting them here shows the caller where they come from.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_mapping)
    return api.Document(text=text.encode(), format=api.DOCUMENT_FORMAT_JSON)


def _mapping(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
