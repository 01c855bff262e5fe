"""Rules held against a text that replaces another: what can't be sent can't be put in later."""

from collections.abc import Iterable

from smsc.delivery.content import content
from smsc.delivery.directory import Directory, Unread
from smsc.message import DEVICE, Message, kind_and_key
from smsc_routing.decision import Question, Verdict, asked, ruled_out
from smsc_routing.rules import look_at_text
from smsc_routing.traffic import Party, Target


class Inspection:
    """Knows the policies of devices whose messages are replaced."""

    def __init__(self, directory: Directory) -> None:
        """Ask this directory for policies."""
        self._directory = directory

    async def prepare(self, messages: Iterable[Message]) -> None:
        """Read the devices that these are for; raises StoreError."""
        unread: dict[str, None] = {}
        for message in messages:
            kind, number = kind_and_key(message.destination)
            try:
                if kind == DEVICE:
                    self._directory.device(number)
            except Unread:
                unread[number] = None
        if unread:
            await self._directory.read(list(unread))

    def refusal(self, message: Message, now: int) -> Verdict | None:
        """Say which rule an account's message breaks, if any; raises `Unread`."""
        kind, number = kind_and_key(message.destination)
        receiver = self._directory.device(number) if kind == DEVICE else None
        if receiver is None or receiver.mt_restrictions is None:
            return None
        question = Question(
            Party.APPLICATION,
            message.source.digits,
            number,
            Target.DEVICE,
            message.account,
            (),
            source_owner=None,
            sender=None,
            receiver=receiver,
            has_home=True,
        )
        rules = asked(question)
        found = content(message, look_at_text(rules))
        return ruled_out(question._replace(content=found), now)
