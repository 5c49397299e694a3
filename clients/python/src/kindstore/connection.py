"""What the two clients share about connections and time."""

from __future__ import annotations

import time

#: Options of every channel. A peer that is gone without a word is noticed, so that a stream does not wait forever; one that
#: comes back is noticed soon. The answer of a transaction has all its resources, and to refuse it would not take back what
#: was stored.
CHANNEL_OPTIONS = [
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.max_receive_message_length", 64 << 20),
]


def target(address: str) -> tuple[str, bool]:
    """The address for gRPC, and whether it asks for TLS: `https://` does, `http://` and a bare host do not."""
    for scheme, is_secure in (("https://", True), ("http://", False)):
        if address.startswith(scheme):
            place = address.removeprefix(scheme).rstrip("/")
            if "/" in place:
                raise ValueError(f"{address!r} has a path; gRPC has none, give a host and a port")
            return place, is_secure
    return address, False


class Clock:
    """The time that is left for a call and all its repetitions."""

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            raise ValueError(f"a deadline of {seconds} seconds leaves no time")
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        """The seconds that are left; None when there is no end."""
        return None if self._end is None else max(self._end - time.monotonic(), 0.001)

    def allows(self, pause: float) -> bool:
        """Whether anything is left after a pause."""
        return self._end is None or time.monotonic() + pause < self._end
