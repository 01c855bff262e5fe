"""The API is as it describes itself: whatever is sent, its answers are those of the description."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from smsc.centre import ServiceCentre
from smsc.config import load

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25
ENDLESS = {"watch"}
CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "fleet"
password = "fleet"
api_token = "token"
addresses = ["1234"]
operator = true
[[policies]]
name = "default"
deliver_to = "fleet"
[[devices]]
msisdn = "491700000001"
[[populations]]
msisdn = "4471########"
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service centre on an event loop of its own."""
    folder: Path = tmp_path_factory.mktemp("schema")
    file = folder / "smsc.toml"
    file.write_text(CONFIG.format(folder=folder))
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    centre = ServiceCentre(load(file), file=file)
    asyncio.run_coroutine_threadsafe(centre.open(), loop).result()
    host, port = centre.http_address
    yield f"http://{host}:{port}"
    asyncio.run_coroutine_threadsafe(centre.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_every_answer_is_one_that_is_described(url: str) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/schema/openapi.json")
    tested = 0
    found: Any
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] not in ENDLESS:
            check(operation)
            tested += 1
    assert tested > 30


def check(operation: Any) -> None:
    """Send what is described, and what isn't, and look at the answers."""
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    for mode in modes:

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def answers(case: Any) -> None:
            case.call_and_validate(
                checks=CHECKS, headers={"Authorization": "Bearer token"}, timeout=20
            )

        try:
            answers()
        except hypothesis.errors.Unsatisfiable:
            # An operation without any input has nothing that could be wrong.
            assert mode is schemathesis.GenerationMode.NEGATIVE
