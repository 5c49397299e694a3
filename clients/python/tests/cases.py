#!/usr/bin/env python3
"""Plays the shared cases, `tests/cases/**/*.yaml`, through both clients against real servers.

Every case has its own server. Steps of the system have no public interface and later steps depend on them, so a case is played
up to the first such step. Times come from the server's clock, so only their format is compared. Resources from `get` are also
compared with those of REST.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from kindstore import (
    AsyncClient,
    Client,
    CommitOutcome,
    Comparison,
    History,
    Kind,
    KindstoreError,
    NotFound,
    Operation,
    OperationOutcome,
    Resource,
    Version,
    Violation,
    WatchEvent,
    WriteOutcome,
)
from server import ROOT, Server

CASES = ROOT / "tests" / "cases"
VERBS = (
    "create", "get", "list", "upsert", "patch", "json-patch", "delete", "history", "get-version", "compare", "rollback",
    "undelete", "commit", "watch",
)  # fmt: skip
STEP_WORDS = {
    "namespace", "key", "body", "text", "format", "dryRun", "applyDefaults", "fieldValidation", "reveal", "version",
    "expect", "save", "note", "global", "labelSelector", "fieldSelector", "from", "to", "revision", "limit",
    "continue", "authored", "saveRevision", "saveContinue", "saveCursor", "operations", "repeat",
}  # fmt: skip
EXPECT_WORDS = {
    "status", "reason", "message", "errors", "object", "absent", "names", "warnings", "equal", "entries", "more",
    "results", "count", "events",
}  # fmt: skip
# The table of the documentation once more, so that a slip in it is seen.
STATUS = {
    "Invalid": 400, "BadRequest": 400, "NotFound": 404, "MethodNotAllowed": 405, "AlreadyExists": 409, "Conflict": 409,
    "Blocked": 409, "Expired": 410, "PreconditionFailed": 412, "NotImplemented": 501,
}  # fmt: skip
# The kinds with a flat form in REST: the prefix of their names, and where the members of the form are in the envelope.
FLAT = {
    "Namespace": (
        "namespaces/",
        {
            "createTime": "/metadata/createdAt",
            "lifecyclePhase": "/status/lifecyclePhase",
            "previewSessionClusterName": "/spec/previewSessionClusterName",
            "roleBindings": "/spec/roleBindings",
        },
    )
}
SELECTORS = {"label_selector": "labelSelector", "field_selector": "fieldSelector"}
#: An event that does not come for so long does not come.
LONGEST = 10.0
TIMES = {"createdAt": r"\.\d{6}Z", "modifiedAt": r"\.\d{6}Z", "createTime": "Z"}
NOBODY = "07070707-0707-0707-0707-070707070707"


class Wrong(Exception):
    """An answer is not as expected."""


@dataclass
class Answer:
    """The answer of a client in the form that cases speak of."""

    status: int = 200
    reason: str | None = None
    message: str = ""
    errors: list[Violation] = field(default_factory=list)
    document: dict[str, Any] | None = None
    items: list[dict[str, Any]] | None = None
    warnings: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    revision: int = 0
    token: str = ""


class Blocking:
    """The client for blocking code."""

    name = "Client"

    def __init__(self, address: str) -> None:
        self._client = Client(address)

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        return getattr(self._client, method)(*arguments, **options)

    def stream(self, kind: str, **options: Any) -> list[Resource]:
        return list(self._client.stream_list(kind, **options))

    def watch(self, kind: str, count: int, **options: Any) -> list[WatchEvent]:
        with self._client.watch(kind, **options) as watch:
            timer = threading.Timer(LONGEST, watch.close)
            timer.start()
            try:
                return [event for _, event in zip(range(count), watch)]
            finally:
                timer.cancel()

    def close(self) -> None:
        self._client.close()


class Asyncio:
    """The client for asyncio."""

    name = "AsyncClient"

    def __init__(self, address: str) -> None:
        self._runner = asyncio.Runner()

        async def make() -> AsyncClient:
            return AsyncClient(address)

        self._client = self._runner.run(make())

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        return self._runner.run(getattr(self._client, method)(*arguments, **options))

    def stream(self, kind: str, **options: Any) -> list[Resource]:
        async def read() -> list[Resource]:
            return [item async for item in self._client.stream_list(kind, **options)]

        return self._runner.run(read())

    def watch(self, kind: str, count: int, **options: Any) -> list[WatchEvent]:
        async def read() -> list[WatchEvent]:
            async with self._client.watch(kind, **options) as watch:
                return [await asyncio.wait_for(anext(watch), LONGEST) for _ in range(count)]

        return self._runner.run(read())

    def close(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


Player = Blocking | Asyncio


def play_step(player: Player, address: str, step: dict[str, Any], verb: str) -> Answer:
    """Makes the request of a step."""
    try:
        return request(player, address, step, verb)
    except KindstoreError as error:
        if error.reason not in STATUS:
            raise
        return Answer(STATUS[error.reason], error.reason, error.message, list(error.violations))


def request(player: Player, address: str, step: dict[str, Any], verb: str) -> Answer:
    if verb == "commit":
        return commit(player, step)
    kind, key = step[verb], step.get("key", "")
    options: dict[str, Any] = {"namespace": None if step.get("global") else step.get("namespace", "default")}
    if verb == "list":
        options |= {name: step.get(word, "") for name, word in SELECTORS.items()}
        options["revision"] = int(step["revision"]) if "revision" in step else None
        if {"limit", "continue", "saveRevision"} & set(step):
            page = player.call("list_page", kind, page_size=step.get("limit", 0), page_token=step.get("continue", ""), **options)
            items = [shown(item) for item in page.resources]
            return Answer(items=items, revision=page.revision, token=page.next_page_token)
        # In pages of two, so that every case of a list is one of paging too.
        items = player.call("list", kind, page_size=2, **options)
        if player.stream(kind, **options) != items:
            raise Wrong("the streamed list is another one")
        return Answer(items=[shown(item) for item in items])
    if verb == "watch":
        return watched(player, step, options)
    if verb in ("history", "get-version", "compare"):
        return past(player, step, verb, options)
    if verb == "get":
        revision = int(step["revision"]) if "revision" in step else None
        found = player.call("get", kind, key, reveal=step.get("reveal", False), revision=revision, **options)
        if kind not in FLAT and not step.get("reveal") and revision is None:
            compare_with_rest(address, player.call("kind", kind), found)
        return Answer(document=shown(found))
    options["dry_run"] = step.get("dryRun", False)
    if verb == "undelete":
        undeleted: WriteOutcome = player.call("undelete", kind, key, **options)
        return Answer(status=201, document=shown(undeleted.resource))
    arguments, chosen = write(player, step, verb, options["namespace"])
    options |= chosen
    written: WriteOutcome = player.call(verb.replace("-", "_"), *arguments, **options)
    return Answer(
        status=201 if written.created and kind not in FLAT else 200,
        document=shown(written.resource),
        warnings=[f"{one.attribute}: {one.message}" for one in written.warnings],
    )


def write(
    player: Player, step: dict[str, Any], verb: str, namespace: str | None
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a write that are the same alone and in a transaction."""
    kind, key = step[verb], step.get("key", "")
    options: dict[str, Any] = {}
    if "version" in step:
        options["expected_version"] = step["version"]
        options["expected_id"] = id_of(player, kind, key, namespace)
    if verb == "upsert":
        options["without_defaults"] = step.get("applyDefaults") is False
    arguments = [kind] if verb == "create" else [kind, key]
    if verb == "rollback":
        arguments.append(step["from"])
    elif verb != "delete":
        arguments.append(step["text"] if "text" in step else step["body"])
        options["field_validation"] = step.get("fieldValidation", "Warn").lower()
        if "text" in step:
            options["format"] = step.get("format", "yaml")
    return arguments, options


