"""Devices imported over HTTP: all of a file or none of it, told by lines, however it comes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from smsc.store.store import StoreError
from smsc.web.importer import MOST_TOLD, SLICE
from smsc.web.importing import SECONDS_OF_SILENCE
from smsc.web.problems import LARGEST_BODY
from smsc.web.rows import LONGEST_LINE
from tests.web.rooms import ANNA, Rooms

FIRST = 491800000000
EMIL = "491700000010"
FINN = "491700000011"
PATH = "/v1/devices/import"


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def many(count: int, first: int = FIRST) -> bytes:
    return csv("msisdn,imsi", *(f"{first + each},26201{each:010d}" for each in range(count)))


async def sent(rooms: Rooms, file: bytes, keep_going: bool = False) -> httpx.Response:
    query = "?keep_going=true" if keep_going else ""
    return await rooms.client.post(PATH + query, content=file, timeout=60)


async def taken(rooms: Rooms, file: bytes, keep_going: bool = False) -> Any:
    response = await sent(rooms, file, keep_going)
    assert response.status_code == 200, response.text
    return response.json()


async def wrong(rooms: Rooms, file: bytes) -> dict[int, str]:
    """Import a file that is wrong, and return what is told of its lines."""
    response = await sent(rooms, file)
    assert response.status_code == 422, response.text
    told = response.json()
    assert "nothing was imported" in told["detail"]
    assert await devices(rooms) == []
    return {each["line"]: each["problem"] for each in told.get("errors", ())}


async def devices(rooms: Rooms) -> list[dict[str, Any]]:
    """Return all devices that the store keeps."""
    found, after = [], ""
    while after is not None:
        page = (await rooms.client.get(f"/v1/devices?limit=1000&after={after}")).json()
        found += [each for each in page["devices"] if each["defined_in"] == "store"]
        after = page["next"]
    return found


# All or none.


async def test_every_line_becomes_a_device(rooms: Rooms) -> None:
    file = csv(
        "msisdn,imsi,policy,attached,override.mo_limit",
        f"{EMIL},262010000000010,shy,no,10/min",
        f"{FINN},262010000000011,,,",
    )
    assert await taken(rooms, file) == {"imported": 2, "failed": 0, "errors": []}
    emil, finn = await devices(rooms)
    assert (emil["msisdn"], emil["policy"], emil["attached"]) == (EMIL, "shy", False)
    assert emil["overrides"] == {"mo_limit": ["10/min"]}
    assert (finn["msisdn"], finn["policy"], finn["attached"]) == (FINN, "default", True)
    found = await rooms.client.get("/v1/devices/imsi:262010000000011")
    assert found.json()["msisdn"] == FINN


async def test_a_file_of_many_slices_is_taken_whatever_its_size(rooms: Rooms) -> None:
    count = 3 * SLICE + 1
    file = many(count)
    assert len(file) > LARGEST_BODY
    assert (await taken(rooms, file))["imported"] == count
    assert len(await devices(rooms)) == count


async def test_of_a_file_with_a_wrong_line_nothing_is_imported(rooms: Rooms) -> None:
    file = many(2 * SLICE) + csv("", f"{EMIL},x", "")
    assert await wrong(rooms, file) == {2 * SLICE + 2: "imsi 'x': write up to 15 digits"}


async def test_with_keep_going_lines_that_are_right_are_imported(rooms: Rooms) -> None:
    file = csv("msisdn", EMIL, "x", FINN, "y")
    told = await taken(rooms, file, keep_going=True)
    assert (told["imported"], told["failed"]) == (2, 2)
    assert [each["line"] for each in told["errors"]] == [3, 5]
    assert [each["msisdn"] for each in await devices(rooms)] == [EMIL, FINN]


async def test_a_file_without_one_right_line_imports_nothing(rooms: Rooms) -> None:
    told = await taken(rooms, csv("msisdn", "x"), keep_going=True)
    assert (told["imported"], told["failed"]) == (0, 1)


async def test_a_file_without_devices_imports_none(rooms: Rooms) -> None:
    assert await taken(rooms, csv("msisdn", "", "")) == {"imported": 0, "failed": 0, "errors": []}


async def test_all_wrong_lines_are_counted_and_the_first_are_told(rooms: Rooms) -> None:
    count = MOST_TOLD + 500
    response = await sent(rooms, csv("msisdn", *("x" for _ in range(count))))
    told = response.json()
    assert (told["failed"], len(told["errors"])) == (count, MOST_TOLD)
    assert f"{count} of the lines" in told["detail"]


# What is wrong with lines.


async def test_each_wrong_line_is_told_with_its_number_and_the_reason(rooms: Rooms) -> None:
    file = csv(
        "msisdn,imsi,policy,overrides",
        f"{ANNA},,,",
        f"{EMIL},,shi,",
        "+491700000012,,,",
        f'{EMIL},,,"{{""moo"": 1}}"',
        f"{EMIL},26201,,",
        f"{EMIL}",
        "x" * (LONGEST_LINE + 1),
        f"{FINN},,,",
    )
    told = await wrong(rooms, file)
    assert list(told) == [2, 3, 4, 5, 6, 7, 8]
    assert "configuration file" in told[2]
    assert "did you mean 'shy'" in told[3]
    assert "msisdn '+491700000012'" in told[4]
    assert "did you mean 'mo'" in told[5]
    assert told[6] == f"imsi 26201 is that of device {ANNA} already"
    assert "1 values for 4 columns" in told[7]
    assert f"longer than {LONGEST_LINE}" in told[8]


@pytest.mark.parametrize("apart", [1, SLICE + 1])
async def test_a_device_stands_in_a_file_once(rooms: Rooms, apart: int) -> None:
    between = [str(FIRST + each) for each in range(apart - 1)]
    told = await wrong(rooms, csv("msisdn", EMIL, *between, EMIL))
    assert told == {apart + 2: f"device {EMIL} was in a line before"}


@pytest.mark.parametrize("apart", [1, SLICE + 1])
async def test_no_two_lines_have_one_identity(rooms: Rooms, apart: int) -> None:
    between = [f"{FIRST + each}," for each in range(apart - 1)]
    told = await wrong(rooms, csv("msisdn,imsi", f"{EMIL},77", *between, f"{FINN},77"))
    assert told == {apart + 2: f"imsi 77 is that of device {EMIL} already"}


async def test_an_identity_of_a_device_that_stays_is_taken(rooms: Rooms) -> None:
    await rooms.client.post("/v1/devices", json={"msisdn": EMIL, "imsi": "77"})
    response = await sent(rooms, csv("msisdn,imsi", f"{FINN},77"))
    (error,) = response.json()["errors"]
    assert error == {"line": 2, "problem": f"imsi 77 is that of device {EMIL} already"}


# The file.


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \r\n", "the file is empty"),
        (b"msisdn,imsy\n1,2", "line 1: no such column: 'imsy'; did you mean 'imsi'?"),
        (b"imsi\n1", "no column msisdn"),
        (b"\xff\xfem\0s\0i\0s\0d\0n\0", "line 1: not UTF-8"),
        (b"PK\x03\x04\x14\0\x08\0\xb5", "line 1: "),
        (b"x" * (LONGEST_LINE + 1), "line 1: longer"),
        (b'{"msisdn": "1"}', "line 1: "),
    ],
)
async def test_a_file_that_is_none_is_told_why(rooms: Rooms, file: bytes, words: str) -> None:
    response = await sent(rooms, file)
    assert response.status_code == 422
    assert words in response.json()["detail"]


async def test_a_file_that_is_none_is_refused_however_much_of_it_comes(rooms: Rooms) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"number\n"
        for _ in range(100):
            yield many(1000)

    response = await rooms.client.post(PATH, content=chunks())
    assert response.status_code == 422
    assert "'number'" in response.json()["detail"]


async def test_a_mark_of_the_byte_order_and_ends_of_lines_as_windows_has_them(rooms: Rooms) -> None:
    file = b"\xef\xbb\xbfmsisdn,name\r\n" + f"{EMIL},Müller\r\n".encode()
    assert (await taken(rooms, file))["imported"] == 1
    assert (await devices(rooms))[0]["name"] == "Müller"


async def test_another_encoding_and_octets_that_are_no_text_are_told(rooms: Rooms) -> None:
    lines = [b"msisdn,name", f"{EMIL},Müller".encode("latin-1"), f"{FINN},a\0b".encode()]
    told = await wrong(rooms, b"\n".join(lines))
    assert "UTF-8" in told[2]
    assert r"name 'a\x00b'" in told[3]


# What was there before.


async def test_an_imported_device_takes_the_place_of_one_and_keeps_its_id(rooms: Rooms) -> None:
    made = await rooms.client.post("/v1/devices", json={"msisdn": EMIL, "imsi": "77"})
    await rooms.client.post(f"/v1/devices/{EMIL}/detach")
    assert (await taken(rooms, csv("msisdn,policy", f"{EMIL},shy")))["imported"] == 1
    (device,) = await devices(rooms)
    assert (device["id"], device["imsi"]) == (made.json()["id"], "")
    assert (device["policy"], device["attached"]) == ("shy", False)


async def test_what_was_imported_is_in_force_for_the_next_message(rooms: Rooms) -> None:
    message = {"to": EMIL, "text": "hi"}
    assert (await rooms.client.post("/v1/messages", json=message)).status_code == 404
    await taken(rooms, csv("msisdn,override.mt", f"{EMIL},no"))
    assert (await rooms.client.post("/v1/messages", json=message)).status_code == 403
    await taken(rooms, csv("msisdn", EMIL))
    assert (await rooms.client.post("/v1/messages", json=message)).status_code == 201
    await rooms.settled()
    assert (await rooms.client.get(f"/v1/devices/{EMIL}/inbox")).json()["received"] == 1


# While it comes.


class Upload:
    """A file that is sent piece by piece, over a connection of its own."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._begin = rooms.store.import_begun
        self._begun = asyncio.Event()
        self._watched = patch.object(rooms.store, "import_begun", self._begin_watched)

    async def _begin_watched(self) -> int:
        number = await self._begin()
        self._begun.set()
        return number

    async def __aenter__(self) -> "Upload":
        self._watched.start()
        self._reader, self._writer = await asyncio.open_connection(*self._rooms.server.address)
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        token = self._rooms.client.headers.raw
        (bearer,) = [value for name, value in token if name.lower() == b"authorization"]
        self._writer.write(head.encode() + b"Authorization: " + bearer + b"\r\n\r\n")
        return self

    async def send(self, octets: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(octets), octets))
        await self._writer.drain()

    async def end(self) -> bytes:
        self._writer.write(b"0\r\n\r\n")
        return await self._reader.readuntil(b"}")

    async def answer(self) -> bytes:
        return await self._reader.readuntil(b"}")

    async def begun(self) -> None:
        """Wait until the SMSC takes the file."""
        await self._begun.wait()

    async def silence(self) -> bytes:
        """Send nothing until that is answered, however long it takes."""
        answer = asyncio.ensure_future(self.answer())
        while not answer.done():
            self._rooms.clock.advance(SECONDS_OF_SILENCE)
            await self._rooms.client.get("/healthz")
        return answer.result()

    async def __aexit__(self, *error: object) -> None:
        self._watched.stop()
        self._writer.transport.abort()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


