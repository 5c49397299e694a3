"""Calls as values: the request, the conversion of the response, and whether the call is a write.

Both clients use them, so that the calls are defined once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import resource
from ._generated import resource_service_pb2 as api
from .document import DocumentLike, Format, JsonPatchLike, patch_to_message, to_message
from .operation import Operation
from .options import FieldValidation, Options, WriteVerb
from .resource import (
    CommitOutcome,
    Comparison,
    History,
    Kind,
    OperationOutcome,
    Page,
    Resource,
    Validation,
    Version,
    WriteOutcome,
)

#: The result of a call.
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One call."""

    #: The name of the gRPC method.
    method: str
    #: The request.
    request: Any
    #: Converts the response to the result.
    read: Callable[[Any], Answer]
    #: Whether the call may change something, so that a broken connection leaves its outcome unknown.
    is_write: bool = False


def get(kind: str, key: str, namespace: str | None, reveal: bool, revision: int | None) -> Call[Resource]:
    request = api.GetRequest(kind=kind, namespace=namespace or "", key=key, reveal=reveal, revision=revision or 0)
    return Call("Get", request, lambda answer: resource.resource(answer.resource))


@dataclass(frozen=True)
class Selection:
    """The resources of a list: selectors and revision."""

    labels: str = ""
    fields: str = ""
    revision: int | None = None


def page(kind: str, namespace: str | None, size: int, token: str, selection: Selection) -> Call[Page]:
    request = api.ListRequest(
        kind=kind,
        namespace=namespace or "",
        page_size=size,
        page_token=token,
        label_selector=selection.labels,
        field_selector=selection.fields,
        revision=selection.revision or 0,
    )
    return Call("List", request, resource.page)


def stream(kind: str, namespace: str | None, selection: Selection) -> Call[Resource]:
    request = api.StreamListRequest(
        kind=kind,
        namespace=namespace or "",
        label_selector=selection.labels,
        field_selector=selection.fields,
        revision=selection.revision or 0,
    )
    return Call("StreamList", request, lambda answer: resource.resource(answer.resource))


def create(kind: str, document: DocumentLike, namespace: str | None, format: Format | None, options: Options) -> Call[WriteOutcome]:
    request = api.CreateRequest(
        kind=kind, namespace=namespace or "", document=to_message(document, format), options=options.message()
    )
    return Call("Create", request, _created, not options.dry_run)


def upsert(
    kind: str, key: str, document: DocumentLike, namespace: str | None, format: Format | None, options: Options
) -> Call[WriteOutcome]:
    request = api.UpsertRequest(
        kind=kind, namespace=namespace or "", key=key, document=to_message(document, format), options=options.message()
    )
    return Call("Upsert", request, _upserted, not options.dry_run)


def patch(
    kind: str, key: str, patch: DocumentLike, namespace: str | None, format: Format | None, options: Options
) -> Call[WriteOutcome]:
    return _patch(kind, key, to_message(patch, format), api.PATCH_TYPE_MERGE, namespace, options)


def json_patch(
    kind: str, key: str, patch: JsonPatchLike, namespace: str | None, format: Format | None, options: Options
) -> Call[WriteOutcome]:
    return _patch(kind, key, patch_to_message(patch, format), api.PATCH_TYPE_JSON, namespace, options)


def _patch(
    kind: str, key: str, patch: api.Document, patch_type: api.PatchType, namespace: str | None, options: Options
) -> Call[WriteOutcome]:
    request = api.PatchRequest(
        kind=kind, namespace=namespace or "", key=key, patch=patch, options=options.message(), patch_type=patch_type
    )
    return Call("Patch", request, _changed, not options.dry_run)


def delete(kind: str, key: str, namespace: str | None, options: Options) -> Call[WriteOutcome]:
    request = api.DeleteRequest(kind=kind, namespace=namespace or "", key=key, options=options.message())
    return Call("Delete", request, _deleted, not options.dry_run)


def history(
    kind: str, key: str, namespace: str | None, size: int, token: str, authored_only: bool
) -> Call[History]:
    request = api.ListVersionsRequest(
        kind=kind,
        namespace=namespace or "",
        key=key,
        page_size=size,
        page_token=token,
        authored_only=authored_only,
    )
    return Call("ListVersions", request, resource.history)


def version(kind: str, key: str, number: int, namespace: str | None) -> Call[Version]:
    request = api.GetVersionRequest(kind=kind, namespace=namespace or "", key=key, version=number)
    return Call("GetVersion", request, lambda answer: resource.version(answer.version))


