"""The few calls to AWS that an engineer waits for, sent without boto3, which takes a third of a second to load.

It retries what AWS says to retry, and when AWS's clock and this machine's differ by more than AWS takes, it signs once
more by AWS's clock and says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from gatepass import __version__
from gatepass.adapters.aws_endpoints import Endpoint, endpoint
from gatepass.adapters.aws_words import PASSING, in_words, no_answer
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.http_exchange import Answer
from gatepass.adapters.request_signature import signed_headers
from gatepass.domain.errors import GatepassError
from gatepass.domain.session import Credentials

# As botocore's standard mode, which the other commands use.
_ATTEMPTS = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_CLOCKS_DIFFER = frozenset(
    {
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "RequestInTheFuture",
        "AuthFailure",
    }
)
# AWS takes signatures that are at most so old.
_MOST_SKEW = 300.0


class Refusal:
    """AWS's answer when it did not do what was asked."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message


class SignedClient:
    """The holder of some credentials, in one Region; any thread may ask, and hears its own answer only.

    Attributes:
        region: where it asks.
    """

    def __init__(  # noqa: PLR0913 - whose calls, where, and what a test plays
        self,
        credentials: Credentials,
        region: str,
        tell: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
        pool: ConnectionPool | None = None,
    ) -> None:
        """Keep what is needed to ask.

        Args:
            credentials: whose calls these are.
            region: where to ask.
            tell: hears what the person should know, such as that the machine's clock is off.
            clock: seconds since 1970.
            pause: waits so many seconds.
            pool: connections that many clients share; without one the client keeps its own.
        """
        self.region = region
        self._credentials, self._tell, self._clock, self._pause = credentials, tell, clock, pause
        self._skew, self._pool = 0.0, pool if pool is not None else ConnectionPool()

    def call(  # noqa: PLR0913 - the parts of a request, and how its refusal is read
        self,
        service: str,
        headers: Mapping[str, str],
        body: bytes,
        subject: str,
        refusal_of: Callable[[Answer], Refusal],
        *,
        method: str = "POST",
    ) -> Answer | Refusal:
        """Return AWS's answer, or its refusal, which is final.

        Args:
            service: such as ``sts``.
            headers: what tells the kind of the request.
            body: the request.
            subject: what is asked, in words for an error.
            refusal_of: reads the code and the words of a refusal in the service's own form.
            method: what is done to the service's root.

        Raises:
            NotAnswered: nobody answered, however often it was tried.
        """
        place = endpoint(service, self.region)
        failure: GatepassError = no_answer("", subject)
        attempt = 0
        while attempt < _ATTEMPTS:
            if attempt:
                self._pause(_pause_before(attempt))
            attempt += 1
            try:
                answer = self._sent(place, service, headers, body, method)
                refusal = refusal_of(answer) if answer.status >= 300 else None
                if refusal is not None and refusal.code in _CLOCKS_DIFFER and self._clock_corrected(answer):
                    answer = self._sent(place, service, headers, body, method)
                    refusal = refusal_of(answer) if answer.status >= 300 else None
            except OSError as error:
                failure = no_answer(f"{place.host_header}: {error.strerror or error}", subject)
                continue
            if refusal is None:
                return answer
            if refusal.code in PASSING:
                failure = in_words(refusal.code, refusal.message, subject)
            elif answer.status >= 500:
                failure = no_answer(f"{answer.status} {refusal.code}: {refusal.message}", subject)
            else:
                return refusal
        raise failure

    def _sent(self, place: Endpoint, service: str, headers: Mapping[str, str], body: bytes, method: str) -> Answer:
        instant = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock() + self._skew))
        named = {"host": place.host_header, **headers}
        signed = signed_headers(
            named, body, self._credentials,
            region=self.region, service=service, instant=instant, path=place.path, method=method,
        )  # fmt: skip
        whole = {**signed, "user-agent": f"gatepass/{__version__}"}
        return self._pool.send(place, whole, body, method)

    def _clock_corrected(self, answer: Answer) -> bool:
        """Go by AWS's clock from now on if this machine's is too far off, and say by how much."""
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - large, and needed only by a clock that is off

        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except (TypeError, ValueError):
            return False
        skew = theirs - self._clock()
        if abs(skew) <= _MOST_SKEW or abs(skew - self._skew) <= _MOST_SKEW:
            return False
        self._skew = skew
        minutes, way = round(abs(skew) / 60), "behind" if skew > 0 else "ahead"
        self._tell(f"this machine's clock is off: {minutes} minutes {way} AWS's; set it right, other tools are refused")
        return True


def _pause_before(attempt: int) -> float:
    """Return how long to wait: longer each time, by chance, so that many callers do not come back together."""
    chance = int.from_bytes(os.urandom(4), "big") / 2**32
    return float(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt) * chance)
