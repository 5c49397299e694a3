"""What can go wrong: one exception for each thing that a caller can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from ._generated import resource_pb2 as values

_DOMAIN = "kindstore"
_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class Violation:
    """A problem of a document at one place."""

    #: The path of the member as people write it, such as ``spec.items[0]``.
    field: str
    #: What is wrong with it, and the way out.
    message: str
    #: Why, as a stable word for programs, such as ``isUnknown``.
    reason: str = ""
    #: The line in the text that was sent, from 1; None when the server does not say.
    line: int | None = None
    #: The character in its line, from 1.
    column: int | None = None
    #: The way out alone, where it is not plain from the message.
    hint: str = ""


class KindstoreError(Exception):
    """A call failed.

    The subclass says what can be done about it; ``reason`` is the same as a word, which REST answers as well.
    """

    #: The reason that the class stands for.
    default_reason: ClassVar[str] = "Internal"

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        context: Mapping[str, str] | None = None,
        violations: Sequence[Violation] = (),
        code: str = "",
    ) -> None:
        super().__init__(message)
        #: Why, as a stable word.
        self.reason = reason or self.default_reason
        #: Why, for people.
        self.message = message
        #: What it is about, such as the kind and the name, for programs.
        self.context: dict[str, str] = dict(context or {})
        #: Every problem of the document, when it is one that breaks the rules of its kind.
        self.violations: tuple[Violation, ...] = tuple(violations)
        #: The name of the gRPC code, such as ``NOT_FOUND``; empty when the call was not made.
        self.code = code

    def __str__(self) -> str:
        lines = [f"{self.reason}: {self.message}"]
        lines += [f"  {violation.field}: {violation.message}" for violation in self.violations]
        return "\n".join(lines)


class Invalid(KindstoreError):
    """The document breaks the rules of its kind: mend everything that ``violations`` lists."""

    default_reason = "Invalid"


class BadRequest(KindstoreError):
    """The text of the document or the request itself makes no sense: mend it."""

    default_reason = "BadRequest"


class Unauthorized(KindstoreError):
    """The server wants to know who calls."""

    default_reason = "Unauthorized"


class Forbidden(KindstoreError):
    """The caller may not do this."""

    default_reason = "Forbidden"


class NotFound(KindstoreError):
    """There is no such resource or namespace."""

    default_reason = "NotFound"


class MethodNotAllowed(KindstoreError):
    """The kind does not have this verb; the message lists those that it has."""

    default_reason = "MethodNotAllowed"


#: Another name for `MethodNotAllowed`.
Unsupported = MethodNotAllowed


class AlreadyExists(KindstoreError):
    """The name is taken: choose another one, or upsert."""

    default_reason = "AlreadyExists"


class Conflict(KindstoreError):
    """Somebody else changed the same thing at the same time, and nothing was stored: try again."""

    default_reason = "Conflict"


class Blocked(KindstoreError):
    """The resource is in a state that forbids this; the message says which state it must be in."""

    default_reason = "Blocked"


class Expired(KindstoreError):
    """The revision is no longer kept: begin anew from the newest one."""

    default_reason = "Expired"


class PreconditionFailed(KindstoreError):
    """The resource is not at the expected version: read it again, then repeat the change."""

    default_reason = "PreconditionFailed"


class PayloadTooLarge(KindstoreError):
    """A message is larger than what the other side takes."""

    default_reason = "PayloadTooLarge"


class TooManyRequests(KindstoreError):
    """The server asks to wait."""

    default_reason = "TooManyRequests"


class OutcomeUnknown(KindstoreError):
    """A write may have happened or not: read the resource before trying again.

    A write whose connection broke or whose deadline passed while it was under way ends so too.
    """

    default_reason = "OutcomeUnknown"


class Internal(KindstoreError):
    """The server failed inside; its log says why."""

    default_reason = "Internal"


class NotConfigured(KindstoreError):
    """The server is not set up for this; the message says what to configure."""

    default_reason = "NotImplemented"


class Unavailable(KindstoreError):
    """The server cannot be reached or cannot serve now, and nothing was changed: try again later."""

    default_reason = "Unavailable"


class DeadlineExceeded(KindstoreError):
    """A read took longer than its deadline. For a write see `OutcomeUnknown`."""

    default_reason = "DeadlineExceeded"


_CLASSES: dict[str, type[KindstoreError]] = {
    known.default_reason: known
    for known in (
        Invalid,
        BadRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        AlreadyExists,
        Conflict,
        Blocked,
        Expired,
        PreconditionFailed,
        PayloadTooLarge,
        TooManyRequests,
        OutcomeUnknown,
        Internal,
        NotConfigured,
        Unavailable,
        DeadlineExceeded,
    )
}

# For failures that are not the store's own: of the connection, or of something between here and there.
_REASONS = {
    "INVALID_ARGUMENT": "BadRequest",
    "NOT_FOUND": "NotFound",
    "ALREADY_EXISTS": "AlreadyExists",
    "PERMISSION_DENIED": "Forbidden",
    "UNAUTHENTICATED": "Unauthorized",
    "RESOURCE_EXHAUSTED": "PayloadTooLarge",
    "OUT_OF_RANGE": "PayloadTooLarge",
    "FAILED_PRECONDITION": "Blocked",
    "ABORTED": "Conflict",
    "UNIMPLEMENTED": "NotImplemented",
    "UNAVAILABLE": "Unavailable",
    "DEADLINE_EXCEEDED": "DeadlineExceeded",
}

# Codes after which nobody knows whether a write reached the store, unless the store itself says more.
_UNKNOWN = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL", "DATA_LOSS"}

# What gRPC says when no connection came about. Any other wording is taken for a write that may have been sent.
_NEVER_SENT = ("failed to connect to all addresses", "DNS resolution failed")


def from_rpc(error: grpc.RpcError, *, is_write: bool) -> KindstoreError:
    """The exception for a failed call. `is_write` says whether the call may have changed something."""
    # Every error of a call has these methods; the class that gRPC declares for it does not show them.
    call: Any = error
    code: str = call.code().name
    text: str = call.details() or ""
    details = _details(call.trailing_metadata())
    if details is not None:
        return details(text, code)
    if is_write and code in _UNKNOWN and not text.startswith(_NEVER_SENT):
        message = f"the write may have happened, read the resource before trying again ({code}: {text})"
        return OutcomeUnknown(message, code=code)
    reason = _REASONS.get(code, "Internal")
    return _CLASSES[reason](text or code, code=code)


# Codes of a stream that broke on its way. CANCELLED is one of them only where the other side said so.
_BROKEN = {"UNAVAILABLE", "UNKNOWN", "INTERNAL"}


def is_broken(error: grpc.RpcError) -> bool:
    """Whether a stream broke on its way, so that what it ended with is not the store's own word."""
    call: Any = error
    code: str = call.code().name
    if _details(call.trailing_metadata()) is not None:
        return False
    return code in _BROKEN or (code == "CANCELLED" and is_taken_back(call.details()))


