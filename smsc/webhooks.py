"""The webhooks there are: those of the file, and beside them those that were made over the API.

One of the file wins over one of its name that was made over the API. A webhook is disabled when
whoever it calls says that he is gone; that is kept, for those of the file too, until somebody
enables it. Whoever asks again sees what was changed meanwhile.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Set
from typing import Any, Final

import msgspec
import structlog

from smsc.config import ConfigError
from smsc.message import to_account, to_webhook
from smsc.mistake import told
from smsc.notation import Duration, read_notation
from smsc.subscriber import WebhookText
from smsc.webhook_table import Owned, Webhook, check_webhook

log = structlog.get_logger()

MOST_STORED: Final = 1000


class WebhookOfFile(Exception):
    """A webhook that the configuration has can't be changed over the API."""

    def __init__(self, name: str) -> None:
        """Name the webhook."""
        super().__init__(
            f"webhook '{name}' stands in the configuration; change it there, or choose another name"
        )


class UnknownWebhook(LookupError):
    """There is no webhook of this name."""

    def __init__(self, name: str) -> None:
        """Name the webhook."""
        super().__init__(
            f"there is no webhook '{name[:64]}'; GET /v1/webhooks lists those there are"
        )


class Webhooks:
    """Webhooks by name, as they are now."""

    def __init__(self, hooks: Iterable[Webhook], owned: Owned) -> None:
        """Know the webhooks of the file, and the accounts with their addresses."""
        self._owned = owned
        self._file: dict[str, Webhook] = {}
        self._stored: dict[str, Webhook] = {}
        self._hooks: dict[str, Webhook] = {}
        self._disabled: set[str] = set()
        self._homes: dict[tuple[str, str], str] = {}
        """Whose they are, by account and address; "" for all that has no other."""
        self.on_change: Callable[[str], None] = lambda name: None
        """Called when one was made, changed, removed, or enabled."""
        self.replace_file(hooks)

    def __iter__(self) -> Iterator[Webhook]:
        """Go through all of them."""
        return iter(self._hooks.values())

    def __len__(self) -> int:
        """Count them."""
        return len(self._hooks)

    def __contains__(self, name: object) -> bool:
        """Whether there is one of this name."""
        return name in self._hooks

    def find(self, name: str) -> Webhook | None:
        """Return the webhook of this name, if there is one."""
        return self._hooks.get(name)

    def known(self, name: str) -> Webhook:
        """Return the webhook of this name; raises UnknownWebhook."""
        found = self._hooks.get(name)
        if found is None:
            raise UnknownWebhook(name)
        return found

    def enabled(self, name: str) -> bool:
        """Whether it may be called."""
        return name not in self._disabled

    # What goes where.

    def home(self, name: str, address: str) -> str:
        """Return the queue of messages to this address, whose owner goes by this name."""
        hook = self._of(name, address) if name in self._owned else self._hooks.get(name)
        return queue_of(hook) if hook is not None else to_account(name)

    def receipts_to(self, account: str, source: str) -> str:
        """Return the queue of receipts of what an account submits over HTTP, "" for its receivers.

        Without a source it sends from the first of its addresses.
        """
        own = self._owned.get(account) or ("",)
        hook = self._of(account, source or own[0])
        return queue_of(hook) if hook is not None and hook.takes_receipts else ""

    def _of(self, account: str, address: str) -> Webhook | None:
        name = self._homes.get((account, address)) or self._homes.get((account, ""))
        return self._hooks[name] if name is not None else None

    # What is written, and told.

    def of_file(self, name: str) -> bool:
        """Whether the configuration has it, and so the API can't change it."""
        return name in self._file

    def written(self, name: str) -> WebhookText | None:
        """Return what is to be kept of one, None if nothing is."""
        hook = self._stored.get(name)
        disabled = name in self._disabled
        if hook is None:
            return WebhookText(name, b"", disabled) if disabled else None
        return WebhookText(name, text_of(hook), disabled)

    def check(self, text: bytes, name: str) -> Webhook:
        """Check one that comes over the API, a JSON object with the keys of `[[webhooks]]`.

        Its secrets stay as they are if it doesn't name any. Raises ConfigError, or `WebhookOfFile`
        for one that the API can't change.
        """
        if name in self._file:
            raise WebhookOfFile(name)
        data = _object(text)
        if data.setdefault("name", name) != name:
            raise ConfigError(f"name = {data['name']!r}: it goes by {name!r}; leave it out")
        was = self._stored.get(name)
        if was is not None:
            data.setdefault("secrets", was.secrets)
        if was is None and len(self._stored) >= MOST_STORED:
            raise ConfigError(f"there are {MOST_STORED} webhooks already; delete some")
        return self._checked(data)

    def _checked(self, data: dict[str, Any]) -> Webhook:
        try:
            hook = msgspec.convert(data, Webhook, dec_hook=read_notation)
            others = [each for each in self if each.name != hook.name]
            check_webhook("", hook, others, self._owned)
        except msgspec.ValidationError as error:
            raise ConfigError(told(str(error), data, Webhook)) from error
        return hook

    # What changes.

    def put(self, hook: Webhook) -> None:
        """Take in one that was made over the API; it may be called again if it couldn't be."""
        self._stored[hook.name] = hook
        self._disabled.discard(hook.name)
        self._changed(hook.name)

    def remove(self, name: str) -> None:
        """Forget one that was made over the API; raises `WebhookOfFile`, or `UnknownWebhook`."""
        if name in self._file:
            raise WebhookOfFile(name)
        if name not in self._stored:
            raise UnknownWebhook(name)
        del self._stored[name]
        self._disabled.discard(name)
        self._changed(name)

    def enable(self, name: str) -> None:
        """Let one be called again."""
        self._disabled.discard(name)
        self.on_change(name)

    def disable(self, name: str) -> None:
        """Have one be called no more."""
        self._disabled.add(name)

    def restore(self, kept: Iterable[WebhookText]) -> None:
        """Take in what was stored; one that can't be read any more is told in the log."""
        for each in kept:
            if each.disabled:
                self._disabled.add(each.name)
            if not each.text:
                continue
            try:
                self._stored[each.name] = self._checked(_object(each.text))
                self._arrange()
            except ConfigError as error:
                log.error("webhook_not_read", webhook=each.name, reason=str(error))

    def replace_file(self, hooks: Iterable[Webhook]) -> None:
        """Take the webhooks that the file has now in place of those it had."""
        names = {*self._file}
        self._file = {hook.name: hook for hook in hooks}
        self._arrange()
        for name in names | self._file.keys():
            self.on_change(name)

    def _changed(self, name: str) -> None:
        self._arrange()
        self.on_change(name)

    def _arrange(self) -> None:
        """Find out anew what goes where; what stands in the file wins."""
        self._hooks = self._stored | self._file
        self._homes = {}
        for hooks in (self._stored, self._file):
            for hook in hooks.values():
                if hook.account and self._hooks[hook.name] is hook:
                    for address in hook.addresses or ("",):
                        self._homes[hook.account, address] = hook.name


class Homes(Set[str]):
    """The names that messages can be delivered to: accounts, and webhooks as they are now."""

    def __init__(self, accounts: Collection[str], hooks: Webhooks) -> None:
        """Know both."""
        self._accounts = accounts
        self._hooks = hooks

    def __contains__(self, name: object) -> bool:
        """Whether somebody goes by this name."""
        return name in self._accounts or name in self._hooks

    def __iter__(self) -> Iterator[str]:
        """Go through all names."""
        yield from self._accounts
        yield from (hook.name for hook in self._hooks)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._accounts) + len(self._hooks)


def queue_of(hook: Webhook) -> str:
    """Return the queue of what a webhook is called with."""
    return to_webhook(hook.name, hook.account)


def text_of(hook: Webhook) -> bytes:
    """Return a webhook as a JSON object, without keys that have their default."""
    return msgspec.json.encode(hook, enc_hook=_duration)


def _duration(value: Any) -> str:
    assert isinstance(value, Duration)
    return f"{value.ms}ms" if value.ms % 1000 else f"{value.ms // 1000}s"


def _object(text: bytes) -> dict[str, Any]:
    try:
        data: dict[str, Any] = msgspec.json.decode(text, type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"no JSON object: {error}") from error
    return data
