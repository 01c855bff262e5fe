"""`[[webhooks]]`: URLs that are called with messages and receipts, in the file or over the API."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from smsc.inward import leads_inward
from smsc.mistake import check_names, nearest, wrong
from smsc.notation import Duration, Table

EMNIFY: Final = "emnify"
VOIP_NUMBER: Final = "voipnumber"
VOIP_NUMBERS_HOST: Final = "api.voipnumber.net"
SECRET: Final = "whsec_"
MOST_SECRETS: Final = 4
MOST_CALLS: Final = 100
LONGEST_URL: Final = 2048
LONGEST_SECRET: Final = 256
SHORTEST_TIMEOUT_MS: Final = 100
LONGEST_TIMEOUT_MS: Final = 60_000

Shape = Literal["native", "emnify", "voipnumber", "zapier"]
Owned = Mapping[str, Sequence[str]]
"""The addresses of each account, by its system_id."""

_NAME: Final = re.compile(r"[a-z0-9_-]{1,32}")
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]_-]{0,253}")
_URL: Final = re.compile(r"[!-~]+")


class Webhook(Table, frozen=True, omit_defaults=True):
    """A URL, what it is called with, and how."""

    name: str
    url: str
    shape: Shape = "native"
    secrets: tuple[str, ...] = ()
    receipts: Literal["patch", "post"] = "patch"
    account: str = ""
    addresses: tuple[str, ...] = ()
    concurrency: int = 8
    timeout: Duration = Duration("15s")
    allow_private: bool = False
    host: str | None = None

    @property
    def forged_host(self) -> str:
        """The Host header that the shape is documented with, "" for the URL's own."""
        if self.host is None:
            return VOIP_NUMBERS_HOST if self.shape == VOIP_NUMBER else ""
        return self.host

    @property
    def takes_receipts(self) -> bool:
        """Whether its shape has anything to say of receipts."""
        return self.shape != VOIP_NUMBER


def check(hooks: Sequence[Webhook], owned: Owned) -> None:
    """Check the webhooks of a file; raises what `smsc.mistake.wrong` makes."""
    check_names("webhooks", "name", [hook.name for hook in hooks])
    for index, hook in enumerate(hooks):
        check_webhook(f"webhooks[{index}].", hook, hooks[:index], owned)


def check_webhook(path: str, hook: Webhook, others: Sequence[Webhook], owned: Owned) -> None:
    """Check one beside `others`; `path` is put before each key."""
    if not _NAME.fullmatch(hook.name):
        raise wrong(f"{path}name", "write 1 to 32 of a-z, 0-9, _ and -")
    if hook.name in owned:
        raise wrong(f"{path}name", "an account goes by it; choose another")
    _check_url(f"{path}url", hook)
    _check_secrets(path, hook)
    _check_home(path, hook, others, owned)
    if not 1 <= hook.concurrency <= MOST_CALLS:
        raise wrong(f"{path}concurrency", f"write 1 to {MOST_CALLS}")
    if not SHORTEST_TIMEOUT_MS <= hook.timeout.ms <= LONGEST_TIMEOUT_MS:
        raise wrong(f"{path}timeout", "write 100ms to 60s")
    if not _HOST.fullmatch(hook.host or ""):
        raise wrong(f"{path}host", 'no name of a host; write one, or "" for that of the URL')


def _check_url(path: str, hook: Webhook) -> None:
    if not _URL.fullmatch(hook.url) or len(hook.url) > LONGEST_URL:
        raise wrong(path, f"write a URL of up to {LONGEST_URL} characters of ASCII")
    try:
        url = urlsplit(hook.url)
        port = url.port
    except ValueError as error:
        raise wrong(path, f"not a URL: {error}; write https://host/path") from error
    if url.scheme not in ("http", "https") or not url.hostname or port == 0:
        raise wrong(path, "not a URL of HTTP; write https://host/path")
    if "@" in url.netloc:
        raise wrong(path, "whoever sees it sees the password; leave that out, and sign instead")
    if not hook.allow_private and _is_inward(url):
        raise wrong(path, "is no public address; set allow_private to call it all the same")


def _is_inward(url: SplitResult) -> bool:
    """Whether it names an address that isn't public; what a name leads to is seen at each call."""
    host = url.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return leads_inward(host)


def _check_secrets(path: str, hook: Webhook) -> None:
    if len(hook.secrets) > MOST_SECRETS:
        raise wrong(f"{path}secrets", f"write {MOST_SECRETS} at most")
    if hook.shape == EMNIFY:
        if len(hook.secrets) > 1:
            raise wrong(f"{path}secrets", "emnify signs with one api_secret; leave one")
        if any(not 1 <= len(each) <= LONGEST_SECRET for each in hook.secrets):
            raise wrong(f"{path}secrets", f"write up to {LONGEST_SECRET} characters")
        return
    for index, secret in enumerate(hook.secrets):
        if not 24 <= len(key_of(secret)) <= 64:
            raise wrong(
                f"{path}secrets[{index}]",
                "no secret of a webhook; write whsec_ and 24 to 64 octets in base64",
            )


def key_of(secret: str) -> bytes:
    """Return the octets of a secret (Standard Webhooks 1.0), b"" if it is none."""
    if not secret.startswith(SECRET):
        return b""
    try:
        return b64decode(secret.removeprefix(SECRET), validate=True)
    except (NotBase64, ValueError):
        return b""


def _check_home(path: str, hook: Webhook, others: Sequence[Webhook], owned: Owned) -> None:
    if not hook.account:
        if hook.addresses:
            raise wrong(f"{path}addresses", "whose are they? name the account, or drop them")
        return
    addresses = owned.get(hook.account)
    if addresses is None:
        raise wrong(f"{path}account", f"no such account{nearest(hook.account, set(owned))}")
    for index, each in enumerate(hook.addresses):
        if each not in addresses:
            problem = f"{hook.account!r} has no such address{nearest(each, set(addresses))}"
            raise wrong(f"{path}addresses[{index}]", problem)
    for other in others:
        if other.account == hook.account:
            _check_apart(path, hook, other)


def _check_apart(path: str, hook: Webhook, other: Webhook) -> None:
    """Check that two webhooks of an account don't claim the same."""
    if not hook.addresses and not other.addresses:
        raise wrong(
            f"{path}account", f"{other.name!r} has all of its addresses; name addresses in one"
        )
    for index, each in enumerate(hook.addresses):
        if each in other.addresses:
            raise wrong(f"{path}addresses[{index}]", f"{other.name!r} has it already; drop one")
