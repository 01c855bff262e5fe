"""Commands of the operator: run the SMSC, check its config, make its secrets."""

import errno
import hashlib
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from smsc.cli.failure import Failure

LONGEST_SMPP_PASSWORD: Final = 8
"""Characters that a bind has room for (SMPP 3.4, 4.1.1)."""

_CURES: Final = {
    errno.EADDRINUSE: "stop whoever listens there, or name another address in the config",
    errno.EADDRNOTAVAIL: "this machine has no such address: name another in the config",
    errno.EACCES: "this user may not: name a port from 1024, or a folder of your own",
}


def serve(
    *,
    config: Annotated[
        Path | None, Parameter(help="The configuration, a TOML file; the demo world without one.")
    ] = None,
) -> None:
    """Run the SMSC until it is told to stop (Ctrl-C, SIGTERM).

    Without a config it runs the demo world: SMPP on 127.0.0.1:2775, HTTP on 127.0.0.1:8080,
    account `demo` with password and API token `demo`, a few devices, data in `./smsc-data`.
    On SIGHUP it reads the config again, and goes by its links, routes and policies.

    Example: `smsc serve --config smsc.toml`
    """
    from smsc.centre import demo, run
    from smsc.certificate import CertificateError
    from smsc.config import ConfigError, load
    from smsc.store.store import StoreError

    try:
        run(demo() if config is None else load(config), config)
    except (CertificateError, ConfigError, StoreError) as error:
        raise Failure(str(error)) from error
    except OSError as error:
        cure = _CURES.get(error.errno or 0, "see that the addresses in the config are right")
        raise Failure(f"smsc serve: {error}; {cure}") from error


def check(file: Annotated[Path, Parameter(help="The configuration, a TOML file.")], /) -> None:
    """Check a configuration without running it.

    A mistake is told as `file:line: key = value: what is wrong; what to do`, with exit code 1.

    Example: `smsc check smsc.toml`
    """
    from smsc.config import ConfigError, load

    try:
        config = load(file)
    except ConfigError as error:
        raise Failure(str(error)) from error
    tables = {
        "account": config.accounts,
        "device": config.devices,
        "population": config.populations,
        "link": config.links,
        "route": config.routes,
    }
    always = {"account", "device", "population"}
    counts = [
        f"{len(rows)} {name}{'' if len(rows) == 1 else 's'}"
        for name, rows in tables.items()
        if rows or name in always
    ]
    policies = len(config.policies)
    counts.append(f"{policies} {'policy' if policies == 1 else 'policies'}")
    print(f"{file}: ok: {', '.join(counts)}")


def hash_password(
    *,
    token: Annotated[
        bool,
        Parameter(negative="", show_default=False, help="Hash an API token, for `api_token_hash`."),
    ] = False,
) -> None:
    """Make the value for `password_hash`, or with `--token` for `api_token_hash`.

    The secret is asked for without showing it, or read as one line if the input is piped.

    Example: `openssl rand -hex 16 | tee token.txt | smsc hash-password --token`
    """
    secret = _secret("API token" if token else "Password")
    if token:
        print(f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}")
        return
    if len(secret) > LONGEST_SMPP_PASSWORD:
        print(
            f"note: SMPP gives a password {LONGEST_SMPP_PASSWORD} characters;"
            " many clients can't send a longer one",
            file=sys.stderr,
        )
    from argon2 import PasswordHasher

    print(PasswordHasher().hash(secret))


def _secret(name: str) -> str:
    """Read a secret: twice from a terminal, for nobody sees what is typed."""
    if not sys.stdin.isatty():
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        secret = getpass(f"{name}: ")
        if secret != getpass("Again: "):
            raise Failure("smsc hash-password: the two differ; run it again")
    if not secret:
        raise Failure("smsc hash-password: nothing to hash; type a secret, or pipe one in")
    return secret
