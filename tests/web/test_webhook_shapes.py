"""What webhooks are called with: shape by shape."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from smsc.message import Address, State
from smsc.smpp.commands import ESM_UDHI
from smsc.subscriber import Device
from smsc.web.webhooks.event import Call
from smsc.web.webhooks.shapes import SHAPES
from smsc.webhook_table import Shape
from smsc_encodings import udh
from smsc_encodings.elements import Ports16
from smsc_encodings.udh import Concatenation
from tests.web.webhook_samples import NOW_S, SECRET, event, message, receipt

SECOND_PART = udh.encode([Concatenation(77, 3, 2)])


def call(shape: Shape, *about: Any, **keys: Any) -> Call:
    made = SHAPES[shape](event(*about, shape=shape, **keys), NOW_S)
    assert made is not None
    return made


def body(shape: Shape, *about: Any, **keys: Any) -> Any:
    return json.loads(call(shape, *about, **keys).body)


# Native.


def test_native_tells_of_a_message_with_type_timestamp_and_data() -> None:
    assert body("native", message()) == {
        "type": "message.received",
        "timestamp": "2021-10-29T07:16:45.250Z",
        "data": {
            "id": "0046638782",
            "from": "423663920766251",
            "to": "12345",
            "text": "This is it",
            "hex": b"This is it".hex(),
            "data_coding": 0,
            "protocol_id": 0,
            "part": None,
            "accepted_at": "2021-10-29T07:16:45.250Z",
        },
    }


def test_native_tells_which_part_of_a_long_message_it_is() -> None:
    told = body("native", message(SECOND_PART + b"of it", esm_class=ESM_UDHI))["data"]
    assert told["part"] == {"number": 2, "total": 3, "reference": 77}
    assert told["text"] == "of it"


def test_native_tells_of_a_receipt_whose_message_went_the_other_way() -> None:
    assert body("native", receipt(State.UNDELIVERABLE, 1)) == {
        "type": "message.status",
        "timestamp": "2021-10-29T07:16:47.250Z",
        "data": {
            "id": "0046638644",
            "state": "UNDELIVERABLE",
            "final": True,
            "error": 1,
            "from": "12345",
            "to": "423663920766251",
            "accepted_at": "2021-10-29T07:16:45.250Z",
            "done_at": "2021-10-29T07:16:47.250Z",
        },
    }


def test_what_is_no_text_is_told_in_hexadecimal_digits_alone() -> None:
    told = body("native", message(b"\x00\xff", data_coding=4))["data"]
    assert (told["text"], told["hex"]) == (None, "00ff")


def test_a_header_that_cannot_be_read_stops_nothing() -> None:
    told = body("native", message(b"\xff\x00\x03", esm_class=ESM_UDHI))["data"]
    assert (told["text"], told["part"], told["hex"]) == (None, None, "ff0003")


def test_a_part_that_ends_in_half_a_character_is_told_with_a_mark_in_its_place() -> None:
    told = body("native", message("a😀".encode("utf-16-be")[:-2], data_coding=8))["data"]
    assert told["text"] == "a\ufffd"


# Zapier.


def test_zapier_gets_a_flat_object_of_numbers_and_text_by_post() -> None:
    for about in (message(SECOND_PART + b"of it", esm_class=ESM_UDHI), receipt()):
        made = call("zapier", about)
        assert made.method == "POST"
        assert all(isinstance(each, (int, str)) for each in json.loads(made.body).values())
    assert body("zapier", message(SECOND_PART + b"of it", esm_class=ESM_UDHI))["part"] == 2
    assert body("zapier", receipt())["state"] == "DELIVERED"


# emnify.


def test_emnify_posts_a_message() -> None:
    made = call("emnify", message())
    assert made.method == "POST"
    told = json.loads(made.body)
    assert isinstance(told.pop("organisation")["id"], int)
    assert told == {
        "id": 46638782,
        "endpoint": {"id": 10830095, "name": "Chargepoint Berlin"},
        "source_address": "423663920766251",
        "dest_address": "12345",
        "payload": "This is it",
        "dcs": 0,
        "pid": 0,
        "submit_date": "2021-10-29 07:16:45",
        "multi_part_info": {"partno": 1, "total": 1, "identifier": 46638782},
    }


def test_emnify_tells_of_each_part_with_what_is_common_to_all() -> None:
    told = body("emnify", message(SECOND_PART + b"of it", esm_class=ESM_UDHI))
    assert told["multi_part_info"] == {"partno": 2, "total": 3, "identifier": 77}
    assert told["payload"] == "of it"


def test_emnify_patches_a_receipt() -> None:
    made = call("emnify", receipt())
    assert made.method == "PATCH"
    told = json.loads(made.body)
    assert isinstance(told.pop("organisation")["id"], int)
    assert told == {
        "id": 46638644,
        "status": {"status": "DELIVERED", "id": 4},
        "endpoint": {"id": 10830095, "name": "Chargepoint Berlin"},
        "submit_date": "2021-10-29 07:16:45",
        "final_date": "2021-10-29 07:16:47",
    }


@pytest.mark.parametrize(
    "keys", [{"receipts": "post"}, {"url": "https://hooks.zapier.com/hooks/catch/1/a/"}]
)
def test_emnify_posts_receipts_where_it_is_told_to_and_to_zapier(keys: dict[str, str]) -> None:
    assert call("emnify", receipt(), **keys).method == "POST"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.DELIVERED, "DELIVERED"),
        (State.UNDELIVERABLE, "FAILED"),
        (State.REJECTED, "FAILED"),
        (State.EXPIRED, "EXPIRED"),
        (State.DELETED, None),
        (State.ENROUTE, None),
    ],
)
def test_emnify_tells_of_final_states_alone(state: State, told: str | None) -> None:
    made = SHAPES["emnify"](event(receipt(state), shape="emnify"), NOW_S)
    assert (json.loads(made.body)["status"]["status"] if made else None) == told


def test_a_device_without_an_id_goes_by_its_number() -> None:
    told = body("emnify", message(), Device(number="491700000001"))
    assert told["endpoint"] == {"id": 491700000001, "name": "491700000001"}


def test_emnify_bears_a_token_if_there_is_a_secret() -> None:
    assert "Authorization" not in call("emnify", message()).headers
    bearer = call("emnify", message(), secrets=("s3cret",)).headers["Authorization"]
    kind, _, token = bearer.partition(" ")
    head, claims, _ = (urlsafe_b64decode(part + "==") for part in token.split("."))
    assert kind == "Bearer"
    assert json.loads(head) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(claims) == {"iss": "smsc", "iat": NOW_S, "exp": NOW_S + 300}


# VoIP Number.


def test_voip_number_posts_what_was_received_with_the_headers_of_its_proxy() -> None:
    made = call("voipnumber", message())
    assert made.method == "POST"
    assert made.headers["X-Forwarded-Port"] == "443"
    assert made.headers["X-Forwarded-Proto"] == "https"
    told = json.loads(made.body)
    assert len(told.pop("mdr_id")) == 36
    assert told == {
        "status": "received",
        "from": "+423663920766251",
        "to": "12345",
        "type": "sms",
        "body": "This is it",
        "mdr_timestamp_s": 1635491805,
        "mdr_created": "29 Oct 2021 07:16:45",
    }


def test_voip_number_writes_a_plus_before_numbers_and_none_before_names() -> None:
    told = body("voipnumber", message(dest=Address(1, 1, "12025550123")))
    assert told["to"] == "+12025550123"
    assert body("voipnumber", message(dest=Address(5, 0, "FLEET")))["to"] == "FLEET"


def test_the_id_of_a_data_record_is_always_the_same() -> None:
    assert body("voipnumber", message())["mdr_id"] == body("voipnumber", message())["mdr_id"]
    assert body("voipnumber", message(id=2))["mdr_id"] != body("voipnumber", message())["mdr_id"]


def test_voip_number_tells_of_no_receipts() -> None:
    assert SHAPES["voipnumber"](event(receipt(), shape="voipnumber"), NOW_S) is None


PUSH = udh.encode([Ports16(2948, 9200)])
LOCATION = b"\x8c\x82\x98tid\x00\x8d\x90\x83http://mms.example/1\x00"


@pytest.mark.parametrize(
    "content_type",
    [
        b"\xbe",
        b"application/vnd.wap.mms-message\x00",
        b"\x03\xbe\x81\x84",
        b"\x1f\x20application/vnd.wap.mms-message\x00",
    ],
)
def test_a_push_that_announces_an_mms_is_one(content_type: bytes) -> None:
    headers = content_type + b"\xaf\x84"
    payload = PUSH + bytes((0x25, 0x06, len(headers))) + headers + LOCATION
    told = body("voipnumber", message(payload, esm_class=ESM_UDHI, data_coding=4))
    assert (told["type"], told["body"]) == ("mms", "http://mms.example/1")


@pytest.mark.parametrize(
    "payload",
    [
        PUSH + b"\x25\x06\x03\xae\xaf\x84" + LOCATION,
        PUSH + b"\x25\x07\x03\xbe\xaf\x84",
        PUSH + b"\x25",
        PUSH,
        PUSH + b"\x25\x06\xff\xff\xff",
        udh.encode([Ports16(9200, 2948)]) + b"\x25\x06\x01\xbe" + LOCATION,
    ],
)
def test_any_other_push_is_an_sms(payload: bytes) -> None:
    told = body("voipnumber", message(payload, esm_class=ESM_UDHI, data_coding=4))
    assert told["type"] == "sms"


# All of them.


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_an_id_that_stays_and_the_time_of_the_attempt(shape: Shape) -> None:
    secrets = ("api",) if shape == "emnify" else (SECRET,)
    made = SHAPES[shape](event(message(), shape=shape, secrets=secrets), NOW_S + 5)
    assert made is not None
    assert made.headers["webhook-id"] == "msg_000001_0046638782"
    assert made.headers["webhook-timestamp"] == str(NOW_S + 5)
