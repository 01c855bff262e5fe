"""How a mistake in the configuration is told: file, line, key, value, what is wrong, the cure."""

import difflib
import re
from typing import Any, Final

import msgspec

MOST_NAMED: Final = 50
_AT: Final = re.compile(r"(?P<problem>.*?) - at `\$\.?(?P<path>.*?)`$", re.DOTALL)
_UNKNOWN_KEY: Final = re.compile(r"unknown field `(.+?)`")
_WRONG_KIND: Final = re.compile(r"Expected `(\w+)(?: \| null)?`, got `(?:str|int|float|bool)`")
_CURES: Final = {
    "array": "; write a list, in brackets",
    "bool": "; write true or false",
    "int": "; write a whole number",
    "str": "; write text, in quotes",
}
_UNKNOWN_WORD: Final = re.compile(r"Invalid enum value '(.*)'", re.DOTALL)


def wrong(path: str, problem: str) -> msgspec.ValidationError:
    """Return what is wrong with the value at this path, as `explained` reads it."""
    return msgspec.ValidationError(f"{problem} - at `$.{path}`")


def check_names(table: str, key: str, names: list[str]) -> None:
    """Check that no two tables have the same name; raises the `wrong` of the second."""
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            raise wrong(
                f"{table}[{index}].{key}", f"stands in {table}[{seen[name]}] too; keep one of them"
            )
        seen[name] = index


def explained(error: str, data: dict[str, Any], text: str, name: str, root: type) -> str:
    """Turn msgspec's words into file, line, key, value and cure."""
    path, told = _told(error, data, root)
    return f"{name}:{_line_of(text, path)}: {told}"


def told(error: str, data: dict[str, Any], root: type) -> str:
    """Turn msgspec's words into key, value and cure, where there is no file."""
    return _told(error, data, root)[1]


def _told(error: str, data: dict[str, Any], root: type) -> tuple[str, str]:
    """Return the path of the key, and the words about it."""
    match = _AT.match(error)
    problem, path = (match["problem"], match["path"]) if match else (error, "")
    unknown = _UNKNOWN_KEY.search(problem)
    if unknown is not None:
        key = unknown[1]
        path = f"{path}.{key}".lstrip(".")
        problem = f"no such key{nearest(key, _keys_beside(path, root))}"
    path = re.sub(r"\[\.\.\.\]", "", path)
    word = _UNKNOWN_WORD.fullmatch(problem)
    if word is not None:
        problem = f"no such word{nearest(word[1], set(_type_of(path, root).__args__))}"
    kind = _WRONG_KIND.fullmatch(problem)
    if kind is not None:
        problem += _CURES.get(kind[1], "")
    value = _value_at(data, path)
    # A key that we don't know may be a misspelt password.
    secret = unknown is not None or "password" in path or "token" in path or "secret" in path
    shown = "" if value is None or secret else f" = {value!r}"
    return path, f"{path}{shown}: {problem}" if path else problem


def _keys_beside(path: str, root: type) -> set[str]:
    """Return the keys that the table of this path may have."""
    table = _type_of(path.rpartition(".")[0], root)
    return {field.encode_name for field in msgspec.structs.fields(table)}


def _type_of(path: str, root: type) -> Any:
    """Return the type of the value at this path; of one among several, that of each."""
    kind: Any = root
    for step, index in _steps(path):
        kind = {f.encode_name: f.type for f in msgspec.structs.fields(kind)}[step]
        if index or type(None) in getattr(kind, "__args__", ()):
            kind = kind.__args__[0]
    return kind


def _steps(path: str) -> list[tuple[str, str]]:
    """Part a path into its keys, each with its index if it has one."""
    return re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path)


def _value_at(data: Any, path: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", path):
        try:
            data = data[int(step)] if isinstance(data, list) else data[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return None if isinstance(data, (dict, list)) else data


def _line_of(text: str, path: str) -> int:
    """Find the line where a key stands: under its table's header, counted among its like."""
    steps = _steps(path) or [("", "")]
    key = steps[-1][0]
    header: list[tuple[str, str]] = []
    line = 1
    seen: dict[str, int] = {}
    for number, content in enumerate(text.splitlines(), start=1):
        table = re.match(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]", content)
        if table is not None:
            if table[1] == "[[":
                seen[table[2]] = seen.get(table[2], -1) + 1
            header = _numbered(table[2], seen)
            if header == steps or [name for name, _ in header] == _unnumbered(steps):
                return number
            if header == steps[:-1]:
                line = number
        elif header == steps[:-1] and re.match(rf"\s*{re.escape(key)}\s*=", content):
            return number
    return line


def _numbered(header: str, seen: dict[str, int]) -> list[tuple[str, str]]:
    """Part a header into its tables, each with its index if it is one of several."""
    names = header.split(".")
    tables = [".".join(names[: at + 1]) for at in range(len(names))]
    return [
        (name, str(seen[table]) if table in seen else "")
        for name, table in zip(names, tables, strict=True)
    ]


def _unnumbered(steps: list[tuple[str, str]]) -> list[str] | None:
    """Return the keys of a path without indexes, None if it has one."""
    return None if any(index for _, index in steps) else [key for key, _ in steps]


def nearest(name: str, known: set[str]) -> str:
    """Name the known word that is most like this one, or all of them, if they are few."""
    matches = difflib.get_close_matches(name, known, n=1)
    if matches:
        return f"; did you mean {matches[0]!r}?"
    return f"; known: {', '.join(sorted(known))}" if len(known) <= MOST_NAMED else ""