def commit(player: Player, step: dict[str, Any]) -> Answer:
    namespace = step["commit"]
    operations = []
    for raw in step["operations"]:
        for number in range(raw.get("repeat", 1)):
            one = substitute(raw, {"number": str(number)})
            verb = next(word for word in one if word in VERBS)
            arguments, options = write(player, one, verb, namespace)
            operations.append(getattr(Operation, verb.replace("-", "_"))(*arguments, **options))
    done: CommitOutcome = player.call("commit", namespace, operations, dry_run=step.get("dryRun", False))
    return Answer(
        items=[shown(one.resource) for one in done.results],
        words=[word(one) for one in done.results],
        warnings=[f"{one.attribute}: {one.message}" for result in done.results for one in result.warnings],
    )


def word(result: OperationOutcome) -> str:
    if result.deleted:
        return "deleted"
    return "created" if result.created else "configured" if result.changed else "unchanged"


def watched(player: Player, step: dict[str, Any], options: dict[str, Any]) -> Answer:
    """As many events of a watch as are expected, as REST tells them."""
    begin, count = step.get("from"), len(step["expect"].get("events", [""]))
    options |= {name: step.get(word, "") for name, word in SELECTORS.items()}
    options |= {"list": True} if begin == "list" else {"cursor": begin}
    events = player.watch(step["watch"], count, key=step.get("key"), bookmarks=True, **options)
    items: list[dict[str, Any]] = []
    for event in events:
        if not event.cursor.startswith(str(event.revision)):
            raise Wrong(f"the cursor {event.cursor} is not of revision {event.revision}")
        object = {} if event.resource is None else {"object": shown(event.resource)}
        items.append({"type": event.type, "cursor": event.cursor} | object)
    return Answer(items=items)


