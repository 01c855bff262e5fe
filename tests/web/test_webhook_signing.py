"""Signatures, checked by the package of those who wrote Standard Webhooks, and by hand."""

import hmac
from base64 import urlsafe_b64encode
from time import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from smsc.web.webhooks.shapes import SHAPES
from smsc.web.webhooks.signing import json_web_token, standard_headers
from smsc.webhook_table import Shape
from tests.web.webhook_samples import OTHER_SECRET, SECRET, event, message


@pytest.mark.parametrize("shape", ["native", "zapier", "voipnumber"])
def test_a_receiver_that_checks_by_the_standard_believes_us(shape: Shape) -> None:
    made = SHAPES[shape](event(message(), shape=shape, secrets=(SECRET,)), int(time()))
    assert made is not None
    Webhook(SECRET).verify(made.body, dict(made.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(made.body, dict(made.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(made.body + b" ", dict(made.headers))


def test_while_secrets_change_old_and_new_ones_are_believed() -> None:
    headers = standard_headers("msg_1", int(time()), b"{}", (SECRET, OTHER_SECRET))
    for secret in (SECRET, OTHER_SECRET):
        Webhook(secret).verify(b"{}", headers)


def test_the_signature_is_that_of_the_published_example() -> None:
    headers = standard_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', (SECRET,)
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in standard_headers("msg_1", 1, b"{}", ())


def test_a_token_is_signed_over_head_and_claims() -> None:
    signed, _, signature = json_web_token("secret", 1_700_000_000).rpartition(".")
    digest = hmac.digest(b"secret", signed.encode(), "sha256")
    assert signature == urlsafe_b64encode(digest).rstrip(b"=").decode()
