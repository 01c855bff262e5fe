"""The webhooks there are: which is called for what, and what of them is kept."""

import pytest

from smsc.config import ConfigError
from smsc.message import addressee_of, owner_of, to_account, to_webhook, webhook_and_account
from smsc.subscriber import WebhookText
from smsc.webhook_table import Webhook
from smsc.webhooks import Homes, UnknownWebhook, WebhookOfFile, Webhooks

OWNED = {"fleet": ("1234", "FLEET"), "slow": ("5678",), "bare": ()}
URL = "https://example.com/"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hook(name: str, account: str = "", *addresses: str, shape: str = "native") -> Webhook:
    return Webhook(name=name, url=URL, account=account, addresses=addresses, shape=shape)  # type: ignore[arg-type]


def test_messages_to_an_account_go_to_its_webhook_and_else_to_its_receivers() -> None:
    hooks = Webhooks([hook("orders", "fleet")], OWNED)
    assert hooks.home("fleet", "1234") == to_webhook("orders", "fleet")
    assert hooks.home("slow", "5678") == to_account("slow")
    assert hooks.home("", "99") == to_account("")


def test_a_webhook_of_an_address_goes_before_one_of_all() -> None:
    hooks = Webhooks([hook("all", "fleet"), hook("one", "fleet", "1234")], OWNED)
    assert hooks.home("fleet", "1234") == to_webhook("one", "fleet")
    assert hooks.home("fleet", "FLEET") == to_webhook("all", "fleet")


def test_one_that_only_a_policy_names_goes_by_its_name() -> None:
    assert Webhooks([hook("meters")], OWNED).home("meters", "99") == to_webhook("meters")


def test_receipts_go_to_the_webhook_of_the_sender() -> None:
    hooks = Webhooks([hook("one", "fleet", "1234")], OWNED)
    assert hooks.receipts_to("fleet", "1234") == to_webhook("one", "fleet")
    assert hooks.receipts_to("fleet", "") == to_webhook("one", "fleet")
    assert hooks.receipts_to("fleet", "FLEET") == ""
    assert hooks.receipts_to("bare", "") == ""


def test_a_shape_without_words_for_receipts_gets_none() -> None:
    hooks = Webhooks([hook("voip", "fleet", shape="voipnumber")], OWNED)
    assert hooks.receipts_to("fleet", "") == ""
    assert hooks.home("fleet", "1234") == to_webhook("voip", "fleet")


def test_a_queue_tells_its_webhook_and_the_account_that_it_is_for() -> None:
    queue = to_webhook("orders", "fleet")
    assert webhook_and_account(queue) == ("orders", "fleet")
    assert (owner_of(queue), addressee_of(queue)) == ("fleet", "fleet")
    assert webhook_and_account(to_webhook("meters")) == ("meters", "")
    assert addressee_of("link:a/fleet") == ""


def test_what_was_put_is_read_again_as_it_was() -> None:
    hooks = Webhooks((), OWNED)
    hooks.put(hooks.check(b'{"url":"https://a.example/","timeout":"1500ms"}', "orders"))
    hooks.disable("orders")
    kept = hooks.written("orders")
    assert kept is not None and kept.disabled
    again = Webhooks((), OWNED)
    again.restore([kept])
    assert again.find("orders") == hooks.find("orders")
    assert not again.enabled("orders")


def test_one_of_the_file_that_was_disabled_stays_so() -> None:
    hooks = Webhooks([hook("orders")], OWNED)
    hooks.disable("orders")
    kept = hooks.written("orders")
    assert kept == WebhookText("orders", b"", True)
    again = Webhooks([hook("orders")], OWNED)
    again.restore([kept])
    assert not again.enabled("orders")
    again.enable("orders")
    assert again.written("orders") is None


def test_secrets_stay_unless_others_are_named() -> None:
    hooks = Webhooks((), OWNED)
    hooks.put(hooks.check(f'{{"url":"{URL}","secrets":["{SECRET}"]}}'.encode(), "orders"))
    assert hooks.check(b'{"url":"https://b.example/"}', "orders").secrets == (SECRET,)
    assert hooks.check(b'{"url":"https://b.example/","secrets":[]}', "orders").secrets == ()


def test_one_of_the_file_wins_and_is_only_changed_there() -> None:
    hooks = Webhooks((), OWNED)
    hooks.put(hook("orders", "slow"))
    hooks.replace_file([hook("orders", "fleet")])
    assert hooks.home("slow", "5678") == to_account("slow")
    for change in (lambda: hooks.check(b"{}", "orders"), lambda: hooks.remove("orders")):
        with pytest.raises(WebhookOfFile):
            change()
    hooks.replace_file([])
    assert hooks.home("slow", "5678") == to_webhook("orders", "slow")


def test_one_that_is_removed_is_nobodys_home_any_more() -> None:
    hooks = Webhooks((), OWNED)
    changed: list[str] = []
    hooks.on_change = changed.append
    hooks.put(hook("orders", "fleet"))
    hooks.remove("orders")
    assert hooks.home("fleet", "1234") == to_account("fleet")
    assert changed == ["orders", "orders"]
    with pytest.raises(UnknownWebhook):
        hooks.remove("orders")


def test_what_was_stored_and_cannot_be_read_any_more_is_left_out() -> None:
    hooks = Webhooks((), OWNED)
    hooks.restore([WebhookText("orders", b'{"url":"https://a.example/","account":"gone"}')])
    assert "orders" not in hooks


@pytest.mark.parametrize("text", [b"[]", b"{", b'{"url":1}', b'{"uri":"x"}', b'{"name":"other"}'])
def test_what_is_no_webhook_is_refused(text: bytes) -> None:
    with pytest.raises(ConfigError):
        Webhooks((), OWNED).check(text, "orders")


def test_names_of_accounts_and_webhooks_are_homes() -> None:
    homes = Homes({"fleet"}, Webhooks([hook("orders")], OWNED))
    assert set(homes) == {"fleet", "orders"}
    assert len(homes) == 2
    assert "orders" in homes and "other" not in homes
