"""The table of the configuration about API tokens that may do less than an account's own."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, Protocol

from smsc.mistake import check_names, nearest, wrong
from smsc.notation import Endpoint, Table

LONGEST_NAME: Final = 64
HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")


class Token(Table, frozen=True, kw_only=True):
    """`[[tokens]]`: an API token of an account, for some of what it may do."""

    name: str
    account: str
    token: str = ""
    token_hash: str = ""
    scopes: tuple[Literal["read", "send", "admin"], ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of the token in hexadecimal."""
        return digest_of(self.token, self.token_hash)


def digest_of(token: str, token_hash: str) -> str:
    """Return the SHA-256 in hexadecimal of a token that may be given by that; "" if by neither."""
    if token_hash or not token:
        return token_hash.removeprefix("sha256:")
    return hashlib.sha256(token.encode()).hexdigest()


class Owner(Protocol):
    """What an account is to its tokens."""

    @property
    def system_id(self) -> str:
        """Its name."""

    @property
    def api_token(self) -> str:
        """The token of its own, "" if it has none or only a hash is known."""

    @property
    def api_token_hash(self) -> str:
        """The hash of that, or ""."""

    @property
    def operator(self) -> bool:
        """Whether it is of those who run the SMSC."""


def own(accounts: Iterable[Owner]) -> dict[str, str]:
    """Return the accounts by the digests of the tokens of their own."""
    return {
        digest_of(each.api_token, each.api_token_hash): each.system_id
        for each in accounts
        if each.api_token or each.api_token_hash
    }


def check(tokens: Sequence[Token], accounts: Sequence[Owner], listen: Endpoint) -> None:
    """Check what one value can't tell alone; raises what `smsc.mistake.wrong` makes."""
    check_names("tokens", "name", [each.name for each in tokens])
    operators = {each.system_id: each.operator for each in accounts}
    owners = {digest: f"account {account!r}" for digest, account in own(accounts).items()}
    for index, each in enumerate(tokens):
        path = f"tokens[{index}]"
        _check_token(path, each, operators, listen)
        owner = owners.setdefault(each.digest, f"token {each.name!r}")
        if owner != f"token {each.name!r}":
            raise wrong(f"{path}.name", f"has the same token as {owner}; make another")


def _check_token(path: str, token: Token, operators: Mapping[str, bool], listen: Endpoint) -> None:
    if not (1 <= len(token.name) <= LONGEST_NAME and token.name.isprintable()):
        raise wrong(f"{path}.name", f"write 1 to {LONGEST_NAME} printable characters")
    if token.account not in operators:
        raise wrong(f"{path}.account", f"no such account{nearest(token.account, set(operators))}")
    if bool(token.token) is bool(token.token_hash):
        raise wrong(f"{path}.name", "give one of token_hash and token")
    if token.token_hash and not HASH.fullmatch(token.token_hash):
        raise wrong(
            f"{path}.token_hash", "no token hash; make it with `smsc hash-password --token`"
        )
    if token.token and not listen.loopback:
        raise wrong(
            f"{path}.token",
            "in clear while the listener is open to others; use token_hash,"
            " made by `smsc hash-password --token`",
        )
    if not token.scopes:
        raise wrong(f"{path}.scopes", 'it may do nothing; write some of "read", "send", "admin"')
    if "admin" in token.scopes and not operators[token.account]:
        raise wrong(
            f"{path}.scopes",
            f"account {token.account!r} may not administer; set its operator = true, or drop admin",
        )
