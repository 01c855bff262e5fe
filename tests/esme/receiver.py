"""A binding without a socket, as the agent sees it: it keeps what it is given to deliver."""

from smsc.delivery.agent import Attempt
from smsc.esme.dialect import Profile, dialect_of
from smsc.message import Address, Message, Receipt, to_account
from smsc.smpp.codec import encode
from smsc.smpp.commands import Version
from smsc.smpp.pdu import Bind, BindReceiver, DeliverSm, DeliverSmResp
from smsc.smpp.session import Answer, Session, Timers


class Receiver:
    """A bound session that answers when it is told to."""

    def __init__(
        self,
        kind: type[Bind] = BindReceiver,
        profile: Profile | None = None,
        version: Version = Version.V34,
    ) -> None:
        self.session = Session(Timers(), 0.0)
        self.dialect = dialect_of("fleet", profile or Profile(), version, {})
        self.writable = True
        self.given: list[Attempt] = []
        self.told: list[Message] = []
        self.flushed = 0
        (bind,) = self.session.receive(encode(kind(1)), 0.0)
        assert isinstance(bind, Bind)
        self.session.accept(bind, "smsc")

    def deliver(self, attempt: Attempt) -> None:
        number = self.session.next_sequence_number()
        self.session.request(DeliverSm(number), attempt, 0.0)
        self.given.append(attempt)

    def tell(self, message: Message) -> None:
        self.told.append(message)

    def flush(self) -> None:
        self.flushed += 1

    def answer(self) -> None:
        """Answer everything that was given."""
        for number in range(1, len(self.given) + 1):
            for event in self.session.receive(encode(DeliverSmResp(number)), 0.0):
                assert isinstance(event, Answer)


def attempt(number: int = 1, account: str = "fleet", receipt: Receipt | None = None) -> Attempt:
    return Attempt(
        Message(
            number,
            account,
            to_account(account),
            Address(1, 1, "491700000001"),
            Address(0, 1, "1234"),
            b"hello",
            0,
            0,
            receipt=receipt,
        )
    )