def compare(
    kind: str, key: str, from_version: int, to_version: int | None, namespace: str | None
) -> Call[Comparison]:
    request = api.DiffRequest(
        kind=kind, namespace=namespace or "", key=key, from_version=from_version, to_version=to_version or 0
    )
    return Call("Diff", request, resource.comparison)


def rollback(kind: str, key: str, number: int, namespace: str | None, options: Options) -> Call[WriteOutcome]:
    request = api.RollbackRequest(
        kind=kind, namespace=namespace or "", key=key, version=number, options=options.message()
    )
    return Call("Rollback", request, _rolled_back, not options.dry_run)


def undelete(kind: str, key: str, namespace: str | None, options: Options) -> Call[WriteOutcome]:
    request = api.UndeleteRequest(kind=kind, namespace=namespace or "", key=key, options=options.message())
    return Call("Undelete", request, _undeleted, not options.dry_run)


def validate(
    verb: WriteVerb,
    kind: str,
    key: str,
    document: DocumentLike | JsonPatchLike | None,
    namespace: str | None,
    format: Format | None,
    options: Options,
) -> Call[Validation]:
    request = api.ValidateRequest(**_write(verb, kind, key, document, namespace, format, options))
    return Call("Validate", request, resource.validation)


def commit(namespace: str, operations: Sequence[Operation], dry_run: bool) -> Call[CommitOutcome]:
    def message(one: Operation) -> api.CommitOperation:
        if not isinstance(one, Operation):
            raise TypeError(f"an operation must be an Operation, is {type(one).__name__}")
        return api.CommitOperation(**_write(one.verb, one.kind, one.key, one.document, None, one.format, one.options))

    request = api.CommitRequest(namespace=namespace, operations=map(message, operations), dry_run=dry_run)
    return Call("Commit", request, _committed, not dry_run)


def _write(
    verb: WriteVerb,
    kind: str,
    key: str,
    document: DocumentLike | JsonPatchLike | None,
    namespace: str | None,
    format: Format | None,
    options: Options,
) -> dict[str, Any]:
    """Returns the request of a write, under the name of its member in a `oneof`."""
    given: Any = {} if document is None else document
    writes: dict[str, Callable[[], Call[WriteOutcome]]] = {
        "create": lambda: create(kind, given, namespace, format, options),
        "upsert": lambda: upsert(kind, key, given, namespace, format, options),
        "patch": lambda: patch(kind, key, given, namespace, format, options),
        "json_patch": lambda: json_patch(kind, key, [] if document is None else given, namespace, format, options),
        "delete": lambda: delete(kind, key, namespace, options),
    }
    if verb not in writes:
        raise ValueError(f"unknown verb {verb!r}; use one of {', '.join(writes)}")
    return {"patch" if verb == "json_patch" else verb: writes[verb]().request}


def kinds() -> Call[list[Kind]]:
    return Call("ListKinds", api.ListKindsRequest(), lambda answer: list(map(resource.kind, answer.kinds)))


def kind(name: str) -> Call[Kind]:
    return Call("GetKind", api.GetKindRequest(kind=name), lambda answer: resource.kind(answer.kind))


def _written(answer: Any, created: bool, warnings: Any) -> WriteOutcome:
    return WriteOutcome(
        resource=resource.resource(answer.resource),
        created=created,
        warnings=tuple(map(resource.diagnostic, warnings)),
        revision=answer.revision,
    )


def _created(answer: api.CreateResponse) -> WriteOutcome:
    return _written(answer, True, answer.warnings)


def _upserted(answer: api.UpsertResponse) -> WriteOutcome:
    return _written(answer, answer.created, answer.warnings)


def _changed(answer: api.PatchResponse) -> WriteOutcome:
    return _written(answer, False, answer.warnings)


def _deleted(answer: api.DeleteResponse) -> WriteOutcome:
    return _written(answer, False, ())


def _rolled_back(answer: api.RollbackResponse) -> WriteOutcome:
    return _written(answer, False, answer.warnings)


def _undeleted(answer: api.UndeleteResponse) -> WriteOutcome:
    return _written(answer, True, answer.warnings)


def _committed(answer: api.CommitResponse) -> CommitOutcome:
    return CommitOutcome(tuple(map(_result, answer.results)), answer.revision)


def _result(answer: api.CommitResult) -> OperationOutcome:
    return OperationOutcome(
        resource=resource.resource(answer.resource),
        created=answer.created,
        changed=answer.changed,
        deleted=answer.deleted,
        warnings=tuple(map(resource.diagnostic, answer.warnings)),
    )
