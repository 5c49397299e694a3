"""The client for blocking code."""

from __future__ import annotations

import builtins
import time
from collections.abc import Iterator, Sequence
from typing import Any

import grpc

from . import calls
from ._generated import resource_service_pb2 as api
from ._generated.resource_service_pb2_grpc import ResourceServiceStub
from .calls import Answer, Call
from .connection import CHANNEL_OPTIONS, Clock, target
from .document import DocumentLike, Format, JsonPatchLike
from .errors import from_rpc
from .operation import Operation
from .options import FieldValidation, Options, WriteVerb
from .resource import (
    Committed,
    Comparison,
    History,
    Kind,
    Page,
    Resource,
    Validation,
    Version,
    Written,
)
from .retry import Retry
from .watch import Course, Watch, Watched


class Client:
    """A connection to a store.

        with Client("127.0.0.1:8080") as store:
            written = store.patch("Deployment", "clicks", {"metadata": {"labels": {"team": "web"}}})

    It can be shared between threads. The connection is made with the first call and again after it broke.

    Every method takes ``namespace`` (``"default"`` unless told; None for kinds that live in none, such as Namespace) and
    ``deadline``, the seconds that the call may take with all its repetitions. Every failure is a `KindstoreError`.

    A document is a mapping, a `Resource`, or text in JSON or YAML; ``format`` says which when the text does not show it.

    :param address: ``host:port``, with ``https://`` in front of it for TLS.
    :param deadline: The deadline, in seconds, of calls that give none of their own; None for no end.
    :param retry: How calls are repeated that are safe to repeat.
    :param credentials: What TLS is made with; system roots unless told.
    :param metadata: Pairs that are sent with every call, such as ``("authorization", "Bearer ...")``.
    :param channel: A channel of your own in the place of ``address`` and ``credentials``; you close it.
    """

    def __init__(
        self,
        address: str = "127.0.0.1:8080",
        *,
        deadline: float | None = 30.0,
        retry: Retry = Retry(),
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Sequence[tuple[str, str]] = (),
        channel: grpc.Channel | None = None,
    ) -> None:
        self._deadline = deadline
        self._retry = retry
        self._metadata = tuple(metadata)
        self._owned: grpc.Channel | None = None
        if channel is None:
            self._owned = channel = _channel(address, credentials)
        self._stub: Any = ResourceServiceStub(channel)  # type: ignore[no-untyped-call]

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection. Calls under way are cancelled."""
        if self._owned is not None:
            self._owned.close()

    def get(
        self,
        kind: str,
        key: str = "",
        *,
        namespace: str | None = "default",
        reveal: bool = False,
        revision: int | None = None,
        deadline: float | None = None,
    ) -> Resource:
        """Reads one resource by name or id; a kind that has one in each namespace needs no key.

        ``reveal`` includes secret members in the answer. ``revision`` asks for the resource as it was at that revision of
        the store. Raises `NotFound`, and `Expired` for a revision that is not kept any more.
        """
        return self._run(calls.get(kind, key, namespace, reveal, revision), deadline)

    def list(
        self,
        kind: str,
        *,
        namespace: str | None = "default",
        label_selector: str = "",
        field_selector: str = "",
        revision: int | None = None,
        page_size: int = 0,
        deadline: float | None = None,
    ) -> builtins.list[Resource]:
        """Reads the resources of a kind in a namespace, in the order of their creation.

        ``label_selector`` asks for labels as Kubernetes writes it (``team=web,tier in (gold,silver),!legacy``),
        ``field_selector`` for members that the kind lets select by (``spec.state=RUNNING``), ``revision`` for what there
        was at that revision of the store.

        The list is read in pages of at most ``page_size`` resources, 0 leaving it to the server; together they tell what
        there was at one revision, whatever is written meanwhile. ``deadline`` is that of each page. For lists that should not be in memory as a whole there is `stream_list`.
        """
        selection = calls.Selection(label_selector, field_selector, revision)
        found: builtins.list[Resource] = []
        token = ""
        while True:
            page = self._run(calls.page(kind, namespace, page_size, token, selection), deadline)
            found += page.resources
            token = page.next_page_token
            if not token:
                return found

    def list_page(
        self,
        kind: str,
        *,
        namespace: str | None = "default",
        label_selector: str = "",
        field_selector: str = "",
        revision: int | None = None,
        page_size: int = 0,
        page_token: str = "",
        deadline: float | None = None,
    ) -> Page:
        """Reads a page of `list`; ``page_token`` is the ``next_page_token`` of the page before.

        All pages tell what there was at the revision of the first one. Raises `Expired` when that is not kept any more;
        begin anew then.
        """
        selection = calls.Selection(label_selector, field_selector, revision)
        return self._run(calls.page(kind, namespace, page_size, page_token, selection), deadline)

    def stream_list(
        self,
        kind: str,
        *,
        namespace: str | None = "default",
        label_selector: str = "",
        field_selector: str = "",
        revision: int | None = None,
        deadline: float | None = None,
    ) -> Iterator[Resource]:
        """Reads the resources of a kind in a namespace one after the other, as fast as they are taken; selected as in `list`.

        There is no deadline unless one is given, for it would be that of the whole stream. A stream that cannot begin is
        repeated as a read is; one that breaks later raises, for what was read so far cannot be taken back.
        """
        call = calls.stream(kind, namespace, calls.Selection(label_selector, field_selector, revision))
        clock = Clock(deadline)
        attempt = 1
        while True:
            is_begun = False
            stream = self._stub.StreamList(call.request, timeout=clock.left(), metadata=self._metadata)
            try:
                for answer in stream:
                    is_begun = True
                    yield call.read(answer)
                return
            except grpc.RpcError as error:
                failure = from_rpc(error, is_write=False)
                pause = None if is_begun else self._retry.pause(attempt, failure)
                if pause is None or not clock.allows(pause):
                    raise failure from error
            finally:
                # Whoever stops reading early must not leave the server sending.
                stream.cancel()
            time.sleep(pause)
            attempt += 1

    def watch(
        self,
        kind: str,
        namespace: str | None = "default",
        key: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        cursor: str | None = None,
        list: bool = False,
        bookmarks: bool = False,
        patience: float = 60.0,
    ) -> Watch:
        """Watches the resources of a kind in a namespace, or the one with this id or name: each change in order and once.

        It begins now; with ``list``, with what there is, as ADDED; or after ``cursor``, that of an earlier event or watch.
        ``label_selector`` and ``field_selector`` are as for `list`: what begins to be selected is ADDED, what ceases to be is
        DELETED. ``bookmarks`` also tells how far all was told: at first, after the list, and when nothing has happened for a
        while.

            with store.watch("Deployment") as watch:
                for event in watch:
                    print(event.type, event.resource.metadata.name)

        When the server goes away it is asked again for ``patience`` seconds, and the watch goes on after the last event; a
        list that was told in part raises `Unavailable` instead. Raises `Expired` when the changes after that place are not
        kept any more: list again then. `BadRequest` says that the cursor is none or is yet to come, `NotFound` that the
        namespace is not there.
        """
        watched = Watched(kind, namespace, key, label_selector, field_selector, cursor, list, bookmarks, patience)
        return Watch(self._watch, Course(watched, self._retry))

    def _watch(self, request: api.WatchRequest) -> Any:
        return self._stub.Watch(request, metadata=self._metadata)

    def create(
        self,
        kind: str,
        document: DocumentLike,
        *,
        namespace: str | None = "default",
        format: Format | None = None,
        dry_run: bool = False,
        field_validation: FieldValidation = "warn",
        deadline: float | None = None,
    ) -> Written:
        """Creates a resource. Raises `AlreadyExists` and `Invalid`.

        ``dry_run`` answers as the real call would and stores nothing. ``field_validation`` says what becomes of members that
        the kind does not know: each is a warning, a violation, or nothing.
        """
        options = Options(dry_run=dry_run, field_validation=field_validation)
        return self._run(calls.create(kind, document, namespace, format, options), deadline)

    def upsert(
        self,
        kind: str,
        key: str,
        document: DocumentLike,
        *,
        namespace: str | None = "default",
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        dry_run: bool = False,
        without_defaults: bool = False,
        field_validation: FieldValidation = "warn",
        deadline: float | None = None,
    ) -> Written:
        """Creates a resource under a name, or replaces the user's part of the one that is there.

        ``expected_version`` is the version that must be there, and with it ``expected_id`` the id, so that one that was
        deleted and created again does not pass; otherwise `PreconditionFailed` is raised. ``without_defaults`` stores
        the document without filling in defaults. ``field_validation`` is as for `create`.
        """
        options = Options(expected_version, expected_id, dry_run, without_defaults, field_validation=field_validation)
        return self._run(calls.upsert(kind, key, document, namespace, format, options), deadline)

    def patch(
        self,
        kind: str,
        key: str,
        patch: DocumentLike,
        *,
        namespace: str | None = "default",
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        dry_run: bool = False,
        field_validation: FieldValidation = "warn",
        deadline: float | None = None,
    ) -> Written:
        """Changes parts of a resource by a merge patch (RFC 7386), in which None removes a member. Never creates.

        ``expected_version`` and ``expected_id`` are as for `upsert`. Raises `NotFound`, `Invalid` and
        `PreconditionFailed`.
        """
        options = Options(expected_version, expected_id, dry_run, field_validation=field_validation)
        return self._run(calls.patch(kind, key, patch, namespace, format, options), deadline)

    def json_patch(
        self,
        kind: str,
        key: str,
        patch: JsonPatchLike,
        *,
        namespace: str | None = "default",
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        dry_run: bool = False,
        field_validation: FieldValidation = "warn",
        deadline: float | None = None,
    ) -> Written:
        """Changes parts of a resource by a JSON Patch (RFC 6902): all its operations, or none. Never creates.

        The operations see the resource as it is shown; what belongs to the server can be tested and not written.
        ``expected_version`` and ``expected_id`` are as for `upsert`. Raises as `patch` does; an operation that cannot be
        applied is `Invalid`, a test that fails with the reason ``failsTest``.
        """
        options = Options(expected_version, expected_id, dry_run, field_validation=field_validation)
        return self._run(calls.json_patch(kind, key, patch, namespace, format, options), deadline)

    def delete(
        self,
        kind: str,
        key: str,
        *,
        namespace: str | None = "default",
        expected_version: int | None = None,
        expected_id: str | None = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Written:
        """Deletes a resource and answers it as it was last. Raises `NotFound`, `Blocked` and `PreconditionFailed`."""
        options = Options(expected_version, expected_id, dry_run)
        return self._run(calls.delete(kind, key, namespace, options), deadline)

    def history(
        self,
        kind: str,
        key: str = "",
        *,
        namespace: str | None = "default",
        authored_only: bool = False,
        deadline: float | None = None,
    ) -> History:
        """Reads the versions of a resource that are kept, the newest first; of a deleted one too.

        ``authored_only`` leaves out versions that changed the status only. Where another resource has the name of a
        deleted one, ``key`` is its id. Raises `NotFound`.
        """
        versions: builtins.list[Version] = []
        token = ""
        while True:
            call = calls.history(kind, key, namespace, 0, token, authored_only)
            page = self._run(call, deadline)
            versions += page.versions
            token = page.next_page_token
            if not token:
                return History(tuple(versions), page.deleted, "")

    def history_page(
        self,
        kind: str,
        key: str = "",
        *,
        namespace: str | None = "default",
        authored_only: bool = False,
        page_size: int = 0,
        page_token: str = "",
        deadline: float | None = None,
    ) -> History:
        """Reads a page of `history`; ``page_token`` is the ``next_page_token`` of the page before."""
        return self._run(calls.history(kind, key, namespace, page_size, page_token, authored_only), deadline)

    def version(
        self,
        kind: str,
        key: str,
        version: int,
        *,
        namespace: str | None = "default",
        deadline: float | None = None,
    ) -> Version:
        """Reads one version of a resource, which may be deleted. Raises `NotFound`, also for a version that is not kept."""
        return self._run(calls.version(kind, key, version, namespace), deadline)

    def compare(
        self,
        kind: str,
        key: str,
        from_version: int,
        to_version: int | None = None,
        *,
        namespace: str | None = "default",
        deadline: float | None = None,
    ) -> Comparison:
        """Says what differs between two versions of a resource; the second one is the newest unless told."""
        return self._run(calls.compare(kind, key, from_version, to_version, namespace), deadline)

    def rollback(
        self,
        kind: str,
        key: str,
        version: int,
        *,
        namespace: str | None = "default",
        expected_version: int | None = None,
        expected_id: str | None = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Written:
        """Makes the user's part of a resource what it was in an older version, as its next version.

        The status stays as it is. ``expected_version`` and ``expected_id`` are as for `upsert`. Raises `NotFound`,
        `Invalid` when the kind's rules do not allow any more what the version says, and `PreconditionFailed`.
        """
        options = Options(expected_version, expected_id, dry_run)
        return self._run(calls.rollback(kind, key, version, namespace, options), deadline)

    def undelete(
        self,
        kind: str,
        key: str,
        *,
        namespace: str | None = "default",
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Written:
        """Brings a deleted resource back as it was last: under its id and as its next version.

        Raises `NotFound` when nothing is kept of it, `AlreadyExists` when it is there or its name is taken, and `Invalid`
        when what it refers to is gone.
        """
        return self._run(calls.undelete(kind, key, namespace, Options(dry_run=dry_run)), deadline)

    def commit(
        self,
        namespace: str,
        operations: Sequence[Operation],
        *,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Committed:
        """Does several writes in a namespace under one revision, or none of them.

            store.commit("default", [
                Operation.create("DeploymentTarget", target),
                Operation.patch("Deployment", "clicks", {"spec": {"deploymentTargetName": "jobs"}}, expected_version=3),
            ])

        They are done in their order, each seeing what those before it made: at most 1,000, each about another resource.
        Raises `Invalid` with every problem of every document, each at ``operations[INDEX].document``; other failures are
        those of the first operation that is refused, with its index under ``operation`` in the context.
        """
        return self._run(calls.commit(namespace, operations, dry_run), deadline)

    def validate(
        self,
        verb: WriteVerb,
        kind: str,
        document: DocumentLike | JsonPatchLike | None = None,
        *,
        key: str = "",
        namespace: str | None = "default",
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        without_defaults: bool = False,
        field_validation: FieldValidation = "warn",
        deadline: float | None = None,
    ) -> Validation:
        """Says what a write (``create``, ``upsert``, ``patch``, ``json_patch`` or ``delete``) would do, and stores nothing.

        A document that breaks the rules is an answer here and not an exception; what has nothing to do with the document,
        such as a name that is taken, is raised as the write would raise it.
        """
        options = Options(expected_version, expected_id, True, without_defaults, field_validation=field_validation)
        call = calls.validate(verb, kind, key, document, namespace, format, options)
        return self._run(call, deadline)

    def kinds(self, *, deadline: float | None = None) -> builtins.list[Kind]:
        """Tells which kinds there are."""
        return self._run(calls.kinds(), deadline)

    def kind(self, name: str, *, deadline: float | None = None) -> Kind:
        """Tells about one kind by its name, plural, singular or a short name, in any case. Raises `BadRequest` for others."""
        return self._run(calls.kind(name), deadline)

    def _run(self, call: Call[Answer], deadline: float | None) -> Answer:
        clock = Clock(self._deadline if deadline is None else deadline)
        method = getattr(self._stub, call.method)
        attempt = 1
        while True:
            try:
                return call.read(method(call.request, timeout=clock.left(), metadata=self._metadata))
            except grpc.RpcError as error:
                failure = from_rpc(error, is_write=call.is_write)
                pause = self._retry.pause(attempt, failure)
                if pause is None or not clock.allows(pause):
                    raise failure from error
            time.sleep(pause)
            attempt += 1


def _channel(address: str, credentials: grpc.ChannelCredentials | None) -> grpc.Channel:
    place, is_secure = target(address)
    if is_secure or credentials is not None:
        return grpc.secure_channel(place, credentials or grpc.ssl_channel_credentials(), CHANNEL_OPTIONS)
    return grpc.insecure_channel(place, CHANNEL_OPTIONS)