def past(player: Player, step: dict[str, Any], verb: str, options: dict[str, Any]) -> Answer:
    """The answers about versions."""
    kind, key = step[verb], step.get("key", "")
    if verb == "get-version":
        return Answer(document=told(player.call("version", kind, key, step["from"], **options)))
    if verb == "compare":
        found: Comparison = player.call("compare", kind, key, step["from"], step.get("to"), **options)
        items = [
            {"path": one.path} | ({"old": one.old} if one.has_old else {}) | ({"new": one.new} if one.has_new else {})
            for one in found.differences
        ]
        return Answer(document={"from": found.from_version, "to": found.to_version}, items=items)
    options["authored_only"] = step.get("authored", False)
    if "limit" in step or "continue" in step:
        options |= {"page_size": step.get("limit", 0), "page_token": step.get("continue", "")}
        history: History = player.call("history_page", kind, key, **options)
    else:
        history = player.call("history", kind, key, **options)
    items = [told(version) for version in history.versions]
    return Answer(document={"deleted": history.deleted}, items=items, token=history.next_page_token)


def told(version: Version) -> dict[str, Any]:
    """A version as REST tells it."""
    document = {
        "version": version.version,
        "revision": version.revision,
        "authored": version.authored,
        "resource": shown(version.resource),
    }
    return document if version.ended_revision is None else document | {"endedRevision": version.ended_revision}


def id_of(player: Player, kind: str, key: str, namespace: str | None) -> str:
    try:
        found: Resource = player.call("get", kind, key, namespace=namespace)
        return found.metadata.id
    except NotFound:
        return NOBODY


def shown(resource: Resource) -> dict[str, Any]:
    """The document that REST shows: the flat form where the kind has one."""
    document = resource.to_dict()
    if resource.kind not in FLAT:
        return document
    prefix, members = FLAT[resource.kind]
    flat: dict[str, Any] = {"name": f"{prefix}{resource.metadata.name}"}
    for name, pointer in members.items():
        found, value = at(document, pointer)
        if found:
            flat[name] = re.sub(r"\.\d+Z$", "Z", value) if name in TIMES else value
    return flat


def compare_with_rest(address: str, kind: Kind, found: Resource) -> None:
    namespace = found.metadata.namespace
    parts = [*(["namespaces", namespace] if namespace else []), kind.plural]
    if kind.key_scheme != "singleton":
        parts.append(found.metadata.id)
    path = "/".join(urllib.parse.quote(str(part), safe="") for part in parts)
    with urllib.request.urlopen(f"http://{address}{kind.group}/{path}") as response:
        answered = response.read().decode()
    if json.dumps(json.loads(answered)) != json.dumps(found.to_dict()):
        raise Wrong(f"REST answers {answered}, to_dict() is {found.to_dict()}")


def at(document: Any, pointer: str) -> tuple[bool, Any]:
    """Whether a JSON pointer leads somewhere, and what is there."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or part not in document:
            return False, None
        document = document[part]
    return True, document


def contains(found: Any, wanted: Any, name: str = "") -> bool:
    """Whether a value has at least these members, at every depth; anything but an object must be equal."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return all(member in found and contains(found[member], value, member) for member, value in wanted.items())
    if name in TIMES:
        return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + TIMES[name], str(found)) is not None
    return same(found, wanted)


def same(one: Any, two: Any) -> bool:
    # As text, because Python takes True for 1 and 1 for 1.0.
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)


def check(answer: Answer, expected: dict[str, Any]) -> None:
    """Raises `Wrong` when the answer is not as expected."""
    if unknown := set(expected) - EXPECT_WORDS:
        raise Wrong(f"unknown words in `expect`: {unknown}")
    document = answer.document
    found_errors = {one.field: one for one in answer.errors}
    judges: dict[str, Callable[[Any], bool]] = {
        "status": lambda wanted: wanted == answer.status,
        "reason": lambda wanted: wanted == answer.reason,
        "message": lambda wanted: wanted in answer.message,
        "errors": lambda wanted: len(answer.errors) == len(wanted)
        and all(attribute in found_errors and is_error(found_errors[attribute], one) for attribute, one in wanted.items()),
        "object": lambda wanted: document is not None and contains(document, wanted),
        "equal": lambda wanted: document is not None and same(document.get("spec"), wanted),
        "absent": lambda wanted: document is not None and not any(at(document, pointer)[0] for pointer in wanted),
        "names": lambda wanted: names(answer) == wanted,
        "entries": lambda wanted: answer.items is not None
        and len(answer.items) == len(wanted)
        and all(contains(found, one) for found, one in zip(answer.items, wanted)),
        "events": lambda wanted: events_of(answer) == wanted,
        "more": lambda wanted: wanted == (answer.token != ""),
        "results": lambda wanted: answer.words == wanted,
        "count": lambda wanted: answer.items is not None and len(answer.items) == wanted,
        "warnings": lambda wanted: len(answer.warnings) == len(wanted)
        and all(found.startswith(start) for found, start in zip(sorted(answer.warnings), sorted(wanted))),
    }
    for word, wanted in expected.items():
        if not judges[word](wanted):
            raise Wrong(f"{word} is not as expected in {answer}")
    if "status" not in expected and answer.status >= 300:
        raise Wrong(f"what is not expected to fail failed: {answer}")


