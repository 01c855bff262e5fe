"""The API tokens there are, by their hash: those of the configuration, and those in their place.

A token may be renewed while the SMSC runs. The new one then stands for all that the old one stood
for, which is worth nothing from then on. It goes by the one of the configuration that it came from:
where another one is written there, that one counts.
"""

import asyncio
from collections.abc import Iterator, Mapping


class Tokens(Mapping[str, str]):
    """The account (system_id) of each token, by the token's SHA-256 in hexadecimal."""

    def __init__(self, configured: Mapping[str, str], renewed: Mapping[str, str]) -> None:
        """Begin with those of the configuration, but for those that were renewed, by hash."""
        self._accounts = dict(configured)
        self._originals: dict[str, str] = {}
        self.turn = asyncio.Lock()
        """Whose turn it is to renew one: writing that down takes a while."""
        for original, current in renewed.items():
            if original in configured:
                self.renew(original, current)

    def original(self, digest: str) -> str:
        """Return the token of the configuration in the place of which this one stands."""
        return self._originals.get(digest, digest)

    def renew(self, digest: str, current: str) -> None:
        """Have another token stand in the place of this one, from now on."""
        original = self.original(digest)
        self._accounts[current] = self._accounts.pop(digest)
        self._originals.pop(digest, None)
        self._originals[current] = original

    def __deepcopy__(self, memo: object) -> "Tokens":
        """Return the same: the framework copies what its middleware is given."""
        return self

    def __getitem__(self, digest: str) -> str:
        """Return the account of a token."""
        return self._accounts[digest]

    def __iter__(self) -> Iterator[str]:
        """Go through all of them."""
        return iter(self._accounts)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._accounts)
