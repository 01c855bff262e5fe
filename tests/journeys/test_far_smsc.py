"""A link of ours to node-smpp as the other SMSC, plain and over TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from smsc.clock import SystemClock
from smsc.message import State
from smsc.upstream.line import Terms
from smsc.upstream.link import Link
from tests.journeys.remote import Remote, far_smsc
from tests.upstream.office import Office, message

NAME, PASSWORD = "near", "longer than eight characters"


@pytest.fixture(scope="module", params=["plain", "tls"])
def far(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Remote, dict[str, Any]]]:
    """Run node-smpp; give it, and how it is called."""
    files: tuple[str, ...] = ()
    terms: dict[str, Any] = {"host": "127.0.0.1"}
    if request.param == "tls":
        files, terms["ssl"] = certified(tmp_path_factory.mktemp("far"))
    with far_smsc(NAME, PASSWORD, *files) as remote:
        yield remote, terms | {"port": remote.hear("listening")["port"]}


def certified(folder: Path) -> tuple[tuple[str, str], ssl.SSLContext]:
    """Return the files of a server's key and certificate, and who trusts it."""
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    key, chain = folder / "far.key", folder / "far.crt"
    certificate.private_key_pem.write_to_path(key)
    certificate.cert_chain_pems[0].write_to_path(chain)
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return (str(key), str(chain)), context


@asynccontextmanager
async def bound(
    far: tuple[Remote, dict[str, Any]], **terms: Any
) -> AsyncIterator[tuple[Link, Office]]:
    office = Office()
    office.replies = 0
    given = {"name": "far", "system_id": NAME, "password": PASSWORD, **far[1], **terms}
    link = Link(Terms(**given), office, SystemClock())
    link.open()
    try:
        await office.is_up()
        yield link, office
    finally:
        await link.close()


async def heard(far: tuple[Remote, dict[str, Any]], name: str) -> dict[str, Any]:
    return await asyncio.to_thread(far[0].hear, name)


async def test_it_binds_with_a_long_password_and_parts(far: tuple[Remote, dict[str, Any]]) -> None:
    async with bound(far) as (link, office):
        assert (await heard(far, "bind_transceiver"))["password"] == PASSWORD
        assert link.room > 0
    assert office.told == ["up", "down"]
    await heard(far, "unbind")


async def test_messages_are_taken_and_their_receipts_found_though_written_otherwise(
    far: tuple[Remote, dict[str, Any]],
) -> None:
    async with bound(far) as (link, office):
        link.send([message(number, payload=b"text %d" % number) for number in range(1, 51)])
        await office.has_answers(50)
        await office.until(lambda: len(office.reports) == 50)
        ids = [answer.remote_id for answer in office.answers]
        assert [answer.status for answer in office.answers] == [0] * 50
        for report, _ in office.reports:
            assert report.state is State.DELIVERED
            assert len({report.remote_id, *report.other_ids} & set(ids)) == 1
        submit = await heard(far, "submit_sm")
        assert submit["short_message"] == "text 1"
        assert submit["destination_addr"] == "442000000001"
        for _ in range(50):
            assert (await heard(far, "deliver_sm_resp"))["command_status"] == 0


async def test_what_it_delivers_arrives(far: tuple[Remote, dict[str, Any]]) -> None:
    async with bound(far) as (_, office):
        far[0].send(
            "deliver_sm", source_addr="4917", destination_addr="1234", short_message="from afar"
        )
        await office.until(lambda: len(office.arrivals) == 1)
        arrival, _ = office.arrivals[0]
        assert (arrival.source.digits, arrival.dest.digits) == ("4917", "1234")
        assert arrival.payload == b"from afar"


async def test_a_link_that_it_cuts_off_is_made_again(far: tuple[Remote, dict[str, Any]]) -> None:
    async with bound(far, reconnect_seconds=0.01) as (link, office):
        far[0].send("destroy")
        await office.is_up(2)
        link.send([message()])
        await office.has_answers(1)
        assert office.answers[0].status == 0
