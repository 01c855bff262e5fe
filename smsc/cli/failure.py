"""How a command fails."""

from collections.abc import Mapping
from typing import Any


class Failure(Exception):
    """What failed, why, and what to do: one line for the one who typed the command."""


class Refusal(Failure):
    """What the SMSC would not do, with the problem that it answered."""

    def __init__(self, what: str, problem: Mapping[str, Any]) -> None:
        """Tell the problem in one line."""
        told = str(problem.get("detail") or problem.get("title"))
        ids = problem.get("ids")
        told = f"{told}; these parts were accepted: {', '.join(ids)}" if ids else told
        super().__init__(f"{what}: {told}")
        self.problem = problem
