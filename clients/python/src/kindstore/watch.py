"""Watching: the changes of resources as they come, over as many calls as it takes."""

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

#: What a change is for one watcher. What begins to be watched is ADDED, what ceases to be is DELETED.
EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]

_TYPES: dict[int, EventType] = {
    api.CHANGE_TYPE_ADDED: "ADDED",
    api.CHANGE_TYPE_MODIFIED: "MODIFIED",
    api.CHANGE_TYPE_DELETED: "DELETED",
    api.CHANGE_TYPE_BOOKMARK: "BOOKMARK",
}


#: A call that stood for so many seconds reached the server, though nothing happened that it could have told.
STANDING = 1.0


@dataclass(frozen=True)
class WatchEvent:
    """A change of a resource, or how far all was told."""

    #: What happened. BOOKMARK is told only to those who asked for it.
    type: EventType
    #: The place of the change in the history of the store. Another watch can go on after it, except after those of a first
    #: list, which leave out what was not told yet; `Watch.cursor` is always fit for that.
    cursor: str
    #: The resource as it is after the change; of DELETED, as it was last. None in a BOOKMARK.
    resource: Resource | None
    #: The commit.
    revision: int


@dataclass(frozen=True)
class Watched:
    """What is watched, and from where on."""

    kind: str
    namespace: str | None
    key: str | None
    label_selector: str
    field_selector: str
    cursor: str | None
    list: bool
    bookmarks: bool
    #: The seconds for which a server that went away is asked again.
    patience: float


class Course:
    """How far a watch has come, and whether it goes on when it is cut off; the same for both clients."""

    def __init__(self, watched: Watched, retry: Retry) -> None:
        self._watched = watched
        self._retry = retry
        self._is_listing = watched.list
        self._has_listed = False
        self._failures = 0
        self._lost: float | None = None
        self._answered: float | None = None
        #: All up to here was told; empty as long as nobody could go on from there.
        self.cursor = watched.cursor or ""

    @property
    def has_place(self) -> bool:
        """Whether nothing is missed however late the watch begins: it begins with a list, or after a cursor."""
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
        """The server took the call and said no more yet."""
        self._answered = time.monotonic()

    def take(self, answer: api.WatchResponse) -> WatchEvent | None:
        """The event of a message; None for a type that only later servers know."""
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
        """The seconds to wait before another call; None when the watch ends with this failure.

        `is_lost` says that the call broke on its way, so that the failure is not the store's own.
        """
        may_come_back = is_lost or isinstance(failure, (Unavailable, TooManyRequests))
        # A list that was told in part would be told twice.
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


#: Begins a call.
Start = Callable[[api.WatchRequest], Any]


class Watch:
    """The changes of the resources of a kind, in the order of their commits, each told once; an iterator that blocks.

    It never ends by itself. When the server goes away it is asked again, and the watch goes on where it was. After an error
    it has ended. As a context manager it has begun when its block begins, and is closed at the end; `close` may be called by
    another thread.
    """

    def __init__(self, start: Start, course: Course) -> None:
        self._start = start
        self._course = course
        self._stream: Any = None
        self._kept: WatchEvent | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def cursor(self) -> str:
        """All up to here was told: another watch that begins after it misses nothing. Empty when nothing is known yet."""
        return self._course.cursor

    def __enter__(self) -> Watch:
        if self._kept is None and not self._course.has_place:
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
            if self._course.shows(event):
                return event

    def close(self) -> None:
        """Ends the watch: whoever waits for its next event is told that there is none."""
        self._closed.set()
        self._drop()

    def _receive(self) -> WatchEvent | None:
        """The next event, of any type; None when the watch is closed."""
        while (stream := self._open()) is not None:
            try:
                for answer in stream:
                    event = self._course.take(answer)
                    if event is not None:
                        return event
                failure, is_lost, cause = _ended(), True, None
            except grpc.RpcError as error:
                failure, is_lost, cause = from_rpc(error, is_write=False), is_broken(error), error
            self._drop()
            if self._closed.is_set():
                return None
            pause = self._course.pause(failure, is_lost=is_lost)
            if pause is None:
                self.close()
                raise failure from cause
            self._closed.wait(pause)
        return None

    def _open(self) -> Any:
        """The call under way, or a new one; None when the watch is closed."""
        with self._lock:
            if self._closed.is_set():
                return None
            if self._stream is not None:
                return self._stream
            stream = self._stream = self._start(self._course.request())
        # A server that is not there tells nothing of itself.
        if stream.initial_metadata():
            self._course.is_answered()
        return stream

    def _drop(self) -> None:
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            # Whoever stops reading must not leave the server sending.
            stream.cancel()


class AsyncWatch:
    """The changes of the resources of a kind, in the order of their commits, each told once; an asynchronous iterator.

    It never ends by itself. When the server goes away it is asked again, and the watch goes on where it was. After an error
    it has ended. As a context manager it has begun when its block begins, and is closed at the end. A task that is cancelled
    while it waits for an event loses none: the next one to wait goes on after the last that was told.
    """

    def __init__(self, start: Start, course: Course) -> None:
        self._start = start
        self._course = course
        self._stream: Any = None
        self._kept: WatchEvent | None = None
        self._closed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __del__(self) -> None:
        # gRPC keeps a call that nobody reads any more, and objects are dropped by any thread.
        if self._stream is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stream.cancel)

    @property
    def cursor(self) -> str:
        """All up to here was told: another watch that begins after it misses nothing. Empty when nothing is known yet."""
        return self._course.cursor

    async def __aenter__(self) -> AsyncWatch:
        if self._kept is None and not self._course.has_place:
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
            if self._course.shows(event):
                return event

    async def aclose(self) -> None:
        """Ends the watch: whoever waits for its next event is told that there is none."""
        self._closed.set()
        self._drop()

    async def _receive(self) -> WatchEvent | None:
        """The next event, of any type; None when the watch is closed."""
        while not self._closed.is_set():
            try:
                answer = await self._read()
                if answer is not grpc.aio.EOF:
                    event = self._course.take(answer)
                    if event is not None:
                        return event
                    continue
                failure, is_lost, cause = _ended(), True, None
            except grpc.RpcError as error:
                failure, is_lost, cause = from_rpc(error, is_write=False), is_broken(error), error
            except asyncio.CancelledError:
                # So ends a call that the server took back, too, though nobody cancelled the task.
                if not self._closed.is_set() and not await _is_taken_back(self._stream):
                    self._drop()
                    raise
                failure, is_lost, cause = _ended(), True, None
            self._drop()
            if self._closed.is_set():
                return None
            pause = self._course.pause(failure, is_lost=is_lost)
            if pause is None:
                await self.aclose()
                raise failure from cause
            await self._rest(pause)
        return None

    async def _read(self) -> Any:
        """The next message of the call under way, or of a new one."""
        stream = self._stream
        if stream is None:
            self._loop = asyncio.get_running_loop()
            stream = self._stream = self._start(self._course.request())
            # A server that is not there tells nothing of itself.
            if await stream.initial_metadata():
                self._course.is_answered()
        return await stream.read()

    async def _rest(self, seconds: float) -> None:
        """Waits, or until the watch is closed."""
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # Whoever stops reading must not leave the server sending.
            stream.cancel()


def _ended() -> KindstoreError:
    return Unavailable("the server ended the watch")


async def _is_taken_back(stream: Any) -> bool:
    return stream is not None and stream.done() and is_taken_back(await stream.details())
