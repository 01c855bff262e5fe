"""What an account may want otherwise than others, read by the clients' own code."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from smpplib import consts, gsm

from tests.journeys.aiosmpp import Application as AsyncApplication
from tests.journeys.aiosmpp import facts
from tests.journeys.blocking import DELIVERED, Application, is_receipt, stated
from tests.journeys.server import Server, demo_world

LONG = "The quick brown fox jumps over the lazy dog. " * 10
HEXADECIMAL = """message_id = "hexadecimal"
[accounts.receipt]
text = "stat:{stat} id:{id} err:{err} done date:{done_date} Text:{text}"
id = "hexadecimal"
tlvs = false
"""
WHOLE = """long_messages = "reassembled"
default_alphabet = "latin1"
[accounts.receipt]
id = "hexadecimal"
dates = "seconds"
"""


@pytest.fixture(scope="module")
def hexadecimal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("hexadecimal"), account=HEXADECIMAL)) as server:
        server.start()
        yield server


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("whole"), account=WHOLE)) as server:
        server.start()
        yield server


@pytest_asyncio.fixture
async def async_application(hexadecimal: Server) -> AsyncIterator[AsyncApplication]:
    async with AsyncApplication(hexadecimal.smpp) as application:
        yield application


@pytest.fixture
def application(whole: Server) -> Iterator[Application]:
    with Application(whole.smpp) as application:
        yield application.transceiver()


async def test_aiosmpplib_knows_its_message_by_the_text_of_the_receipt_alone(
    async_application: AsyncApplication,
) -> None:
    for number in range(20):
        text = f"message {number}"
        message_id = await async_application.send("491530000001", text)
        receipt = await async_application.receipt()
        assert not receipt.optional_params
        told = facts(receipt)
        assert (told["id"], told["stat"], told["text"]) == (message_id, "DELIVRD", text)
        assert receipt.log_id == text, "the library knows which message the receipt is about"
        assert int(message_id, 16) > number


def test_smpplib_reads_the_id_of_a_receipt_in_the_digits_its_account_wants(
    application: Application,
) -> None:
    ids = [application.send("491530000002", "hello") for _ in range(16)]
    receipts = [application.next_heard() for _ in ids]
    told = [stated(receipt) for receipt in receipts]
    assert told == [(f"{int(message_id):08X}", DELIVERED) for (message_id,) in ids]
    assert all(b" done date:2" in each.short_message for each in receipts)
    dates = [each.short_message.partition(b"done date:")[2].split()[0] for each in receipts]
    assert {len(date) for date in dates} == {12}


def test_what_smpplib_sends_in_segments_is_joined_on_the_device(hexadecimal: Server) -> None:
    parts, data_coding, _ = gsm.make_parts(LONG, use_udhi=False)
    with Application(hexadecimal.smpp) as application:
        application.transceiver()
        for sequence, part in enumerate(parts, 1):
            application.client.send_message(
                source_addr="1234",
                dest_addr_ton=consts.SMPP_TON_INTL,
                dest_addr_npi=consts.SMPP_NPI_ISDN,
                destination_addr="491530000003",
                short_message=part,
                data_coding=data_coding,
                registered_delivery=True,
                sar_msg_ref_num=0x1207,
                sar_total_segments=len(parts),
                sar_segment_seqnum=sequence,
            )
        assert all(is_receipt(application.next_heard()) for _ in parts)
    (message,) = hexadecimal.inbox("491530000003")
    assert (message["text"], message["parts"]) == (LONG, 3)


def test_smpplib_is_sent_a_long_message_whole(whole: Server, application: Application) -> None:
    whole.device_sends("491530000004", "1234", LONG)
    message = application.next_heard()
    assert not is_receipt(message)
    assert (message.esm_class, message.data_coding) == (0, 0)
    assert message.message_payload.decode("latin-1") == LONG


def test_data_coding_0_means_latin_1_in_both_directions(
    whole: Server, application: Application
) -> None:
    text = "Grüße an @ und _"
    application.submit("491530000005", text.encode("latin-1"), 0)
    assert is_receipt(application.next_heard())
    assert whole.texts("491530000005") == [text]
    whole.device_sends("491530000005", "1234", text)
    assert application.next_heard().short_message == text.encode("latin-1")
    whole.device_sends("491530000005", "1234", "100 €")
    message = application.next_heard()
    assert (message.short_message.decode("utf-16-be"), message.data_coding) == ("100 €", 8)
