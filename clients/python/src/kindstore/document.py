"""Documents that go out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

from ._generated import resource_service_pb2 as api
from .resource import Resource

#: What can be given as a document: a mapping, a resource that was read, or the text of one in JSON or YAML.
DocumentLike = Union[Mapping[str, Any], Resource, str, bytes]

#: What can be given as a JSON Patch: its operations, or the text of it in JSON or YAML.
JsonPatchLike = Union[Sequence[Mapping[str, Any]], str, bytes]

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
        return _json(document.to_dict())
    if isinstance(document, Mapping):
        return _json(dict(document))
    raise TypeError(f"a document is a mapping, a Resource, or text, not {type(document).__name__}")


def patch_to_message(patch: JsonPatchLike, format: Format | None) -> api.Document:
    """The message for a JSON Patch. Raises as `to_message` does."""
    if isinstance(patch, (str, bytes)):
        return to_message(patch, format)
    if isinstance(patch, Sequence):
        return _json(list(patch))
    raise TypeError(f"a JSON Patch is a sequence of operations, or text, not {type(patch).__name__}")


def _json(value: object) -> api.Document:
    # Integers keep all their digits. NaN and infinities are not JSON; to refuse them here says where they are from.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_mapping)
    return api.Document(text=text.encode(), format=api.DOCUMENT_FORMAT_JSON)


def _mapping(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")