def is_error(found: Violation, wanted: str | dict[str, str]) -> bool:
    """Whether a problem has this part in its message, or this code, place and part of its message."""
    if isinstance(wanted, str):
        return wanted in found.message
    judges: dict[str, Callable[[str], bool]] = {
        "code": lambda code: code == found.reason,
        "at": lambda place: place == f"{found.line}:{found.column}",
        "message": lambda part: part in found.message,
    }
    return found.message.endswith(found.hint) and all(judges[word](value) for word, value in wanted.items())


def events_of(answer: Answer) -> list[str]:
    """The events of a watch: what happened, and of resources the name and the version."""
    found = []
    for item in answer.items or []:
        name = at(item, "/object/metadata/name")[1] or at(item, "/object/name")[1]
        words = [item["type"], name, at(item, "/object/metadata/resourceVersion")[1]]
        found.append(" ".join(str(word) for word in words if word is not None))
    return found


def names(answer: Answer) -> list[Any]:
    return [at(item, "/metadata/name")[1] or item.get("name") for item in answer.items or []]


def substitute(value: Any, kept: dict[str, str]) -> Any:
    """The ids that earlier steps kept in the place of `${name}`."""
    if isinstance(value, str):
        for name, kept_id in kept.items():
            value = value.replace("${" + name + "}", kept_id)
        return value
    if isinstance(value, list):
        return [substitute(item, kept) for item in value]
    if isinstance(value, dict):
        return {name: substitute(member, kept) for name, member in value.items()}
    return value


def play(case: dict[str, Any], make: type[Blocking] | type[Asyncio]) -> tuple[int, int]:
    """Plays a case; how many steps were played and how many were skipped."""
    if unknown := set(case) - {"about", "plainSecrets", "steps"}:
        raise Wrong(f"unknown words in the case: {unknown}")
    steps, kept = case["steps"], dict[str, str]()
    with Server(*(["--plain-secrets"] if case.get("plainSecrets") else [])) as server:
        player = make(server.address)
        try:
            for number, raw in enumerate(steps):
                step = substitute(raw, kept)
                verb = next(word for word in step if word.removeprefix("system-") in VERBS)
                if unknown := set(step) - STEP_WORDS - {verb}:
                    raise Wrong(f"step {number + 1}: unknown words {unknown}")
                if verb.startswith("system-"):
                    return number, len(steps) - number
                answer = play_step(player, server.address, step, verb)
                try:
                    check(answer, step["expect"])
                except Wrong as why:
                    raise Wrong(f"step {number + 1}: {why}") from None
                if "save" in step:
                    assert answer.document is not None
                    kept[step["save"]] = answer.document["metadata"]["id"]
                if "saveRevision" in step:
                    kept[step["saveRevision"]] = str(answer.revision)
                if "saveContinue" in step:
                    kept[step["saveContinue"]] = answer.token
                if "saveCursor" in step:
                    assert answer.items
                    kept[step["saveCursor"]] = answer.items[-1]["cursor"]
        finally:
            player.close()
    return len(steps), 0


def outcomes() -> Iterator[bool]:
    files = sorted(CASES.rglob("*.yaml"))
    assert len(files) >= 9, "there is a folder of cases for every kind"
    for make in (Blocking, Asyncio):
        played = skipped = 0
        for file in files:
            try:
                steps = play(yaml.safe_load(file.read_text()), make)
                played, skipped = played + steps[0], skipped + steps[1]
                yield True
            except Exception as why:  # Whatever goes wrong in a case is the case's failure.
                print(f"{make.name}, {file.relative_to(CASES)}: {type(why).__name__}: {why}", file=sys.stderr)
                yield False
        print(f"{make.name}: {len(files)} cases, {played} steps played, {skipped} skipped from the first system step on")


if __name__ == "__main__":
    results = list(outcomes())
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if all(results) else 1)
