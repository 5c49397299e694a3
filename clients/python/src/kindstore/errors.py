"""The exceptions: one class for each way in which a caller can react."""

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

    #: The path of the member, such as ``spec.items[0]``.
    field: str
    #: The problem and the fix.
    message: str
    #: A stable code for programs, such as ``isUnknown``.
    reason: str = ""
    #: The line in the text that was sent, from 1; None if the server does not report it.
    line: int | None = None
    #: The character in the line, from 1.
    column: int | None = None
    #: The fix alone, if it is not obvious from the message.
    hint: str = ""


class KindstoreError(Exception):
    """The base class of all failures of calls.

    The subclass tells how to react; ``reason`` is the same as a stable code, which REST returns too.
    """

    #: The reason of the class.
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
        #: The stable code.
        self.reason = reason or self.default_reason
        #: The message for people.
        self.message = message
        #: The subject for programs, such as the kind and the name.
        self.context: dict[str, str] = dict(context or {})
        #: The problems of the document, for `Invalid`.
        self.violations: tuple[Violation, ...] = tuple(violations)
        #: The name of the gRPC code, such as ``NOT_FOUND``; empty if no call was made.
        self.code = code

    def __str__(self) -> str:
        lines = [f"{self.reason}: {self.message}"]
        lines += [f"  {violation.field}: {violation.message}" for violation in self.violations]
        return "\n".join(lines)


class Invalid(KindstoreError):
    """The document breaks the rules of its kind: fix every problem in ``violations``."""

    default_reason = "Invalid"


class BadRequest(KindstoreError):
    """The text of the document or the request is malformed: fix it."""

    default_reason = "BadRequest"


class Unauthorized(KindstoreError):
    """The server requires authentication."""

    default_reason = "Unauthorized"


class Forbidden(KindstoreError):
    """The caller may not do this."""

    default_reason = "Forbidden"


class NotFound(KindstoreError):
    """The resource or the namespace does not exist."""

    default_reason = "NotFound"


class MethodNotAllowed(KindstoreError):
    """The kind does not have this verb; the message lists its verbs."""

    default_reason = "MethodNotAllowed"


#: Another name for `MethodNotAllowed`.
Unsupported = MethodNotAllowed


class AlreadyExists(KindstoreError):
    """The name is taken: choose another one, or upsert."""

    default_reason = "AlreadyExists"


class Conflict(KindstoreError):
    """A concurrent write changed the same resource, and nothing was stored: try again."""

    default_reason = "Conflict"


class Blocked(KindstoreError):
    """The resource is in the wrong state; the message names the required state."""

    default_reason = "Blocked"


class Expired(KindstoreError):
    """The revision is compacted: start again from the newest one."""

    default_reason = "Expired"


class PreconditionFailed(KindstoreError):
    """The resource is not at the expected version: read it again, then repeat the change."""

    default_reason = "PreconditionFailed"


class PayloadTooLarge(KindstoreError):
    """A message is larger than the receiver's limit."""

    default_reason = "PayloadTooLarge"


class TooManyRequests(KindstoreError):
    """The server is overloaded: wait and try again."""

    default_reason = "TooManyRequests"


class OutcomeUnknown(KindstoreError):
    """The write may have happened: read the resource before you try again.

    A broken connection or a passed deadline during a write also has this result.
    """

    default_reason = "OutcomeUnknown"


class Internal(KindstoreError):
    """The server failed; its log has the cause."""

    default_reason = "Internal"


class NotConfigured(KindstoreError):
    """The server lacks a setting; the message names it."""

    default_reason = "NotImplemented"


class Unavailable(KindstoreError):
    """The server cannot be reached or cannot handle the call now; nothing was changed: try again later."""

    default_reason = "Unavailable"


class DeadlineExceeded(KindstoreError):
    """A read exceeded its deadline. Writes raise `OutcomeUnknown` instead."""

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

# For failures that do not come from the store, but from the connection or a proxy.
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

# Codes that leave the outcome of a write unknown, unless the store sent details.
_UNKNOWN = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL", "DATA_LOSS"}

# The messages of gRPC if there was no connection. With any other message a write may have been sent.
_NEVER_SENT = ("failed to connect to all addresses", "DNS resolution failed")


def from_rpc(error: grpc.RpcError, *, is_write: bool) -> KindstoreError:
    """Returns the exception of a failed call. `is_write` means that the call may have changed something."""
    # Errors of calls have these methods, but their declared class does not.
    call: Any = error
    code: str = call.code().name
    text: str = call.details() or ""
    details = _details(call.trailing_metadata())
    if details is not None:
        return details(text, code)
    if is_write and code in _UNKNOWN and not text.startswith(_NEVER_SENT):
        message = f"the write may have happened; read the resource before you try again ({code}: {text})"
        return OutcomeUnknown(message, code=code)
    reason = _REASONS.get(code, "Internal")
    return _CLASSES[reason](text or code, code=code)


# Codes of a broken stream. CANCELLED counts only if the server cancelled the stream.
_BROKEN = {"UNAVAILABLE", "UNKNOWN", "INTERNAL"}


def is_broken(error: grpc.RpcError) -> bool:
    """Returns whether a stream broke, so that its error does not come from the store."""
    call: Any = error
    code: str = call.code().name
    if _details(call.trailing_metadata()) is not None:
        return False
    return code in _BROKEN or (code == "CANCELLED" and is_taken_back(call.details()))


def is_taken_back(text: str | None) -> bool:
    """Returns whether the details of a cancelled call show that the server cancelled it."""
    return "RST_STREAM" in (text or "")


class _Details:
    """The details of a failure from the store."""

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
    """Returns the problems with their places. Both lists have the same order; the list of places may be shorter."""
    found = [Violation(one.field, one.description, one.reason) for one in problems.field_violations]
    for index, (one, place) in enumerate(zip(found, places.diagnostics)):
        if place.attribute == one.field:
            start = place.span.start if place.HasField("span") else None
            line, column = (start.line, start.column) if start else (None, None)
            found[index] = replace(one, line=line, column=column, hint=place.hint)
    return found
