"""The values that the store returns: resources, outcomes, diagnostics, versions and kinds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from ._generated import resource_pb2 as values
from ._generated import resource_service_pb2 as api

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Metadata:
    """The metadata of a resource. Members that the kind does not have are None."""

    #: The id, which the store assigns; it never changes.
    id: str
    #: The name, for kinds with names; it never changes.
    name: str | None
    #: The namespace, for kinds with namespaces.
    namespace: str | None
    #: The time of creation, in UTC.
    created_at: datetime
    #: The time of the last change, in UTC.
    modified_at: datetime | None
    #: Labels for selectors. None differs from an empty dict.
    labels: dict[str, str] | None
    #: Annotations for people and tools.
    annotations: dict[str, str] | None
    #: The number of stored changes, starting at 1. Pass it as ``expected_version`` to change only this version.
    resource_version: int
    #: Members that only this kind has, such as ``displayName``.
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Returns the metadata in the form of REST."""
        document: dict[str, Any] = {"id": self.id}
        members = (
            ("name", self.name),
            ("namespace", self.namespace),
            ("createdAt", _time_text(self.created_at)),
            ("modifiedAt", None if self.modified_at is None else _time_text(self.modified_at)),
            ("labels", self.labels),
            ("annotations", self.annotations),
            ("resourceVersion", self.resource_version),
        )
        document.update((name, value) for name, value in members if value is not None)
        document.update(self.extra)
        return document


