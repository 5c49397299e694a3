"""Connections and deadlines, for both clients."""

from __future__ import annotations

import time
from typing import TypeAlias

import grpc
import grpc.aio

Channel: TypeAlias = grpc.Channel
AsyncChannel: TypeAlias = grpc.aio.Channel

#: Options of every channel. Keepalive detects a lost server, so that a stream does not wait forever; the short backoff reconnects
#: soon. The receive limit fits the response of the largest transaction: rejecting it would not undo the transaction.
CHANNEL_OPTIONS = [
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.max_receive_message_length", 64 << 20),
]


def target(address: str) -> tuple[str, bool]:
    """Returns the address for gRPC, and whether it uses TLS: with `https://`, but not with `http://` or a bare host."""
    for scheme, is_secure in (("https://", True), ("http://", False)):
        if address.startswith(scheme):
            place = address.removeprefix(scheme).rstrip("/")
            if "/" in place:
                raise ValueError(f"{address!r} has a path; use only a host and a port")
            return place, is_secure
    return address, False


def open_channel(address: str, credentials: grpc.ChannelCredentials | None) -> Channel:
    """Opens a channel for blocking calls."""
    place, is_secure = target(address)
    if is_secure or credentials is not None:
        return grpc.secure_channel(place, credentials or grpc.ssl_channel_credentials(), CHANNEL_OPTIONS)
    return grpc.insecure_channel(place, CHANNEL_OPTIONS)


def open_async_channel(address: str, credentials: grpc.ChannelCredentials | None) -> AsyncChannel:
    """Opens a channel for asyncio. It belongs to the current event loop."""
    place, is_secure = target(address)
    if is_secure or credentials is not None:
        return grpc.aio.secure_channel(place, credentials or grpc.ssl_channel_credentials(), CHANNEL_OPTIONS)
    return grpc.aio.insecure_channel(place, CHANNEL_OPTIONS)


class Clock:
    """The remaining time of a call with all its retries."""

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            raise ValueError(f"a deadline must be positive, is {seconds} seconds")
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        """Returns the remaining seconds; None without a deadline."""
        return None if self._end is None else max(self._end - time.monotonic(), 0.001)

    def allows(self, pause: float) -> bool:
        """Returns whether time remains after a pause."""
        return self._end is None or time.monotonic() + pause < self._end
