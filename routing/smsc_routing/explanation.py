"""Why a decision came out as it did: the steps it took, noted by the code that takes them.

Whoever decides takes an optional list to note its steps in. Without one, no step is made and no
word is put together.
"""

from typing import NamedTuple


class Step(NamedTuple):
    """One rule that was asked, whether it let the message pass, and why."""

    rule: str
    passed: bool
    why: str


Steps = list[Step]
