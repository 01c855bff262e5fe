"""What a token may do: read, send, or administer; each operation wants one of these.

An operation that says nothing wants `read` if it is a GET, else `admin`: what is forgotten to be
said gives nobody more than he was given.
"""

from enum import StrEnum
from http import HTTPStatus
from typing import Final

from litestar.handlers.base import BaseRouteHandler
from litestar.types import HTTPScope
from msgspec import Struct

from smsc.web.problems import problem

OPTION: Final = "scope"
"""The `opt` of a handler that says which scope it wants."""


class Scope(StrEnum):
    """One of the things a token may be for."""

    READ = "read"
    SEND = "send"
    ADMIN = "admin"


class Grant(Struct, frozen=True):
    """A token that was given out: its name, whose it is, and what it may do."""

    name: str
    account: str
    scopes: frozenset[Scope]


USUAL: Final = frozenset({Scope.READ, Scope.SEND})
"""What the token of an account itself may do."""

EVERYTHING: Final = frozenset(Scope)
"""What it may do if that is an operator's."""


def wants(handler: BaseRouteHandler, method: str) -> Scope:
    """Return the scope that an operation wants."""
    said: Scope | None = handler.opt.get(OPTION)
    return said or (Scope.READ if method == "GET" else Scope.ADMIN)


def check_scope(grant: Grant, asked: HTTPScope) -> None:
    """Raise a problem if a token lacks the scope that a request takes.

    The framework's guards would copy the handler for each request.
    """
    scope = wants(asked["route_handler"], asked["method"])
    if scope in grant.scopes:
        return
    raise problem(
        HTTPStatus.FORBIDDEN,
        f"token {grant.name!r} lacks the scope {scope.value!r}; {_CURES[scope]}",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'},
        members={"scope": scope.value},
    )


_CURES: Final = {
    Scope.READ: "use one that has it in [[tokens]] of the config",
    Scope.SEND: "use one that has it in [[tokens]] of the config",
    Scope.ADMIN: "it is for those who run the SMSC: the tokens of an account with operator = true",
}
