"""Retries of calls."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .errors import KindstoreError, TooManyRequests, Unavailable


@dataclass(frozen=True)
class Retry:
    """The number of attempts of a call and the pauses between them.

    Calls are retried after `Unavailable` and `TooManyRequests`, because nothing was changed. `OutcomeUnknown` and `Conflict` are
    never retried: only the caller knows whether the change still makes sense.
    """

    #: The maximum number of attempts; 1 disables retries.
    attempts: int = 4
    #: The maximum pause before the second attempt, in seconds. It doubles with each further attempt.
    first: float = 0.1
    #: The upper limit of all pauses, in seconds.
    longest: float = 2.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first < 0 or self.longest < 0:
            raise ValueError("attempts must be at least 1, and pauses must not be negative")

    def pause(self, attempt: int, error: KindstoreError) -> float | None:
        """Returns the seconds to wait after this failed attempt, counted from 1; None if it was the last one."""
        if attempt >= self.attempts or not isinstance(error, (Unavailable, TooManyRequests)):
            return None
        return self.backoff(attempt)

    def backoff(self, attempt: int) -> float:
        """Returns the seconds to wait after this failed attempt, counted from 1.

        The pause is randomized, so that many clients do not retry at the same time.
        """
        # An unbounded exponent would overflow a float at about 2**1024.
        longest = min(self.longest, self.first * 2.0 ** min(attempt - 1, 60))
        return random.uniform(longest / 2, longest)


#: Disables retries.
NO_RETRY = Retry(attempts=1)
