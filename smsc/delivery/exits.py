"""Over which links a message may leave the platform, by the routes as they are now."""

from collections.abc import Sequence, Set
from typing import Final

from smsc.clock import Clock
from smsc.message import Message
from smsc_routing.explanation import Step, Steps
from smsc_routing.failover import draw_of
from smsc_routing.local_time import LocalTime
from smsc_routing.loops import going_round, onward, parse_trail
from smsc_routing.routes import Departure, Route, RouteTable
from smsc_routing.traffic import Traffic

_NOWHERE: Final = RouteTable()
_NO_SUCH_LINK: Final = "there is no link of this name"
_READABLE: Final = 8
"""Characters of a name on a trail, of 15, that tell a person which SMSC it is."""


def name_on_trails(system_id: str, instance: int) -> str:
    """Return the name by which an SMSC knows its own trail again, whoever else has its system_id.

    `instance` is a number of 24 bits that no other SMSC is likely to have.
    """
    told = "".join([each for each in system_id if "!" <= each <= "~"])
    return f"{told[:_READABLE]}.{instance:06x}"


class Exits:
    """The routes and the links there are; `change` puts others in their place at once."""

    def __init__(self, own_name: str, clock: Clock) -> None:
        """Know of no link. `own_name` stands on the trails of what leaves."""
        self._own_name = own_name
        self._clock = clock
        self._local_time = LocalTime()
        self._routes = _NOWHERE
        self.links: Set[str] = frozenset()
        self.timed = False
        """Whether the routes differ by the hour."""

    def change(self, routes: Sequence[Route], links: Set[str]) -> None:
        """Go by these routes over these links from now on; raises ValueError for a bad one."""
        self._routes = RouteTable(routes)
        self.links = links
        self.timed = any(route.hours is not None for route in routes)

    def departure(
        self, dest: str, source: str, account: str, asked_link: str = "", device_link: str = ""
    ) -> Departure:
        """Return what routes are asked about a message of an account, or of a device without."""
        return Departure(
            dest,
            source,
            account,
            Traffic.EXTERNAL if account else Traffic.P2P_EXTERNAL_MO,
            self._local_time.at(self._clock.now()).minute_of_week,
            asked_link=asked_link,
            device_link=device_link,
        )

    def order(self, departure: Departure, message_id: int) -> tuple[str, ...]:
        """Return the links to try for a message with this id, best first; empty if none is."""
        order = self._routes.candidates(departure, draw_of(message_id))
        known = self.links
        for link in order:
            if link not in known:
                return tuple([each for each in order if each in known])
        return order

    def explain(self, departure: Departure, message_id: int) -> Steps:
        """Return how the routes come to the order for a message with this id."""
        steps: Steps = []
        order = self._routes.candidates(departure, draw_of(message_id), steps=steps)
        unknown = {f"link {link}" for link in order if link not in self.links}
        return [Step(s.rule, False, _NO_SUCH_LINK) if s.rule in unknown else s for s in steps]

    def order_of(self, message: Message) -> tuple[str, ...]:
        """Return the links to try for a message now, whatever they were when it came in."""
        departure = self.departure(
            message.dest.digits, message.source.digits, message.account, message.link
        )
        return self.order(departure, message.id)

    def going_round(self, trail: str) -> str | None:
        """Return why a message with this trail is going round between SMSCs, None if it isn't."""
        return going_round(parse_trail(trail), self._own_name)

    def onward(self, trail: str) -> str:
        """Return the trail of a message that leaves."""
        return str(onward(parse_trail(trail), self._own_name))
