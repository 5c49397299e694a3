"""The values that come in: resources, what was written, what was remarked, and kinds."""

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
    """What every resource says about itself. What a kind does not have is None."""

    #: The id, given by the store and never changed.
    id: str
    #: The name, for kinds that have one; never changed.
    name: str | None
    #: The namespace, for kinds that live in one.
    namespace: str | None
    #: When the resource was created, in UTC.
    created_at: datetime
    #: When it was last changed, in UTC.
    modified_at: datetime | None
    #: Labels, by which users select. None is another answer than none of them.
    labels: dict[str, str] | None
    #: Annotations, which only people and tools read.
    annotations: dict[str, str] | None
    #: 1 on create, one more with each stored change. Give it as ``expected_version`` to change just this version.
    resource_version: int
    #: What only this kind has, such as ``displayName``.
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The metadata as REST answers it."""
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
    #: What every resource says about itself.
    metadata: Metadata
    #: What the user wants. None when the resource has none. Integers are exact however large they are.
    spec: dict[str, Any] | None
    #: What the system found. None when the resource has none.
    status: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """The whole resource as the document that REST answers in JSON.

        It can be given to ``upsert`` again: the server ignores the members that belong to it.
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
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


@dataclass(frozen=True)
class Diagnostic:
    """A problem or a remark about a document, at one place of it."""

    #: Where, as a JSON pointer.
    pointer: str
    #: Where, as people write it: ``spec.items[0]['a.b']``.
    attribute: str
    #: Why, as a stable word for programs, such as ``isUnknown``.
    reason: str
    #: Why, for people.
    message: str


@dataclass(frozen=True)
class Written:
    """What a write did."""

    #: The resource as it is stored; after ``delete``, as it was last.
    resource: Resource
    #: Whether there was none before.
    created: bool
    #: What was remarked about the document without refusing it.
    warnings: tuple[Diagnostic, ...]
    #: The number of the commit; 0 when nothing was stored, as for a dry run or a change that changes nothing.
    revision: int


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    #: The resources, in the order of their creation.
    resources: tuple[Resource, ...]
    #: Where to go on; empty at the end.
    next_page_token: str
    #: The revision of the store that the list tells of, the same on all pages.
    revision: int


@dataclass(frozen=True)
class Version:
    """A version of a resource that is kept."""

    #: Its number: the ``resource_version`` that the resource had.
    version: int
    #: The commit that stored it; 0 for what exists from the start and was never written.
    revision: int
    #: The commit that stored the next version or deleted the resource; None for the version that is there.
    ended_revision: int | None
    #: Whether it changed more than the status.
    authored: bool
    #: The resource as it was, or is.
    resource: Resource


@dataclass(frozen=True)
class History:
    """The versions of a resource, the newest first."""

    versions: tuple[Version, ...]
    #: Whether the resource is deleted.
    deleted: bool
    #: Where to go on; empty when these are all.
    next_page_token: str


@dataclass(frozen=True)
class Difference:
    """A place at which two versions differ."""

    #: The place, as a JSON pointer into both.
    path: str
    #: Whether the first one has something there.
    has_old: bool
    #: What the first one has there.
    old: Any
    #: Whether the second one has something there.
    has_new: bool
    #: What the second one has there.
    new: Any


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions. Times and the version itself do not count."""

    #: The number of the first version.
    from_version: int
    #: The number of the second one.
    to_version: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Result:
    """What one operation of a transaction did."""

    #: The resource as it is stored; after a delete, as it was last.
    resource: Resource
    #: Whether there was none before.
    created: bool
    #: Whether anything differs from before.
    changed: bool
    #: Whether it was deleted.
    deleted: bool
    #: What was remarked about the document without refusing it.
    warnings: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Committed:
    """What a transaction did."""

    #: What each operation did, in the order of the operations.
    results: tuple[Result, ...]
    #: The number of the commit, which all have together; 0 when nothing was stored.
    revision: int


@dataclass(frozen=True)
class Validation:
    """What a write would do."""

    #: Whether it would be done.
    valid: bool
    #: Every problem of the document.
    problems: tuple[Diagnostic, ...]
    #: What was remarked about the document without refusing it.
    warnings: tuple[Diagnostic, ...]
    #: The resource that it would make.
    resource: Resource | None


@dataclass(frozen=True)
class Kind:
    """A kind of resources and what can be done with them."""

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
    #: Short forms for people who type.
    short_names: tuple[str, ...]
    #: Whether resources live in namespaces.
    namespaced: bool
    #: Whether only the system creates and changes resources.
    system_managed: bool
    #: How one is addressed: ``name`` (by name or id), ``id``, or ``singleton`` (one in each namespace).
    key_scheme: str
    #: What users may do: ``list``, ``get``, ``create``, ``upsert``, ``patch``, ``delete``.
    verbs: tuple[str, ...]


def resource(message: values.Resource) -> Resource:
    """The resource of a message."""
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
    """The page of a message."""
    return Page(tuple(map(resource, message.resources)), message.next_page_token, message.revision)


def version(message: api.Version) -> Version:
    """The version of a message."""
    return Version(
        version=message.version,
        revision=message.revision,
        ended_revision=message.ended_revision or None,
        authored=message.authored,
        resource=resource(message.resource),
    )


def history(message: api.ListVersionsResponse) -> History:
    """The history of a message."""
    return History(tuple(map(version, message.versions)), message.deleted, message.next_page_token)


def comparison(message: api.DiffResponse) -> Comparison:
    """The comparison of a message."""
    return Comparison(message.from_version, message.to_version, tuple(map(_difference, message.differences)))


def _difference(message: api.Difference) -> Difference:
    def value(text: bytes) -> Any:
        return json.loads(text) if text else None

    old, new = message.old_value, message.new_value
    return Difference(message.path, bool(old), value(old), bool(new), value(new))


def diagnostic(message: values.Diagnostic) -> Diagnostic:
    """The diagnostic of a message."""
    return Diagnostic(message.pointer, message.attribute, message.reason, message.message)


def validation(message: api.ValidateResponse) -> Validation:
    """The validation of a message."""
    return Validation(
        valid=message.valid,
        problems=tuple(map(diagnostic, message.problems)),
        warnings=tuple(map(diagnostic, message.warnings)),
        resource=resource(message.resource) if message.HasField("resource") else None,
    )


def kind(message: values.Kind) -> Kind:
    """The kind of a message. Words that are newer than this package are shown as the interface spells them."""
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
    # A map in a message has no order; REST answers it sorted.
    return dict(sorted(message.entries.items()))


def _time(message: Timestamp) -> datetime:
    return _EPOCH + timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)


def _time_text(time: datetime) -> str:
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
