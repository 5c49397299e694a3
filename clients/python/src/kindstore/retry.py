"""When a call is made again, and after which pause."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .errors import KindstoreError, TooManyRequests, Unavailable


@dataclass(frozen=True)
class Retry:
    """How often and how soon a call is made again.

    Only what is safe is repeated: any call after `Unavailable` and `TooManyRequests`, which both say that nothing was
    changed. What ends in `OutcomeUnknown` is never repeated, and neither is `Conflict`: only the caller knows whether
    the change still makes sense.
    """

    #: How often a call is made at most; 1 never repeats.
    attempts: int = 4
    #: The longest pause before the second attempt, in seconds. It doubles with each further one.
    first: float = 0.1
    #: The longest pause at all, in seconds.
    longest: float = 2.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first < 0 or self.longest < 0:
            raise ValueError("attempts is 1 at the least, and pauses are not negative")

    def pause(self, attempt: int, error: KindstoreError) -> float | None:
        """The seconds to wait after the failure of that attempt, counted from 1; None when it is the last one."""
        if attempt >= self.attempts or not isinstance(error, (Unavailable, TooManyRequests)):
            return None
        return self.backoff(attempt)

    def backoff(self, attempt: int) -> float:
        """The seconds to wait after the failure of that attempt, counted from 1, if there is another one.

        The pause is a random part of the longest one, so that many clients do not come back at once.
        """
        # The exponent is bounded before it is used: a float overflows at about 2**1024.
        longest = min(self.longest, self.first * 2.0 ** min(attempt - 1, 60))
        return random.uniform(longest / 2, longest)


#: Makes every call once.
NO_RETRY = Retry(attempts=1)
