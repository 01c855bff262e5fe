"""The examples of the encodings' manual, run as they stand."""

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "encodings.md"

_EXAMPLES = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_example_shows_what_happens() -> None:
    blocks = _EXAMPLES.findall(PAGE.read_text("utf-8"))
    source = "\n".join(blocks)
    test = doctest.DocTestParser().get_doctest(source, {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    failed, tried = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert not failed, "".join(told)
    assert tried == source.count(">>> ")
