"""The asyncio client. The blocking client is generated from this file when the package is built; see generate.py."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc

from . import calls
from ._generated import resource_service_pb2 as api
from ._generated.resource_service_pb2_grpc import ResourceServiceStub
from .calls import Answer, Call
from .connection import AsyncChannel, Clock, open_async_channel
from .document import DocumentLike, Format, JsonPatchLike
from .errors import from_rpc
from .operation import Operation
from .options import FieldValidation, Options, WriteVerb
from .resource import (
    CommitOutcome,
    Comparison,
    History,
    Kind,
    Page,
    Resource,
    Validation,
    Version,
    WriteOutcome,
)
from .retry import Retry
from .watch import AsyncWatch, WatchProgress, WatchOptions


class AsyncClient:
    """A connection to a store, with asynchronous methods.

        async with AsyncClient("127.0.0.1:8080") as store:
            outcome = await store.patch("Deployment", "clicks", {"metadata": {"labels": {"team": "web"}}})

    Tasks of the event loop that created it can share it. It connects at the first call and reconnects when the connection breaks.

    Every method takes ``namespace`` (default ``"default"``; None for kinds without namespaces, such as Namespace) and ``deadline``,
    the maximum duration of the call with all its retries, in seconds. Every failure is a `KindstoreError`.

    A document is a mapping, a `Resource`, or text in JSON or YAML; ``format`` sets the format of a text explicitly.

    :param address: ``host:port``, prefixed with ``https://`` for TLS.
    :param deadline: The default deadline of calls, in seconds; None for no deadline.
    :param retry: The policy for retrying calls that are safe to retry.
    :param credentials: The TLS credentials; default: the system's root certificates.
    :param metadata: Pairs to send with every call, such as ``("authorization", "Bearer ...")``.
    :param channel: A channel to use instead of ``address`` and ``credentials``; the caller closes it.
    """

    def __init__(
        self,
        address: str = "127.0.0.1:8080",
        *,
        deadline: float | None = 30.0,
        retry: Retry = Retry(),
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Sequence[tuple[str, str]] = (),
        channel: AsyncChannel | None = None,
    ) -> None:
        self._deadline = deadline
        self._retry = retry
        self._metadata = tuple(metadata)
        self._owned: AsyncChannel | None = None
        if channel is None:
            self._owned = channel = open_async_channel(address, credentials)
        self._stub: Any = ResourceServiceStub(channel)  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection and cancels the calls in progress."""
        if self._owned is not None:
            await self._owned.close()

    async def get(
        self,
        kind: str,
        key: str = "",
        *,
        namespace: str | None = "default",
        reveal: bool = False,
        revision: int | None = None,
        deadline: float | None = None,
    ) -> Resource:
        """Returns a resource by name or id. A kind with one resource per namespace needs no key.

        ``reveal`` includes secret members. ``revision`` reads the resource at that revision of the store. Raises `NotFound`, and
        `Expired` if the revision is compacted.
        """
        return await self._run(calls.get(kind, key, namespace, reveal, revision), deadline)

    async def list(
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
        """Returns the resources of a kind in a namespace, in the order of their creation.

        ``label_selector`` filters by labels in the grammar of Kubernetes (``team=web,tier in (gold,silver),!legacy``),
        ``field_selector`` by selectable members of the kind (``spec.state=RUNNING``). ``revision`` reads the list at that revision
        of the store.

        The list is read in pages of at most ``page_size`` resources (0: the server chooses). All pages show one revision.
        ``deadline`` applies to each page. Use `stream_list` for lists that are too large for memory.
        """
        selection = calls.Selection(label_selector, field_selector, revision)
        found: builtins.list[Resource] = []
        token = ""
        while True:
            page = await self._run(calls.page(kind, namespace, page_size, token, selection), deadline)
            found += page.resources
            token = page.next_page_token
            if not token:
                return found

    async def list_page(
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
        """Returns a page of `list`. ``page_token`` is the ``next_page_token`` of the previous page.

        All pages show the revision of the first one. Raises `Expired` if that revision is compacted; start again then.
        """
        selection = calls.Selection(label_selector, field_selector, revision)
        return await self._run(calls.page(kind, namespace, page_size, page_token, selection), deadline)

    async def stream_list(
        self,
        kind: str,
        *,
        namespace: str | None = "default",
        label_selector: str = "",
        field_selector: str = "",
        revision: int | None = None,
        deadline: float | None = None,
    ) -> AsyncIterator[Resource]:
        """Yields the resources of a kind in a namespace, with the selectors of `list`.

        The stream has no deadline unless one is given, because it would limit the whole stream. Starting the stream is retried
        like a read; if the stream breaks later, the error is raised, because resources have been yielded already.
        """
        call = calls.stream(kind, namespace, calls.Selection(label_selector, field_selector, revision))
        clock = Clock(deadline)
        attempt = 1
        while True:
            is_begun = False
            stream = self._stub.StreamList(call.request, timeout=clock.left(), metadata=self._metadata)
            try:
                async for answer in stream:
                    is_begun = True
                    yield call.read(answer)
                return
            except grpc.RpcError as error:
                failure = from_rpc(error, is_write=False)
                pause = None if is_begun else self._retry.pause(attempt, failure)
                if pause is None or not clock.allows(pause):
                    raise failure from error
            finally:
                # Without this the server keeps sending to a caller that has stopped reading.
                stream.cancel()
            await asyncio.sleep(pause)
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
    ) -> AsyncWatch:
        """Returns a watch of the resources of a kind in a namespace, or of one resource. It reports each change once, in order.

        The watch starts now; with ``list`` it reports the existing resources first, as ADDED; with ``cursor`` it resumes after an
        earlier event. The selectors are those of `list`: a resource that starts to match is ADDED, one that stops matching is
        DELETED. ``bookmarks`` also reports bookmarks: at the start, after the list, and after a while without changes.

            async with store.watch("Deployment") as watch:
                async for event in watch:
                    print(event.type, event.resource.metadata.name)

        If the connection is lost, the watch reconnects for up to ``patience`` seconds and resumes after the last event; a partly
        reported list raises `Unavailable` instead. Raises `Expired` if the changes after the cursor are compacted (list again),
        `BadRequest` for an invalid cursor, and `NotFound` if the namespace does not exist.
        """
        watched = WatchOptions(kind, namespace, key, label_selector, field_selector, cursor, list, bookmarks, patience)
        return AsyncWatch(self._watch, WatchProgress(watched, self._retry))

    def _watch(self, request: api.WatchRequest) -> Any:
        return self._stub.Watch(request, metadata=self._metadata)

    async def create(
        self,
        kind: str,
        document: DocumentLike,
        *,
        namespace: str | None = "default",
        format: Format | None = None,
        dry_run: bool = False,
        field_validation: FieldValidation = "warn",
        deadline: float | None = None,
    ) -> WriteOutcome:
        """Creates a resource. Raises `AlreadyExists` and `Invalid`.

        ``dry_run`` returns the result of the real call and stores nothing. ``field_validation`` decides whether an unknown member is
        a warning, a violation, or ignored.
        """
        options = Options(dry_run=dry_run, field_validation=field_validation)
        return await self._run(calls.create(kind, document, namespace, format, options), deadline)

    async def upsert(
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
    ) -> WriteOutcome:
        """Creates a resource with a name, or replaces the user part of the existing one.

        If ``expected_version`` or ``expected_id`` differs from the stored one, `PreconditionFailed` is raised; the id also excludes a
        resource that was deleted and created again. ``without_defaults`` stores the document without defaults.
        ``field_validation`` is that of `create`.
        """
        options = Options(expected_version, expected_id, dry_run, without_defaults, field_validation=field_validation)
        return await self._run(calls.upsert(kind, key, document, namespace, format, options), deadline)

    async def patch(
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
    ) -> WriteOutcome:
        """Changes a resource with a merge patch (RFC 7386), in which None removes a member. Never creates one.

        ``expected_version`` and ``expected_id`` are those of `upsert`. Raises `NotFound`, `Invalid` and
        `PreconditionFailed`.
        """
        options = Options(expected_version, expected_id, dry_run, field_validation=field_validation)
        return await self._run(calls.patch(kind, key, patch, namespace, format, options), deadline)

    async def json_patch(
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
    ) -> WriteOutcome:
        """Changes a resource with a JSON Patch (RFC 6902), as a whole or not at all. Never creates one.

        The operations see the resource as `get` returns it; members of the server can be tested but not written.
        ``expected_version`` and ``expected_id`` are those of `upsert`. Raises the errors of `patch`; an operation that cannot be
        applied is `Invalid`, a failed test with the reason ``failsTest``.
        """
        options = Options(expected_version, expected_id, dry_run, field_validation=field_validation)
        return await self._run(calls.json_patch(kind, key, patch, namespace, format, options), deadline)

    async def delete(
        self,
        kind: str,
        key: str,
        *,
        namespace: str | None = "default",
        expected_version: int | None = None,
        expected_id: str | None = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> WriteOutcome:
        """Deletes a resource and returns its last state. Raises `NotFound`, `Blocked` and `PreconditionFailed`."""
        options = Options(expected_version, expected_id, dry_run)
        return await self._run(calls.delete(kind, key, namespace, options), deadline)

    async def history(
        self,
        kind: str,
        key: str = "",
        *,
        namespace: str | None = "default",
        authored_only: bool = False,
        deadline: float | None = None,
    ) -> History:
        """Returns the retained versions of a resource, the newest first, also of a deleted one.

        ``authored_only`` omits versions that changed only the status. If another resource has taken the name of a deleted one, use
        the id as ``key``. Raises `NotFound`.
        """
        versions: builtins.list[Version] = []
        token = ""
        while True:
            call = calls.history(kind, key, namespace, 0, token, authored_only)
            page = await self._run(call, deadline)
            versions += page.versions
            token = page.next_page_token
            if not token:
                return History(tuple(versions), page.deleted, "")

    async def history_page(
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
        """Returns a page of `history`. ``page_token`` is the ``next_page_token`` of the previous page."""
        return await self._run(calls.history(kind, key, namespace, page_size, page_token, authored_only), deadline)

    async def version(
        self,
        kind: str,
        key: str,
        version: int,
        *,
        namespace: str | None = "default",
        deadline: float | None = None,
    ) -> Version:
        """Returns one version of a resource, also of a deleted one. Raises `NotFound`, also for a version that is not retained."""
        return await self._run(calls.version(kind, key, version, namespace), deadline)

    async def compare(
        self,
        kind: str,
        key: str,
        from_version: int,
        to_version: int | None = None,
        *,
        namespace: str | None = "default",
        deadline: float | None = None,
    ) -> Comparison:
        """Returns the differences between two versions of a resource; the second is the newest by default."""
        return await self._run(calls.compare(kind, key, from_version, to_version, namespace), deadline)

    async def rollback(
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
    ) -> WriteOutcome:
        """Stores the user part of an earlier version as the next version of a resource.

        The status does not change. ``expected_version`` and ``expected_id`` are those of `upsert`. Raises `NotFound`, `Invalid` if the
        version breaks the current rules of the kind, and `PreconditionFailed`.
        """
        options = Options(expected_version, expected_id, dry_run)
        return await self._run(calls.rollback(kind, key, version, namespace, options), deadline)

    async def undelete(
        self,
        kind: str,
        key: str,
        *,
        namespace: str | None = "default",
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> WriteOutcome:
        """Restores a deleted resource in its last state, with its id and its next version.

        Raises `NotFound` if it is not retained, `AlreadyExists` if it exists or its name is taken, and `Invalid` if a referenced
        resource does not exist.
        """
        return await self._run(calls.undelete(kind, key, namespace, Options(dry_run=dry_run)), deadline)

    async def commit(
        self,
        namespace: str,
        operations: Sequence[Operation],
        *,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> CommitOutcome:
        """Applies several writes of a namespace under one revision, or none of them.

            await store.commit("default", [
                Operation.create("DeploymentTarget", target),
                Operation.patch("Deployment", "clicks", {"spec": {"deploymentTargetName": "jobs"}}, expected_version=3),
            ])

        Up to 1,000 writes are applied in order, each about another resource; each sees the effects of those before it. Raises
        `Invalid` with the problems of all documents, each at ``operations[INDEX].document``; any other error is that of the first
        failing operation, with its index under ``operation`` in the context.
        """
        return await self._run(calls.commit(namespace, operations, dry_run), deadline)

    async def validate(
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
        """Returns the result that a write (``create``, ``upsert``, ``patch``, ``json_patch`` or ``delete``) would have; stores nothing.

        An invalid document is a result here, not an exception. Errors that do not concern the document, such as a taken name, are
        raised as by the write.
        """
        options = Options(expected_version, expected_id, True, without_defaults, field_validation=field_validation)
        call = calls.validate(verb, kind, key, document, namespace, format, options)
        return await self._run(call, deadline)

    async def kinds(self, *, deadline: float | None = None) -> builtins.list[Kind]:
        """Returns all kinds."""
        return await self._run(calls.kinds(), deadline)

    async def kind(self, name: str, *, deadline: float | None = None) -> Kind:
        """Returns a kind by its name, plural, singular or a short name, in any case. Raises `BadRequest` if there is none."""
        return await self._run(calls.kind(name), deadline)

    async def _run(self, call: Call[Answer], deadline: float | None) -> Answer:
        clock = Clock(self._deadline if deadline is None else deadline)
        method = getattr(self._stub, call.method)
        attempt = 1
        while True:
            try:
                return call.read(await method(call.request, timeout=clock.left(), metadata=self._metadata))
            except grpc.RpcError as error:
                failure = from_rpc(error, is_write=call.is_write)
                pause = self._retry.pause(attempt, failure)
                if pause is None or not clock.allows(pause):
                    raise failure from error
            await asyncio.sleep(pause)
            attempt += 1
