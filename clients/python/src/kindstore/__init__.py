"""A client of kindstore, a versioned store for declarative resources.

    from kindstore import Client

    with Client("127.0.0.1:8080") as store:
        print(store.get("Deployment", "clicks").spec)

`Client` is blocking; `AsyncClient` has the same methods for asyncio. Every failure is a `KindstoreError`.
"""

from .aio import AsyncClient
from .client import Client
from .document import DocumentLike, JsonPatchLike
from .errors import (
    AlreadyExists,
    BadRequest,
    Blocked,
    Conflict,
    DeadlineExceeded,
    Expired,
    Forbidden,
    Internal,
    Invalid,
    KindstoreError,
    MethodNotAllowed,
    NotConfigured,
    NotFound,
    OutcomeUnknown,
    PayloadTooLarge,
    PreconditionFailed,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unsupported,
    Violation,
)
from .operation import Operation
from .resource import (
    CommitOutcome,
    Comparison,
    Diagnostic,
    Difference,
    History,
    Kind,
    Metadata,
    OperationOutcome,
    Page,
    Resource,
    Validation,
    Version,
    WriteOutcome,
)
from .retry import NO_RETRY, Retry
from .watch import AsyncWatch, EventType, Watch, WatchEvent

__version__ = "0.1.0"

__all__ = [
    "NO_RETRY",
    "AlreadyExists",
    "AsyncClient",
    "AsyncWatch",
    "BadRequest",
    "Blocked",
    "Client",
    "CommitOutcome",
    "Comparison",
    "Conflict",
    "DeadlineExceeded",
    "Diagnostic",
    "Difference",
    "DocumentLike",
    "EventType",
    "Expired",
    "Forbidden",
    "History",
    "Internal",
    "Invalid",
    "JsonPatchLike",
    "Kind",
    "KindstoreError",
    "Metadata",
    "MethodNotAllowed",
    "NotConfigured",
    "NotFound",
    "Operation",
    "OperationOutcome",
    "OutcomeUnknown",
    "Page",
    "PayloadTooLarge",
    "PreconditionFailed",
    "Resource",
    "Retry",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unsupported",
    "Validation",
    "Version",
    "Violation",
    "Watch",
    "WatchEvent",
    "WriteOutcome",
]
