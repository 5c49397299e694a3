#!/usr/bin/env python3
"""What the cases cannot show: repetitions, broken connections, deadlines, documents, and streams, in both clients."""

from __future__ import annotations

import asyncio
import functools
import operator
import socket
import sys
import time
import unittest
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from kindstore import (
    NO_RETRY,
    AsyncClient,
    BadRequest,
    Client,
    DeadlineExceeded,
    Invalid,
    KindstoreError,
    NotFound,
    OutcomeUnknown,
    PayloadTooLarge,
    Resource,
    Retry,
    Unavailable,
)
from kindstore._generated import resource_pb2 as values
from kindstore._generated import resource_service_pb2 as api
from kindstore._generated import resource_service_pb2_grpc as rpc
from server import Server

FAST = Retry(attempts=3, first=0.001, longest=0.002)
MINIMAL = {"metadata": {"name": "a"}, "spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}}


TARGET = {"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}}


class Fake(rpc.ResourceServiceServicer):
    """A server that fails as it is told, once for each failure in the list."""

    def __init__(self, failures: list[Callable[[grpc.ServicerContext], None]], after: int = 0) -> None:
        self.failures, self.after, self.calls = failures, after, 0

    def _fail(self, context: grpc.ServicerContext) -> None:
        self.calls += 1
        if self.failures:
            self.failures.pop(0)(context)

    def Get(self, request: api.GetRequest, context: grpc.ServicerContext) -> api.GetResponse:
        self._fail(context)
        return api.GetResponse(resource=values.Resource(kind=request.kind))

    def Create(self, request: api.CreateRequest, context: grpc.ServicerContext) -> api.CreateResponse:
        self._fail(context)
        return api.CreateResponse(resource=values.Resource(kind=request.kind))

    def StreamList(self, request: api.StreamListRequest, context: grpc.ServicerContext) -> Iterator[api.StreamListResponse]:
        for _ in range(self.after):
            yield api.StreamListResponse(resource=values.Resource(kind=request.kind))
        self._fail(context)
        yield api.StreamListResponse(resource=values.Resource(kind=request.kind))


def of_store(reason: str, code: grpc.StatusCode) -> Callable[[grpc.ServicerContext], None]:
    """A failure that the store explains."""
    detail = AnyMessage()
    detail.Pack(error_details_pb2.ErrorInfo(reason=reason, domain="kindstore", metadata={"kind": "Deployment"}))
    status = status_pb2.Status(code=code.value[0], message="told so", details=[detail])

    def fail(context: grpc.ServicerContext) -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(code, "told so")

    return fail


def of_nobody(code: grpc.StatusCode, text: str = "broken") -> Callable[[grpc.ServicerContext], None]:
    """A failure that something between here and the store tells."""
    return lambda context: context.abort(code, text)


UNAVAILABLE = of_store("Unavailable", grpc.StatusCode.UNAVAILABLE)
BROKEN = of_nobody(grpc.StatusCode.UNAVAILABLE)


class Blocking:
    def __init__(self, address: str, **options: Any) -> None:
        self.client = Client(address, **options)

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        return getattr(self.client, method)(*arguments, **options)

    def stream(self, kind: str, **options: Any) -> list[Resource]:
        return list(self.client.stream_list(kind, **options))

    def close(self) -> None:
        self.client.close()


class Asyncio:
    def __init__(self, address: str, **options: Any) -> None:
        self.runner = asyncio.Runner()

        async def make() -> AsyncClient:
            return AsyncClient(address, **options)

        self.client = self.runner.run(make())

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        return self.runner.run(getattr(self.client, method)(*arguments, **options))

    def stream(self, kind: str, **options: Any) -> list[Resource]:
        async def read() -> list[Resource]:
            return [item async for item in self.client.stream_list(kind, **options)]

        return self.runner.run(read())

    def close(self) -> None:
        self.runner.run(self.client.close())
        self.runner.close()


class Shared:
    """The tests; each runs with both clients."""

    make: type[Blocking] | type[Asyncio]

    def connect(self, address: str, **options: Any) -> Any:
        client = self.make(address, **options)
        self.addCleanup(client.close)  # type: ignore[attr-defined]
        return client

    def fake(self, *failures: Callable[[grpc.ServicerContext], None], after: int = 0, retry: Retry = FAST) -> Any:
        fake = Fake(list(failures), after)
        server = grpc.server(futures.ThreadPoolExecutor(2))
        rpc.add_ResourceServiceServicer_to_server(fake, server)  # type: ignore[no-untyped-call]
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())  # type: ignore[attr-defined]
        return fake, self.connect(f"127.0.0.1:{port}", retry=retry)

    def raises(self, kind: type[KindstoreError], call: Callable[[], Any]) -> KindstoreError:
        try:
            call()
        except KindstoreError as error:
            assert type(error) is kind, error
            return error
        raise AssertionError(f"{kind.__name__} is not raised")

    def test_what_the_store_calls_unavailable_is_repeated_even_for_writes(self) -> None:
        fake, client = self.fake(UNAVAILABLE, UNAVAILABLE)
        client.call("create", "Deployment", MINIMAL)
        assert fake.calls == 3

    def test_repetitions_are_bounded(self) -> None:
        fake, client = self.fake(*[UNAVAILABLE] * 9)
        error = self.raises(Unavailable, lambda: client.call("get", "Deployment", "a"))
        assert fake.calls == 3 and error.message == "told so" and error.context == {"kind": "Deployment"}

    def test_repetitions_can_be_turned_off(self) -> None:
        fake, client = self.fake(UNAVAILABLE, retry=NO_RETRY)
        self.raises(Unavailable, lambda: client.call("get", "Deployment", "a"))
        assert fake.calls == 1

    def test_a_read_is_repeated_after_a_broken_connection(self) -> None:
        fake, client = self.fake(BROKEN)
        client.call("get", "Deployment", "a")
        assert fake.calls == 2

    def test_a_write_is_not_repeated_after_a_broken_connection(self) -> None:
        fake, client = self.fake(BROKEN)
        self.raises(OutcomeUnknown, lambda: client.call("create", "Deployment", MINIMAL))
        assert fake.calls == 1

    def test_a_dry_run_is_a_read(self) -> None:
        fake, client = self.fake(BROKEN)
        client.call("create", "Deployment", MINIMAL, dry_run=True)
        assert fake.calls == 2

    def test_an_unknown_outcome_is_never_repeated(self) -> None:
        fake, client = self.fake(of_store("OutcomeUnknown", grpc.StatusCode.UNKNOWN))
        self.raises(OutcomeUnknown, lambda: client.call("create", "Deployment", MINIMAL))
        assert fake.calls == 1

    def test_a_reason_that_is_newer_than_the_package_is_told(self) -> None:
        _, client = self.fake(of_store("Novel", grpc.StatusCode.ABORTED))
        error = self.raises(KindstoreError, lambda: client.call("create", "Deployment", MINIMAL))
        assert (error.reason, error.code) == ("Novel", "ABORTED")

    def test_a_server_that_is_not_there_has_changed_nothing(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            client = self.connect("127.0.0.1:%d" % taken.getsockname()[1], retry=FAST)
            self.raises(Unavailable, lambda: client.call("create", "Deployment", MINIMAL))

    def test_a_late_read_is_late_and_a_late_write_is_unknown(self) -> None:
        _, client = self.fake(*[lambda _: time.sleep(0.5)] * 2)
        self.raises(DeadlineExceeded, lambda: client.call("get", "Deployment", "a", deadline=0.1))
        self.raises(OutcomeUnknown, lambda: client.call("create", "Deployment", MINIMAL, deadline=0.1))

    def test_a_stream_is_repeated_until_it_has_begun(self) -> None:
        fake, client = self.fake(BROKEN)
        assert len(client.stream("Deployment")) == 1 and fake.calls == 2
        fake, client = self.fake(BROKEN, after=1)
        self.raises(Unavailable, lambda: client.stream("Deployment"))
        assert fake.calls == 1

    def test_documents_are_mappings_resources_and_texts(self) -> None:
        with Server() as server:
            client = self.connect(server.address)
            client.call("create", "DeploymentTarget", TARGET)
            first = client.call("create", "Deployment", MINIMAL).resource
            text = "metadata: {name: b}\nspec: {deploymentTargetName: jobs, template: {spec: {artifact: {kind: JAR, jarUri: 's3://a/b.jar'}, kubernetes: {jobManagerPodTemplate: {big: 9007199254740993}}}}}"
            second = client.call("create", "Deployment", text.encode()).resource
            free = ("template", "spec", "kubernetes", "jobManagerPodTemplate", "big")
            assert functools.reduce(operator.getitem, free, second.spec) == 9007199254740993
            again = client.call("upsert", "Deployment", "b", second)
            assert (again.created, again.revision, again.resource) == (False, 0, second)
            nested: Any = 18446744073709551615
            for name in reversed(free):
                nested = {name: nested}
            exact = client.call("patch", "Deployment", "b", {"spec": nested}).resource
            assert functools.reduce(operator.getitem, free, exact.spec) == 18446744073709551615
            assert client.call("list", "Deployment", page_size=1) == client.stream("Deployment") == [first, exact]

    def test_documents_that_json_cannot_hold_are_refused_here(self) -> None:
        client = self.connect("127.0.0.1:1")
        for document, kind in (({"a": float("nan")}, ValueError), ({"a": object()}, TypeError), (7, TypeError)):
            try:
                client.call("create", "Deployment", document)
            except kind:
                continue
            raise AssertionError(f"{document} is not refused")

    def test_validation_answers_problems(self) -> None:
        with Server() as server:
            client = self.connect(server.address)
            client.call("create", "DeploymentTarget", TARGET)
            bad = client.call("validate", "create", "Deployment", {"metadata": {"name": "A"}, "spec": {"deploymentTargetName": "jobs"}})
            artifact = "spec.template.spec.artifact"
            assert not bad.valid and {one.attribute for one in bad.problems} == {"metadata.name", artifact}
            good = client.call("validate", "upsert", "Deployment", MINIMAL, key="a")
            assert good.valid and good.resource.metadata.name == "a" and client.call("list", "Deployment") == []
            error = self.raises(Invalid, lambda: client.call("create", "Deployment", {"metadata": {"name": "A"}}))
            assert "metadata.name" in {one.field for one in error.violations} and "metadata.name" in str(error)
            assert all(one.reason for one in error.violations)
            text = "metadata:\n  name: jbos\nspec:\n  kubernets: {}\n"
            strict = self.raises(Invalid, lambda: client.call("create", "DeploymentTarget", text, field_validation="strict"))
            found = [(one.field, one.reason, one.line, one.column, one.hint) for one in strict.violations]
            assert ("spec.kubernets", "isUnknown", 4, 3, "did you mean kubernetes?") in found
            self.raises(NotFound, lambda: client.call("validate", "patch", "Deployment", {}, key="none"))
            self.raises(NotFound, lambda: client.call("validate", "json_patch", "Deployment", [], key="none"))

    def test_kinds_are_told(self) -> None:
        with Server() as server:
            client = self.connect(server.address)
            found = client.call("kind", "DEPLOYMENTS")
            assert (found.kind, found.key_scheme, "patch" in found.verbs) == ("Deployment", "name", True)
            assert found in client.call("kinds")
            self.raises(BadRequest, lambda: client.call("kind", "nothing"))

    def test_what_is_too_large_or_no_request_says_so(self) -> None:
        with Server() as server:
            client = self.connect(server.address)
            large = {"metadata": {"name": "a"}, "spec": {"text": "x" * (3 << 20)}}
            self.raises(PayloadTooLarge, lambda: client.call("create", "Deployment", large))
            self.raises(BadRequest, lambda: client.call("create", "Deployment", "[1"))


class BlockingTests(Shared, unittest.TestCase):
    make = Blocking


class AsyncioTests(Shared, unittest.TestCase):
    make = Asyncio


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=0, stream=sys.stderr).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(0 if result.wasSuccessful() else 1)