async def free(rooms: Rooms) -> None:
    """Wait until an import can begin."""
    while (await sent(rooms, csv("msisdn"))).status_code == 409:
        await rooms.client.get("/healthz")


async def test_nothing_of_a_file_is_seen_before_it_has_ended(rooms: Rooms) -> None:
    async with Upload(rooms) as upload:
        await upload.send(many(SLICE + 1) + b"\n")
        await upload.begun()
        assert await devices(rooms) == []
        assert b" 200 " in await upload.end()
    assert len(await devices(rooms)) == SLICE + 1


async def test_one_import_runs_at_a_time(rooms: Rooms) -> None:
    async with Upload(rooms) as upload:
        await upload.send(b"msisdn\n")
        await upload.begun()
        response = await sent(rooms, csv("msisdn", EMIL))
        assert response.status_code == 409
        assert "imported already" in response.json()["detail"]
        await upload.end()
    assert (await taken(rooms, csv("msisdn", EMIL)))["imported"] == 1


async def test_devices_are_changed_while_others_are_imported(rooms: Rooms) -> None:
    async with Upload(rooms) as upload:
        await upload.send(many(SLICE) + b"\n")
        await upload.begun()
        response = await rooms.client.post("/v1/devices", json={"msisdn": EMIL, "imsi": "77"})
        assert response.status_code == 201
        await upload.send(f"{FINN},77\n".encode())
        answer = await upload.end()
        assert f"imsi 77 is that of device {EMIL} already".encode() in answer
    assert [each["msisdn"] for each in await devices(rooms)] == [EMIL]


