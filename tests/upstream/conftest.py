"""What the tests of this room share: a far end that listens while a test runs."""

from collections.abc import AsyncIterator

import pytest

from tests.upstream.far import FarEnd


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as far:
        yield far
