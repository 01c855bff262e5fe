"""The client of the HTTP API: every failure comes back as one line that names the cure."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

from cyclopts import Parameter

from smsc.cli.failure import Failure, Refusal

if TYPE_CHECKING:
    import httpx

SECONDS_TO_ANSWER: Final = 15.0
SECONDS_TO_IMPORT: Final = 600.0
SECONDS_TO_MAKE: Final = 3600.0
SECONDS_OF_SILENCE: Final = 60.0
_THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")


@Parameter(name="*", group="Which SMSC")
@dataclass(frozen=True, slots=True)
class Smsc:
    """Where the SMSC is, and who asks."""

    url: Annotated[str, Parameter(env_var="SMSC_URL", help="Where it serves HTTP.")] = (
        "http://127.0.0.1:8080"
    )
    token: Annotated[
        str,
        Parameter(env_var="SMSC_TOKEN", help="An account's API token; `demo` is the demo world's."),
    ] = "demo"

    def get(self, what: str, path: str, **query: Any) -> Any:
        """Ask for something; raises Failure, which begins with `what` was wanted."""
        return self._ask(what, "GET", path, params=query)

    def post(self, what: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Have something done; raises Failure."""
        return self._ask(what, "POST", path, json=body)

    def put(self, what: str, path: str, body: Mapping[str, Any]) -> Any:
        """Have something be as described; raises Failure."""
        return self._ask(what, "PUT", path, json=body)

    def delete(self, what: str, path: str) -> None:
        """Have something removed; raises Failure."""
        self._ask(what, "DELETE", path)

    def upload(self, what: str, path: str, octets: Iterable[bytes], **query: str) -> Any:
        """Send a file as it is read, and wait as long as it takes; raises Failure."""
        return self._ask(
            what,
            "POST",
            path,
            SECONDS_TO_IMPORT,
            content=octets,
            headers={"Content-Type": "text/csv"},
            params=query,
        )

    def _ask(
        self,
        what: str,
        method: str,
        path: str,
        seconds: float = SECONDS_TO_ANSWER,
        **request: Any,
    ) -> Any:
        with self._client(what, seconds) as client:
            return _read(what, self.url, client.request(method, path, **request))

    def download(self, what: str, path: str, into: BinaryIO) -> None:
        """Have something made, and write its octets into a file; raises Failure."""
        with self._stream(what, "POST", path, SECONDS_TO_MAKE) as response:
            for octets in response.iter_bytes():
                into.write(octets)

    @contextmanager
    def read(
        self, what: str, path: str, query: Mapping[str, Any]
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """Ask for something of any length: gives its headers, and its octets as they come.

        Raises Failure, also if it breaks off in the middle.
        """
        with self._stream(what, "GET", path, SECONDS_OF_SILENCE, params=query) as response:
            yield response.headers, response.iter_bytes()

    @contextmanager
    def _stream(
        self, what: str, method: str, path: str, seconds: float, **request: Any
    ) -> "Iterator[httpx.Response]":
        import httpx

        with (
            self._client(what, seconds) as client,
            client.stream(method, path, **request) as response,
        ):
            if not response.is_success:
                response.read()
                _read(what, self.url, response)
            try:
                yield response
            except (httpx.ReadError, httpx.RemoteProtocolError) as error:
                raise Failure(
                    f"{what}: {self.url} broke off in the middle, so not all is there; try again"
                ) from error

    @contextmanager
    def _client(self, what: str, seconds: float) -> "Iterator[httpx.Client]":
        """Talk to the SMSC, waiting so long for each answer; what goes wrong becomes a Failure."""
        import httpx

        try:
            with httpx.Client(
                base_url=self.url,
                headers={b"Authorization": f"Bearer {self.token}".encode()},
                timeout=httpx.Timeout(seconds, connect=SECONDS_TO_ANSWER),
                # A proxy of the environment leads to other machines, not to this one.
                trust_env=urlsplit(self.url).hostname not in _THIS_MACHINE,
            ) as client:
                yield client
        except httpx.ConnectError as error:
            raise Failure(
                f"{what}: nobody answers at {self.url}; is `smsc serve` running?"
            ) from error
        except httpx.TimeoutException as error:
            raise Failure(
                f"{what}: {self.url} took longer than {seconds:.0f} s;"
                " whether it was done isn't known"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Failure(f"{what}: {self.url}: {error}; check --url and --token") from error


HERE: Final = Smsc()


def segment(text: str) -> str:
    """Write a value as one segment of a path."""
    return quote(text, safe="")


def _read(what: str, url: str, response: "httpx.Response") -> Any:
    kind = response.headers.get("content-type", "")
    if response.status_code == HTTPStatus.NO_CONTENT:
        return None
    if response.is_success and kind.startswith("application/json"):
        return response.json()
    if kind.startswith("application/problem+json"):
        raise Refusal(what, response.json())
    raise Failure(
        f"{what}: {url} answered {response.status_code} and isn't an SMSC's API; check --url"
    )