async def test_of_a_client_that_goes_away_nothing_is_imported(rooms: Rooms) -> None:
    async with Upload(rooms) as upload:
        await upload.send(many(SLICE + 1) + b"\n")
        await upload.begun()
    await free(rooms)
    assert await devices(rooms) == []
    assert (await taken(rooms, many(SLICE)))["imported"] == SLICE


async def test_a_client_that_falls_silent_is_not_waited_for(rooms: Rooms) -> None:
    async with Upload(rooms) as upload:
        await upload.send(many(10) + b"\n")
        await upload.begun()
        assert b" 408 " in await upload.silence()
    await free(rooms)
    assert await devices(rooms) == []


async def test_an_import_does_not_outlive_the_server(rooms: Rooms) -> None:
    async with Upload(rooms) as upload:
        await upload.send(many(SLICE + 1) + b"\n")
        await upload.begun()
        await rooms.server.close()
    assert await rooms.store.listed("", 10) == []
    assert await rooms.store.import_begun()


@pytest.mark.parametrize("name", ["import_begun", "imported", "import_ended"])
async def test_a_store_that_cannot_write_imports_nothing(rooms: Rooms, name: str) -> None:
    async def fail(*arguments: object) -> None:
        raise StoreError("the disk is full; make room")

    with patch.object(rooms.store, name, fail):
        response = await sent(rooms, csv("msisdn", EMIL))
    assert response.status_code == 503
    assert await devices(rooms) == []
    assert (await taken(rooms, csv("msisdn", FINN)))["imported"] == 1
    assert [each["msisdn"] for each in await devices(rooms)] == [FINN]


async def test_nobody_imports_without_a_token(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, trust_env=False) as stranger:
        assert (await stranger.post(PATH, content=many(10))).status_code == 401


async def test_other_bodies_are_as_large_as_before_at_most(rooms: Rooms) -> None:
    body = b'{"msisdn": "1"' + b" " * LARGEST_BODY + b"}"
    assert (await rooms.client.post("/v1/devices", content=body)).status_code == 413
