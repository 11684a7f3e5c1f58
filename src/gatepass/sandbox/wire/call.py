"""One HTTP request as it arrived, still encoded where a signature covers it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, unquote_plus

from gatepass.sandbox.wire.refusals import Fault, Refusal

# Where two values would let us decide on one and moto act on the other.
_SINGLE_HEADERS = frozenset(
    {"authorization", "content-length", "content-type", "host", "x-amz-content-sha256", "x-amz-date"}
    | {"x-amz-security-token", "x-amz-target", "x-amz-copy-source"}
)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Call:
    """One HTTP request.

    Attributes:
        path: as on the request line, percent-encoded.
        query_string: as on the request line, percent-encoded.
        header_pairs: in the order they came; names as they were written.
        query: the decoded pairs of the query string.
    """

    method: str
    path: str
    query_string: str = field(repr=False)
    header_pairs: Pairs = field(repr=False)
    body: bytes = field(repr=False)
    source_ip: str = "127.0.0.1"
    query: Pairs = field(init=False, repr=False)
    _headers: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "query", decoded_pairs(self.query_string))
        headers: dict[str, str] = {}
        for name, value in self.header_pairs:
            folded = name.lower()
            if folded not in headers:
                headers[folded] = value.strip()
            elif folded in _SINGLE_HEADERS:
                raise Refusal(Fault.MALFORMED, f"The header {folded} is given twice.")
            else:
                headers[folded] += "," + value.strip()
        object.__setattr__(self, "_headers", headers)

    @property
    def host(self) -> str:
        """The Host header, with its port."""
        return self._headers.get("host", "")

    @property
    def host_name(self) -> str:
        """The Host header, without its port."""
        return self.host.rsplit(":", 1)[0] if self.host.rpartition(":")[2].isdigit() else self.host

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name; several of one name are joined by commas."""
        return self._headers.get(name)

    def header_names(self) -> Iterable[str]:
        """Return the lower-case names of all headers."""
        return self._headers.keys()

    def query_value(self, name: str) -> str | None:
        """Return the value of a query parameter that may come once.

        Raises:
            Refusal: it comes twice.
        """
        values = [value for each, value in self.query if each == name]
        if len(values) > 1:
            raise Refusal(Fault.MALFORMED, f"The parameter {name} is given twice.")
        return values[0] if values else None

    def with_body(self, body: bytes) -> Call:
        """Return this request with another body."""
        return replace(self, body=body)


def decoded_pairs(query_string: str, *, form: bool = False) -> Pairs:
    """Split a query string or a form into its decoded pairs; a plus is a space in forms only."""
    decoded = unquote_plus if form else unquote
    pairs = (pair.partition("=") for pair in query_string.split("&") if pair)
    return tuple((decoded(name), decoded(value)) for name, _, value in pairs)