@dataclass(frozen=True)
class Resource:
    """One resource."""

    #: The kind, such as ``Deployment``.
    kind: str
    #: The version of the kind's structure, such as ``v1``.
    api_version: str
    #: The id, names, times, labels and version.
    metadata: Metadata
    #: The state that the user wants; None if absent. Integers are exact.
    spec: dict[str, Any] | None
    #: The state that the system found; None if absent.
    status: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """Returns the resource as the JSON document of REST.

        It can be passed to ``upsert``: the server ignores its own members.
        """
        document: dict[str, Any] = {
            "kind": self.kind,
            "apiVersion": self.api_version,
            "metadata": self.metadata.to_dict(),
        }
        if self.spec is not None:
            document["spec"] = self.spec
        if self.status is not None:
            document["status"] = self.status
        return document

    def to_json(self, *, indent: int | None = None) -> str:
        """Returns `to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


@dataclass(frozen=True)
class Diagnostic:
    """A problem or a warning of a document, at one place."""

    #: The place, as a JSON pointer.
    pointer: str
    #: The place in readable form: ``spec.items[0]['a.b']``.
    attribute: str
    #: A stable code for programs, such as ``isUnknown``.
    reason: str
    #: The message for people.
    message: str


@dataclass(frozen=True)
class WriteOutcome:
    """The report of a write."""

    #: The stored resource; after ``delete`` its last state.
    resource: Resource
    #: Whether the resource is new.
    created: bool
    #: The warnings about the document.
    warnings: tuple[Diagnostic, ...]
    #: The revision of the commit; 0 if nothing was stored, as in a dry run or a write without changes.
    revision: int


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    #: The resources, in the order of their creation.
    resources: tuple[Resource, ...]
    #: The token of the next page; empty on the last page.
    next_page_token: str
    #: The revision of the store that all pages show.
    revision: int


@dataclass(frozen=True)
class Version:
    """A retained version of a resource."""

    #: Its number, the ``resource_version`` of the resource.
    version: int
    #: The revision that stored it; 0 for resources that always exist and were never written.
    revision: int
    #: The revision that superseded the version or deleted the resource; None for the current version.
    ended_revision: int | None
    #: Whether the version changed more than the status.
    authored: bool
    #: The resource in this version.
    resource: Resource


@dataclass(frozen=True)
class History:
    """The versions of a resource, the newest first."""

    versions: tuple[Version, ...]
    #: Whether the resource is deleted.
    deleted: bool
    #: The token of the next page; empty on the last page.
    next_page_token: str


@dataclass(frozen=True)
class Difference:
    """A difference between two versions."""

    #: The place in both versions, as a JSON pointer.
    path: str
    #: Whether the first version has a value there.
    has_old: bool
    #: The value in the first version.
    old: Any
    #: Whether the second version has a value there.
    has_new: bool
    #: The value in the second version.
    new: Any


@dataclass(frozen=True)
class Comparison:
    """The differences between two versions, except times and the version itself."""

    #: The number of the first version.
    from_version: int
    #: The number of the second version.
    to_version: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class OperationOutcome:
    """The report of one operation of a transaction."""

    #: The stored resource; after a delete its last state.
    resource: Resource
    #: Whether the resource is new.
    created: bool
    #: Whether the operation changed the resource.
    changed: bool
    #: Whether the operation deleted the resource.
    deleted: bool
    #: The warnings about the document.
    warnings: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class CommitOutcome:
    """The report of a transaction."""

    #: The outcomes, in the order of the operations.
    results: tuple[OperationOutcome, ...]
    #: The revision of all operations; 0 if nothing was stored.
    revision: int


@dataclass(frozen=True)
class Validation:
    """The result that a write would have."""

    #: Whether the write would succeed.
    valid: bool
    #: The problems of the document.
    problems: tuple[Diagnostic, ...]
    #: The warnings about the document.
    warnings: tuple[Diagnostic, ...]
    #: The resource that the write would store.
    resource: Resource | None


@dataclass(frozen=True)
class Kind:
    """A kind of resources and its verbs."""

    #: The name in documents, such as ``Deployment``.
    kind: str
    #: The version of the structure, such as ``v1``.
    api_version: str
    #: One sentence for people.
    description: str
    #: The path prefix in REST, such as ``/api/v1``.
    group: str
    #: The name of the collection in REST paths, such as ``deployments``.
    plural: str
    #: The name of one, in lower case.
    singular: str
    #: Short names.
    short_names: tuple[str, ...]
    #: Whether its resources have namespaces.
    namespaced: bool
    #: Whether only the system creates and changes its resources.
    system_managed: bool
    #: The way to address a resource: ``name`` (by name or id), ``id``, or ``singleton`` (one in each namespace).
    key_scheme: str
    #: The verbs of users: ``list``, ``get``, ``create``, ``upsert``, ``patch``, ``delete``.
    verbs: tuple[str, ...]


def resource(message: values.Resource) -> Resource:
    """Returns the resource of a message."""
    metadata = message.metadata
    return Resource(
        kind=message.kind,
        api_version=message.api_version,
        metadata=Metadata(
            id=metadata.id,
            name=metadata.name or None,
            namespace=metadata.namespace or None,
            created_at=_time(metadata.created_at),
            modified_at=_time(metadata.modified_at) if metadata.HasField("modified_at") else None,
            labels=_strings(metadata.labels) if metadata.HasField("labels") else None,
            annotations=_strings(metadata.annotations) if metadata.HasField("annotations") else None,
            resource_version=metadata.resource_version,
            extra=_object(metadata.extra) or {},
        ),
        spec=_object(message.spec),
        status=_object(message.status),
    )


def page(message: api.ListResponse) -> Page:
    """Returns the page of a message."""
    return Page(tuple(map(resource, message.resources)), message.next_page_token, message.revision)


def version(message: api.Version) -> Version:
    """Returns the version of a message."""
    return Version(
        version=message.version,
        revision=message.revision,
        ended_revision=message.ended_revision or None,
        authored=message.authored,
        resource=resource(message.resource),
    )


def history(message: api.ListVersionsResponse) -> History:
    """Returns the history of a message."""
    return History(tuple(map(version, message.versions)), message.deleted, message.next_page_token)


def comparison(message: api.DiffResponse) -> Comparison:
    """Returns the comparison of a message."""
    return Comparison(message.from_version, message.to_version, tuple(map(_difference, message.differences)))


def _difference(message: api.Difference) -> Difference:
    def value(text: bytes) -> Any:
        return json.loads(text) if text else None

    old, new = message.old_value, message.new_value
    return Difference(message.path, bool(old), value(old), bool(new), value(new))


def diagnostic(message: values.Diagnostic) -> Diagnostic:
    """Returns the diagnostic of a message."""
    return Diagnostic(message.pointer, message.attribute, message.reason, message.message)


def validation(message: api.ValidateResponse) -> Validation:
    """Returns the validation of a message."""
    return Validation(
        valid=message.valid,
        problems=tuple(map(diagnostic, message.problems)),
        warnings=tuple(map(diagnostic, message.warnings)),
        resource=resource(message.resource) if message.HasField("resource") else None,
    )


def kind(message: values.Kind) -> Kind:
    """Returns the kind of a message. Unknown enumeration values are returned as their numbers."""
    return Kind(
        kind=message.kind,
        api_version=message.api_version,
        description=message.description,
        group=message.group,
        plural=message.plural,
        singular=message.singular,
        short_names=tuple(message.short_names),
        namespaced=message.namespaced,
        system_managed=message.system_managed,
        key_scheme=_word(values.KeyScheme.DESCRIPTOR, message.key_scheme),
        verbs=tuple(_word(values.Verb.DESCRIPTOR, verb) for verb in message.verbs),
    )


def _word(enum: Any, number: int) -> str:
    found = enum.values_by_number.get(number)
    return str(number) if found is None else found.name.removeprefix("KEY_SCHEME_").removeprefix("VERB_").lower()


def _object(text: bytes) -> dict[str, Any] | None:
    if not text:
        return None
    value: dict[str, Any] = json.loads(text)
    return value


def _strings(message: values.StringMap) -> dict[str, str]:
    # Maps of protobuf have no order; REST returns them sorted.
    return dict(sorted(message.entries.items()))


def _time(message: Timestamp) -> datetime:
    return _EPOCH + timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)


def _time_text(time: datetime) -> str:
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
