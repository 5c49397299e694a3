"""Watches, which reconnect and resume when a call breaks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import grpc
import grpc.aio

from . import resource
from ._generated import resource_service_pb2 as api
from .errors import KindstoreError, TooManyRequests, Unavailable, from_rpc, is_broken, is_taken_back
from .resource import Resource
from .retry import Retry

#: The type of a change, as one watch sees it. A resource that starts to match a selector is ADDED, one that stops matching is DELETED.
EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]

_TYPES: dict[int, EventType] = {
    api.CHANGE_TYPE_ADDED: "ADDED",
    api.CHANGE_TYPE_MODIFIED: "MODIFIED",
    api.CHANGE_TYPE_DELETED: "DELETED",
    api.CHANGE_TYPE_BOOKMARK: "BOOKMARK",
}


#: After this many seconds an open call counts as a successful connection, even without an event.
STANDING = 1.0


@dataclass(frozen=True)
class WatchEvent:
    """A change of a resource, or a bookmark."""

    #: The type of the change. BOOKMARK occurs only with ``bookmarks``.
    type: EventType
    #: The position of the change in the change log. A watch can resume after it, except after an event of an initial list, which
    #: does not cover the rest of the list; `Watch.cursor` is always safe.
    cursor: str
    #: The resource after the change; for DELETED its last state; None for BOOKMARK.
    resource: Resource | None
    #: The revision of the commit.
    revision: int


@dataclass(frozen=True)
class WatchOptions:
    """The resources that a watch reports, and its start."""

    kind: str
    namespace: str | None
    key: str | None
    label_selector: str
    field_selector: str
    cursor: str | None
    list: bool
    bookmarks: bool
    #: The number of seconds for which a lost connection is retried.
    patience: float


class WatchProgress:
    """The position of a watch, and its decision to reconnect; shared by both clients."""

    def __init__(self, watched: WatchOptions, retry: Retry) -> None:
        self._watched = watched
        self._retry = retry
        self._is_listing = watched.list
        self._has_listed = False
        self._failures = 0
        self._lost: float | None = None
        self._answered: float | None = None
        #: All changes up to here have been reported; empty while there is no safe position.
        self.cursor = watched.cursor or ""

    @property
    def has_place(self) -> bool:
        """Returns whether a late start misses nothing, because the watch starts with a list or after a cursor."""
        return self._is_listing or self.cursor != ""

    def request(self) -> api.WatchRequest:
        watched = self._watched
        return api.WatchRequest(
            kind=watched.kind,
            namespace=watched.namespace or "",
            key=watched.key or "",
            label_selector=watched.label_selector,
            field_selector=watched.field_selector,
            cursor=self.cursor,
            list=self._is_listing,
        )

    def is_answered(self) -> None:
        """Records that the server accepted the call."""
        self._answered = time.monotonic()

    def take(self, answer: api.WatchResponse) -> WatchEvent | None:
        """Returns the event of a message; None for a type that only newer servers know."""
        self._failures, self._lost = 0, None
        type = _TYPES.get(answer.change_type)
        if type == "BOOKMARK":
            self._is_listing = False
        if self._is_listing:
            self._has_listed = True
        else:
            self.cursor = answer.cursor
        if type is None:
            return None
        found = resource.resource(answer.resource) if answer.HasField("resource") else None
        return WatchEvent(type, answer.cursor, found, answer.revision)

    def shows(self, event: WatchEvent) -> bool:
        return event.type != "BOOKMARK" or self._watched.bookmarks

    def pause(self, failure: KindstoreError, *, is_lost: bool) -> float | None:
        """Returns the seconds to wait before the next call; None if the watch ends with this failure.

        `is_lost` means that the connection broke, so that the failure does not come from the store.
        """
        may_come_back = is_lost or isinstance(failure, (Unavailable, TooManyRequests))
        # Reconnecting would report the first part of the list twice.
        is_halfway = self._is_listing and self._has_listed
        if not may_come_back or is_halfway or self._retry.attempts == 1:
            return None
        now, answered, self._answered = time.monotonic(), self._answered, None
        if answered is not None and now - answered >= STANDING:
            self._failures, self._lost = 0, None
        self._lost = now if self._lost is None else self._lost
        self._failures += 1
        pause = self._retry.backoff(self._failures)
        return pause if now + pause <= self._lost + self._watched.patience else None


#: Starts a call.
Start = Callable[[api.WatchRequest], Any]


class Watch:
    """A blocking iterator over the changes of a collection; it reports each change once, in commit order.

    It does not end by itself. If the connection is lost, it reconnects and resumes. After an error it has ended. As a context
    manager it has started when its block starts, and is closed at the end. Another thread may call `close`.
    """

    def __init__(self, start: Start, progress: WatchProgress) -> None:
        self._start = start
        self._progress = progress
        self._stream: Any = None
        self._kept: WatchEvent | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def cursor(self) -> str:
        """Returns the position up to which all changes have been reported; a watch that resumes after it misses nothing. Empty at first."""
        return self._progress.cursor

    def __enter__(self) -> Watch:
        if self._kept is None and not self._progress.has_place:
            self._kept = self._receive()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> WatchEvent:
        while True:
            event, self._kept = self._kept or self._receive(), None
            if event is None:
                raise StopIteration
            if self._progress.shows(event):
                return event

    def close(self) -> None:
        """Ends the watch. A pending wait for the next event ends the iteration."""
        self._closed.set()
        self._drop()

    def _receive(self) -> WatchEvent | None:
        """Returns the next event, of any type; None if the watch is closed."""
        while (stream := self._open()) is not None:
            try:
                for answer in stream:
                    event = self._progress.take(answer)
                    if event is not None:
                        return event
                failure, is_lost, cause = _ended(), True, None
            except grpc.RpcError as error:
                failure, is_lost, cause = from_rpc(error, is_write=False), is_broken(error), error
            self._drop()
            if self._closed.is_set():
                return None
            pause = self._progress.pause(failure, is_lost=is_lost)
            if pause is None:
                self.close()
                raise failure from cause
            self._closed.wait(pause)
        return None

    def _open(self) -> Any:
        """Returns the current call, or a new one; None if the watch is closed."""
        with self._lock:
            if self._closed.is_set():
                return None
            if self._stream is not None:
                return self._stream
            stream = self._stream = self._start(self._progress.request())
        # Only a server that accepted the call sends metadata.
        if stream.initial_metadata():
            self._progress.is_answered()
        return stream

    def _drop(self) -> None:
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            # Without this the server keeps sending to a caller that has stopped reading.
            stream.cancel()


class AsyncWatch:
    """An asynchronous iterator over the changes of a collection; it reports each change once, in commit order.

    It does not end by itself. If the connection is lost, it reconnects and resumes. After an error it has ended. As a context
    manager it has started when its block starts, and is closed at the end. Cancelling a task that waits for an event loses no
    event: the next wait continues after the last reported event.
    """

    def __init__(self, start: Start, progress: WatchProgress) -> None:
        self._start = start
        self._progress = progress
        self._stream: Any = None
        self._kept: WatchEvent | None = None
        self._closed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __del__(self) -> None:
        # gRPC keeps calls that nobody reads, and any thread may finalize this object.
        if self._stream is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stream.cancel)

    @property
    def cursor(self) -> str:
        """Returns the position up to which all changes have been reported; a watch that resumes after it misses nothing. Empty at first."""
        return self._progress.cursor

    async def __aenter__(self) -> AsyncWatch:
        if self._kept is None and not self._progress.has_place:
            self._kept = await self._receive()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncWatch:
        return self

    async def __anext__(self) -> WatchEvent:
        while True:
            event, self._kept = self._kept or await self._receive(), None
            if event is None:
                raise StopAsyncIteration
            if self._progress.shows(event):
                return event

    async def aclose(self) -> None:
        """Ends the watch. A pending wait for the next event ends the iteration."""
        self._closed.set()
        self._drop()

    async def _receive(self) -> WatchEvent | None:
        """Returns the next event, of any type; None if the watch is closed."""
        while not self._closed.is_set():
            try:
                answer = await self._read()
                if answer is not grpc.aio.EOF:
                    event = self._progress.take(answer)
                    if event is not None:
                        return event
                    continue
                failure, is_lost, cause = _ended(), True, None
            except grpc.RpcError as error:
                failure, is_lost, cause = from_rpc(error, is_write=False), is_broken(error), error
            except asyncio.CancelledError:
                # A call that the server cancels ends like this too, although nobody cancelled the task.
                if not self._closed.is_set() and not await _is_taken_back(self._stream):
                    self._drop()
                    raise
                failure, is_lost, cause = _ended(), True, None
            self._drop()
            if self._closed.is_set():
                return None
            pause = self._progress.pause(failure, is_lost=is_lost)
            if pause is None:
                await self.aclose()
                raise failure from cause
            await self._rest(pause)
        return None

    async def _read(self) -> Any:
        """Returns the next message of the current call, or of a new one."""
        stream = self._stream
        if stream is None:
            self._loop = asyncio.get_running_loop()
            stream = self._stream = self._start(self._progress.request())
            # Only a server that accepted the call sends metadata.
            if await stream.initial_metadata():
                self._progress.is_answered()
        return await stream.read()

    async def _rest(self, seconds: float) -> None:
        """Waits for this time, or until the watch is closed."""
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # Without this the server keeps sending to a caller that has stopped reading.
            stream.cancel()


def _ended() -> KindstoreError:
    return Unavailable("the server ended the watch")


async def _is_taken_back(stream: Any) -> bool:
    return stream is not None and stream.done() and is_taken_back(await stream.details())
