"""Commands for policies: list and show them, put them as a configuration has them, delete them."""

import json
import shlex
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from smsc.cli import show
from smsc.cli.client import HERE, Smsc, segment
from smsc.cli.failure import Failure

_HELP: Final = """\
List, show, put and delete policies, which say what groups of devices may do.

Example: `smsc policies put meters.toml`
"""
_TABLE: Final = "policies"

Name = Annotated[str, Parameter(name="NAME", help="The policy's name.")]


def listing(
    *,
    after: Annotated[str, Parameter(help="Show names that follow this one.")] = "",
    limit: Annotated[int, Parameter(help="Show so many at most, up to 1000.")] = 100,
    smsc: Smsc = HERE,
) -> None:
    """List policies in the order of their names, and what they say that isn't the default.

    Piped, a line has name, `config` or `store` (where it is written down), and its keys as JSON,
    with tabs.

    Example: `smsc policies list`
    """
    answer = smsc.get("policies", "/v1/policies", after=after, limit=limit)
    rows = [(each["name"], each["defined_in"], _json(each["keys"])) for each in answer["policies"]]
    show.table(("Name", "In", "Keys"), rows)
    if answer["next"] is not None:
        again = shlex.quote(answer["next"])
        print(f"there are more: smsc policies list --after {again}", file=sys.stderr)


def display(name: Name, /, *, smsc: Smsc = HERE) -> None:
    """Show a policy as a configuration has it: what it prints can be changed and put again.

    Example: `smsc policies show default`
    """
    policy = smsc.get(f"policy {name}", _path(name))
    print(f"# In the {policy['defined_in']}; what isn't here has its default.")
    print(f"[[{_TABLE}]]")
    for key, value in {"name": policy["name"], **policy["keys"]}.items():
        # JSON of texts, numbers, truths and lists of them is TOML, too.
        print(f"{key} = {_json(value)}")


def put(
    file: Annotated[Path, Parameter(name="FILE", help="A TOML file with `[[policies]]`.")],
    /,
    *,
    smsc: Smsc = HERE,
) -> None:
    """Make policies, or replace them, from a file with `[[policies]]` as a configuration has them.

    Each is in force for the next message. They are put one after another, up to one that is wrong;
    the names of those that were put are shown.

    Example: `smsc policies put meters.toml`
    """
    for table in _tables(file):
        name = str(table["name"])
        show.table(("Put",), [(smsc.put(f"put {name}", _path(name), table)["name"],)])


def delete(name: Name, /, *, smsc: Smsc = HERE) -> None:
    """Delete a policy that was put; devices that come under it come under `default` then.

    Example: `smsc policies delete meters`
    """
    smsc.delete(f"delete {name}", _path(name))


def _tables(file: Path) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"put {file}: can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"put {file}: not TOML: {error}") from error
    tables = found.pop(_TABLE, None)
    if found or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise Failure(f"put {file}: write [[{_TABLE}]] tables as in a configuration, and no others")
    for index, table in enumerate(tables):
        if not table.get("name"):
            raise Failure(f"put {file}: {_TABLE}[{index}] has no name; give it one")
        try:
            _json(table)
        except (TypeError, ValueError) as error:
            raise Failure(
                f"put {file}: {_TABLE}[{index}] has a date or time; no key has one"
            ) from error
    return tables


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _path(name: str) -> str:
    return f"/v1/policies/{segment(name)}"


def build() -> App:
    """Make the application under `smsc policies`."""
    app = App(name="policies", help=_HELP)
    app.command(listing, name="list")
    app.command(display, name="show")
    app.command(put)
    app.command(delete)
    return app
