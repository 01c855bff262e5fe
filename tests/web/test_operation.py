"""What an operator's tools ask: health, readiness, metrics, the schema."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from smsc.esme.dialect import Profile, dialect_of
from smsc.smpp.commands import Version
from smsc.smpp.session import Session, Timers
from smsc.web.problems import refusal
from smsc_routing.decision import Reason, Verdict
from tests.web.rooms import ANNA, BERT, FLEET, Rooms


async def scrape(rooms: Rooms) -> Mapping[str, Metric]:
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as prometheus:
        response = await prometheus.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {family.name: family for family in text_string_to_metric_families(response.text)}


def samples(family: Metric) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


async def test_it_lives_and_is_ready_without_a_token(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as probe:
        for path in ("/healthz", "/readyz"):
            assert (await probe.get(path)).status_code == 200


async def test_who_is_not_ready_says_why_and_still_lives(rooms: Rooms) -> None:
    rooms.unready = "the store can't write"
    response = await rooms.client.get("/readyz")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "status": 503,
        "title": "Not ready",
        "detail": "the store can't write",
    }
    assert (await rooms.client.get("/healthz")).status_code == 200


async def test_what_happened_is_counted_by_class_outcome_and_state(rooms: Rooms) -> None:
    for to in (ANNA, BERT, "99", ""):
        await rooms.client.post("/v1/messages", json={"to": to, "text": "hello"})
    await rooms.settled()
    rooms.journal.refused_binds["wrong_password"] += 2
    rooms.journal.redeliveries = 3
    rooms.journal.forgotten_records, rooms.journal.forgotten_texts = 5, 6
    families = await scrape(rooms)
    submits = samples(families["smsc_submits"])
    assert submits["a2p_mt", "accepted"] == 2
    assert submits["none", "malformed_number"] == 1
    assert sum(submits.values()) == 4
    assert samples(families["smsc_deliveries"]) == {("device", "delivered"): 1}
    assert samples(families["smsc_finals"]) == {("DELIVERED",): 1}
    assert samples(families["smsc_refused_binds"]) == {("wrong_password",): 2}
    assert samples(families["smsc_redeliveries"]) == {(): 3}
    assert samples(families["smsc_forgotten_records"]) == {(): 5}
    assert samples(families["smsc_forgotten_texts"]) == {(): 6}
    assert samples(families["smsc_queue_depth"]) == {(): 1}
    assert samples(families["smsc_in_hand"]) == {(): 0}
    assert samples(families["smsc_ledger_backlog"]) == {(): 0}


async def test_a_failure_of_the_store_is_counted(rooms: Rooms) -> None:
    rooms.store.full = True
    await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "hello"})
    assert samples((await scrape(rooms))["smsc_store_failures"]) == {(): 1}


async def test_a_histogram_has_cumulative_buckets_that_end_with_everything(rooms: Rooms) -> None:
    for value in (0.5, 1.0, 60.0, 1e9):
        rooms.journal.delivery_seconds.observe(value)
    family = (await scrape(rooms))["smsc_delivery_seconds"]
    assert family.type == "histogram"
    buckets = {
        sample.labels["le"]: sample.value
        for sample in family.samples
        if sample.name.endswith("_bucket")
    }
    assert (buckets["0.1"], buckets["1.0"], buckets["60.0"]) == (0, 2, 3)
    assert (buckets["86400.0"], buckets["+Inf"]) == (3, 4)
    totals = {sample.name: sample.value for sample in family.samples if not sample.labels}
    assert totals == {
        "smsc_delivery_seconds_count": 4,
        "smsc_delivery_seconds_sum": 1_000_000_061.5,
    }


class Bound:
    """A bound session, as far as counting goes."""

    def __init__(self) -> None:
        self.session = Session(Timers(1, 1, 1, 1), 0.0)
        self.dialect = dialect_of(FLEET, Profile(), Version.V34, {})
        self.writable = True

    def deliver(self, attempt: object) -> None: ...

    def tell(self, message: object) -> None: ...

    def flush(self) -> None: ...


async def test_an_account_whose_last_bind_is_gone_is_shown_with_none(rooms: Rooms) -> None:
    binding = Bound()
    rooms.bindings.add(FLEET, binding, 10)
    assert samples((await scrape(rooms))["smsc_binds"]) == {(FLEET,): 1}
    rooms.bindings.remove(FLEET, binding)
    assert samples((await scrape(rooms))["smsc_binds"]) == {(FLEET,): 0}


async def test_every_metric_of_ours_has_help_and_labels_of_a_closed_set(rooms: Rooms) -> None:
    await rooms.client.post("/v1/messages", json={"to": ANNA, "text": "hello"})
    families = await scrape(rooms)
    ours = {name: family for name, family in families.items() if name.startswith("smsc_")}
    assert len(ours) == 33
    closed = {"class", "reason", "agent", "outcome", "state", "account", "mode", "link", "le"}
    for family in ours.values():
        assert len(family.documentation) > 15
        assert {label for sample in family.samples for label in sample.labels} <= closed
    assert {"python_info", "python_gc_collections"} < set(families)


async def test_openmetrics_is_spoken_to_those_who_ask_for_it(rooms: Rooms) -> None:
    response = await rooms.client.get(
        "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
    )
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    parse: Callable[[str], Iterator[Metric]] = openmetrics.text_string_to_metric_families
    names = {family.name for family in parse(response.text)}
    assert "smsc_submits" in names


async def test_the_schema_describes_every_operation_and_who_may_ask(rooms: Rooms) -> None:
    assert "text/html" in (await rooms.client.get("/schema")).headers["content-type"]
    schema: dict[str, Any] = (await rooms.client.get("/schema/openapi.json")).json()
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == {
        "POST /v1/messages",
        "POST /v1/messages/batch",
        "GET /v1/messages",
        "GET /v1/messages/export",
        "GET /v1/messages/{message_id}",
        "PATCH /v1/messages/{message_id}",
        "DELETE /v1/messages/{message_id}",
        "GET /v1/devices",
        "POST /v1/devices",
        "POST /v1/devices/import",
        "GET /v1/devices/{who}",
        "PUT /v1/devices/{who}",
        "PATCH /v1/devices/{who}",
        "DELETE /v1/devices/{who}",
        "GET /v1/devices/{who}/inbox",
        "DELETE /v1/devices/{who}/inbox",
        "POST /v1/devices/{who}/attach",
        "POST /v1/devices/{who}/detach",
        "POST /v1/devices/{who}/messages",
        "GET /v1/outages",
        "POST /v1/outages",
        "DELETE /v1/outages/{pattern}",
        "GET /v1/events",
        "GET /v1/policies",
        "GET /v1/policies/{name}",
        "PUT /v1/policies/{name}",
        "DELETE /v1/policies/{name}",
        "GET /v1/webhooks",
        "GET /v1/webhooks/{name}",
        "PUT /v1/webhooks/{name}",
        "DELETE /v1/webhooks/{name}",
        "POST /v1/webhooks/{name}/enable",
        "POST /v1/explain",
        "GET /v1/accounts",
        "GET /v1/accounts/{name}",
        "GET /v1/links",
        "GET /v1/links/{name}",
        "GET /v1/routes",
        "POST /v1/reload",
        "POST /v1/backup",
        "POST /api",
        "POST /rest/auth",
        "POST /sms",
        "POST /sms/send",
        "POST /v1/sms/send",
        "GET /sms",
        "GET /sms/{record_id}",
        "POST /sms/token",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    }
    for name, operation in operations.items():
        assert operation["summary"]
        assert operation["description"]
        assert ("security" in operation) is ("/v1/" in name or " /sms" in name)
    file = operations["POST /v1/devices/import"]["requestBody"]["content"]
    assert file["text/csv"]["example"].startswith("msisdn,")
    fields = schema["components"]["schemas"]["NewMessage"]["properties"]
    assert {"to", "text", "hex", "from", "data_coding", "receipt", "link", "udh"} <= set(fields)
    assert all(field["description"] for field in fields.values())


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.ACCEPTED])
def test_every_verdict_has_a_status(reason: Reason) -> None:
    told = refusal(Verdict(reason, detail="because", retry_after_ms=1001))
    assert 400 <= told.status_code <= 503
    assert told.detail == "because"
    assert told.headers == {"Retry-After": "2"}
