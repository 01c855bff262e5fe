"""How results are shown: as tables on a terminal, as plain lines for other programs."""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, whole: Collection[str] = ()
) -> None:
    """Show rows; piped, their values are divided by tabs, without a heading.

    On a terminal that is too narrow, values go on below themselves, but not in `whole` columns.
    """
    lines = [[cell(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for line in lines:
            print("\t".join(line))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE)
    for column in columns:
        shown.add_column(column, no_wrap=column in whole, overflow="fold")
    for line in lines:
        shown.add_row(*map(Text, line))
    Console().print(shown)


def facts(values: Mapping[str, object]) -> None:
    """Show what is known of one thing, a line for each fact."""
    lines = {name: cell(value) for name, value in values.items()}
    if not sys.stdout.isatty():
        for name, line in lines.items():
            print(f"{name}: {line}")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for name, line in lines.items():
        grid.add_row(Text(name, style="bold"), Text(line))
    Console().print(grid)


def cell(value: object) -> str:
    """Write a value on one line; what a terminal would obey, or break at, is escaped."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in str(value)
    )
