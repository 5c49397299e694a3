#!/usr/bin/env python3
"""Watches in both clients: servers that go away and come back, places that are not kept, and calls that are not leaked."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc

from behaviour import BROKEN, FAST, UNAVAILABLE, of_nobody
from kindstore import (
    NO_RETRY,
    AsyncClient,
    AsyncWatch,
    BadRequest,
    Client,
    Expired,
    KindstoreError,
    NotFound,
    Unavailable,
    Watch,
    WatchEvent,
)
from kindstore._generated import resource_pb2 as values
from kindstore._generated import resource_service_pb2 as api
from kindstore._generated import resource_service_pb2_grpc as rpc
from server import Server

#: No event takes longer than this to come, or the test fails.
LONGEST = 20.0
RESET = of_nobody(grpc.StatusCode.CANCELLED, "Received RST_STREAM with error code 8")


def told(event: WatchEvent) -> tuple[str, str, int]:
    """An event in short."""
    if event.resource is None:
        return (event.type, "", 0)
    metadata = event.resource.metadata
    return (event.type, metadata.name or "", metadata.resource_version)


class Blocking:
    """Watches of the client for blocking code."""

    def __init__(self, address: str, **options: Any) -> None:
        self.client = Client(address, **options)

    def watch(self, **options: Any) -> Watch:
        return self.client.watch("DeploymentTarget", **options)

    def begin(self, watch: Watch) -> None:
        watch.__enter__()

    def take(self, watch: Watch, count: int) -> list[WatchEvent]:
        timer = threading.Timer(LONGEST, watch.close)
        timer.start()
        try:
            return [event for _, event in zip(range(count), watch)]
        finally:
            timer.cancel()

    def end(self, watch: Watch) -> None:
        watch.close()

    def close(self) -> None:
        self.client.close()


class Asyncio:
    """Watches of the client for asyncio."""

    def __init__(self, address: str, **options: Any) -> None:
        self.runner = asyncio.Runner()

        async def make() -> AsyncClient:
            return AsyncClient(address, **options)

        self.client = self.runner.run(make())

    def watch(self, **options: Any) -> AsyncWatch:
        async def make() -> AsyncWatch:
            return self.client.watch("DeploymentTarget", **options)

        return self.runner.run(make())

    def begin(self, watch: AsyncWatch) -> None:
        self.runner.run(watch.__aenter__())

    def take(self, watch: AsyncWatch, count: int) -> list[WatchEvent]:
        async def read() -> list[WatchEvent]:
            found = []
            async for event in watch:
                found.append(event)
                if len(found) == count:
                    break
            return found

        async def read_in_time() -> list[WatchEvent]:
            return await asyncio.wait_for(read(), LONGEST)

        return self.runner.run(read_in_time())

    def end(self, watch: AsyncWatch) -> None:
        self.runner.run(watch.aclose())

    def close(self) -> None:
        self.runner.run(self.client.close())
        self.runner.close()


class Fake(rpc.ResourceServiceServicer):
    """A server whose watches tell some changes and then fail as they are told, or stay quiet."""

    def __init__(self, failures: list[Callable[[grpc.ServicerContext], None]], after: int) -> None:
        self.failures, self.after = failures, after
        self.requests: list[api.WatchRequest] = []
        #: As often released as calls have ended.
        self.ended = threading.Semaphore(0)

    def Watch(self, request: api.WatchRequest, context: grpc.ServicerContext) -> Iterator[api.WatchResponse]:
        self.requests.append(request)
        quiet = threading.Event()
        context.add_callback(quiet.set)
        context.add_callback(self.ended.release)
        begin = int(request.cursor or 1)
        for number in range(begin, begin + self.after):
            found = values.Resource(kind=request.kind, metadata=values.Metadata(resource_version=number + 1))
            yield api.WatchResponse(
                change_type=api.CHANGE_TYPE_ADDED, cursor=str(number + 1), resource=found, revision=number + 1
            )
        if self.failures:
            self.failures.pop(0)(context)
        quiet.wait(LONGEST)


class Shared:
    """The tests; each runs with both clients."""

    make: type[Blocking] | type[Asyncio]

    def connect(self, address: str, **options: Any) -> Any:
        client = self.make(address, **options)
        self.addCleanup(client.close)  # type: ignore[attr-defined]
        return client

    def fake(self, *failures: Callable[[grpc.ServicerContext], None], after: int = 1, **options: Any) -> Any:
        fake = Fake(list(failures), after)
        server = grpc.server(futures.ThreadPoolExecutor(4))
        rpc.add_ResourceServiceServicer_to_server(fake, server)  # type: ignore[no-untyped-call]
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())  # type: ignore[attr-defined]
        return fake, self.connect(f"127.0.0.1:{port}", **{"retry": FAST, **options})

    def raises(self, kind: type[KindstoreError], call: Callable[[], Any]) -> KindstoreError:
        try:
            call()
        except KindstoreError as error:
            assert type(error) is kind, error
            return error
        raise AssertionError(f"{kind.__name__} is not raised")

    def test_a_server_that_comes_back_is_watched_on_and_nothing_is_lost_or_told_twice(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder=folder)
            client = self.connect(server.address)
            watch = client.watch()
            client.begin(watch)
            found = []
            for number, end in enumerate((Server.stop, Server.kill, Server.stop)):
                change(server.address, 10 * number, 10)
                # What is not taken yet when the server goes is told by the next one.
                found += client.take(watch, 5)
                end(server)
                server = Server(folder=folder, listen=server.address)
                found += client.take(watch, 5)
            with server:
                change(server.address, 30, 1)
                found += client.take(watch, 1)
                client.end(watch)
            assert [told(event)[2] for event in found] == list(range(1, 32)), list(map(told, found))
            assert {told(event)[:2] for event in found} == {("ADDED", "a"), ("MODIFIED", "a")}
            assert watch.cursor == found[-1].cursor

    def test_a_place_that_is_not_kept_any_more_has_expired(self) -> None:
        with Server("--keep-revisions", "10", "--keep-minutes", "0") as server:
            client = self.connect(server.address)
            begun = client.watch()
            client.begin(begun)
            cursor = begun.cursor
            client.end(begun)
            change(server.address, 0, 30)

            def expire() -> None:
                end = time.monotonic() + LONGEST
                while time.monotonic() < end:
                    watch = client.watch(cursor=cursor)
                    client.take(watch, 1)
                    client.end(watch)
                    time.sleep(0.1)

            self.raises(Expired, expire)
            # What there is can always be listed.
            watch = client.watch(list=True, bookmarks=True)
            assert list(map(told, client.take(watch, 2))) == [("ADDED", "a", 30), ("BOOKMARK", "", 0)]
            client.end(watch)

    def test_what_makes_no_sense_is_refused_and_not_asked_again(self) -> None:
        with Server() as server:
            client = self.connect(server.address)
            for options in ({"cursor": "x"}, {"cursor": "99"}, {"cursor": "1", "list": True}, {"label_selector": "a of"}):
                watch = client.watch(**options)
                self.raises(BadRequest, lambda: client.take(watch, 1))
                # After an error it has ended.
                assert client.take(watch, 1) == []
            self.raises(NotFound, lambda: client.take(client.watch(namespace="nowhere"), 1))

    def test_bookmarks_are_hidden_and_move_the_cursor(self) -> None:
        with Server() as server:
            client = self.connect(server.address)
            change(server.address, 0, 2)
            watch = client.watch(list=True)
            assert watch.cursor == ""
            assert list(map(told, client.take(watch, 1))) == [("ADDED", "a", 2)] and watch.cursor == ""
            change(server.address, 2, 1)
            [event] = client.take(watch, 1)
            assert told(event) == ("MODIFIED", "a", 3) and watch.cursor == event.cursor
            client.end(watch)
            now = client.watch()
            client.begin(now)
            assert now.cursor == str(event.revision)
            client.end(now)

    def test_a_call_that_breaks_is_made_again_after_the_last_cursor(self) -> None:
        for failure in (BROKEN, UNAVAILABLE, RESET):
            fake, client = self.fake(failure)
            watch = client.watch()
            assert [told(event)[2] for event in client.take(watch, 2)] == [2, 3]
            assert [request.cursor for request in fake.requests] == ["", "2"]
            client.end(watch)

    def test_a_list_is_begun_anew_only_if_nothing_of_it_was_told(self) -> None:
        fake, client = self.fake(BROKEN, after=0)
        watch = client.watch(list=True)
        self.raises(Unavailable, lambda: halfway(fake, client, watch))
        assert [request.list for request in fake.requests] == [True, True]

    def test_patience_ends_and_can_be_turned_off(self) -> None:
        fake, client = self.fake(*[BROKEN] * 1000, after=0)
        self.raises(Unavailable, lambda: client.take(client.watch(patience=0.2), 1))
        assert 3 < len(fake.requests) < 1000
        fake, client = self.fake(BROKEN, after=0, retry=NO_RETRY)
        self.raises(Unavailable, lambda: client.take(client.watch(), 1))
        assert len(fake.requests) == 1

    def test_a_watch_that_is_closed_or_dropped_leaves_no_call_behind(self) -> None:
        fake, client = self.fake()
        watch = client.watch()
        client.take(watch, 1)
        client.end(watch)
        assert client.take(watch, 1) == [] and fake.ended.acquire(timeout=LONGEST)
        watch = client.watch()
        client.take(watch, 1)
        del watch
        gc.collect()
        if isinstance(client, Asyncio):
            client.runner.run(asyncio.sleep(0.1))
        assert fake.ended.acquire(timeout=LONGEST)


def halfway(fake: Fake, client: Any, watch: Any) -> None:
    """Reads a list whose first call breaks before its beginning, and the second one after its first resource."""

    def begin(context: grpc.ServicerContext) -> None:
        fake.after = 1
        BROKEN(context)

    fake.failures = [begin, BROKEN]
    client.take(watch, 2)


def change(address: str, begin: int, count: int) -> None:
    """Makes so many changes of the target `a`, all of them told apart by a label."""
    with Client(address) as store:
        for number in range(begin, begin + count):
            document = {"metadata": {"labels": {"n": str(number)}}, "spec": {"kubernetes": {}}}
            store.upsert("DeploymentTarget", "a", document)


class BlockingTests(Shared, unittest.TestCase):
    make = Blocking

    def test_another_thread_can_close_a_watch_that_waits(self) -> None:
        fake, client = self.fake(after=0)
        watch = client.watch()
        threading.Timer(0.1, watch.close).start()
        assert list(watch) == [] and fake.ended.acquire(timeout=LONGEST)

    def test_a_block_is_closed_at_its_end(self) -> None:
        fake, client = self.fake()
        with client.watch(cursor="1") as watch:
            for event in watch:
                assert event.cursor == "2"
                break
        assert fake.ended.acquire(timeout=LONGEST)


class AsyncioTests(Shared, unittest.TestCase):
    make = Asyncio

    def test_another_task_can_close_a_watch_that_waits(self) -> None:
        fake, client = self.fake(after=0)

        async def run() -> list[WatchEvent]:
            watch: AsyncWatch = client.client.watch("DeploymentTarget")
            reading = asyncio.ensure_future(read_all(watch))
            await asyncio.sleep(0.1)
            await watch.aclose()
            return await reading

        assert client.runner.run(run()) == [] and fake.ended.acquire(timeout=LONGEST)

    def test_a_task_that_is_cancelled_leaves_no_call_behind_and_loses_nothing(self) -> None:
        fake, client = self.fake()

        async def run() -> list[int]:
            watch: AsyncWatch = client.client.watch("DeploymentTarget")
            found = [(await anext(watch)).revision]
            try:
                await asyncio.wait_for(anext(watch), 0.1)
            except asyncio.TimeoutError:
                assert await asyncio.to_thread(fake.ended.acquire, timeout=LONGEST)
                found.append((await anext(watch)).revision)
            reading = asyncio.ensure_future(read_all(watch))
            await asyncio.sleep(0.1)
            reading.cancel()
            await asyncio.wait([reading])
            assert reading.cancelled()
            return found

        assert client.runner.run(run()) == [2, 3] and fake.ended.acquire(timeout=LONGEST)


async def read_all(watch: AsyncWatch) -> list[WatchEvent]:
    return [event async for event in watch]


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=0, stream=sys.stderr).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
