"""A receiver of webhooks as a process of its own."""

from collections.abc import Iterator

import pytest

from tests.web.webhooks.receiver import Process


@pytest.fixture(scope="module")
def receiver() -> Iterator[Process]:
    with Process() as process:
        yield process