def is_taken_back(text: str | None) -> bool:
    """Whether what gRPC says of a call that was cancelled means that the other side did it."""
    return "RST_STREAM" in (text or "")


class _Details:
    """What the store itself says about a failure."""

    def __init__(self, info: error_details_pb2.ErrorInfo, violations: list[Violation]) -> None:
        self.info = info
        self.violations = violations

    def __call__(self, message: str, code: str) -> KindstoreError:
        kind = _CLASSES.get(self.info.reason, KindstoreError)
        return kind(
            message,
            reason=self.info.reason,
            context=dict(self.info.metadata),
            violations=self.violations,
            code=code,
        )


def _details(metadata: Any) -> _Details | None:
    raw = next((value for name, value in metadata or () if name == _DETAILS), None)
    if raw is None:
        return None
    info, problems, places = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), values.Diagnostics()
    try:
        for detail in status_pb2.Status.FromString(raw).details:
            if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                detail.Unpack(info)
            elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
                detail.Unpack(problems)
            elif detail.Is(values.Diagnostics.DESCRIPTOR):
                detail.Unpack(places)
    except DecodeError:
        return None
    return _Details(info, _violations(problems, places)) if info.domain == _DOMAIN else None


def _violations(problems: error_details_pb2.BadRequest, places: values.Diagnostics) -> list[Violation]:
    """The problems with their places. Both lists have the same order; that of the places ends where the room did."""
    found = [Violation(one.field, one.description, one.reason) for one in problems.field_violations]
    for index, (one, place) in enumerate(zip(found, places.diagnostics)):
        if place.attribute == one.field:
            start = place.span.start if place.HasField("span") else None
            line, column = (start.line, start.column) if start else (None, None)
            found[index] = replace(one, line=line, column=column, hint=place.hint)
    return found
