"""The lanes in use, by destination, and what is known of destinations that have none."""

from collections.abc import Mapping

from smsc.delivery.agent import Agent, Attempt
from smsc.delivery.lane import Lane
from smsc.message import Message, kind_and_key


class Lanes(dict[str, Lane]):
    """A lane for each destination in use; the others wait in the store."""

    def __init__(self) -> None:
        """Start with none; agents come with `agents`."""
        super().__init__()
        self.agents: Mapping[str, Agent] = {}
        """The agent for each kind of destination."""
        self.paused: set[str] = set()
        """Destinations without a lane, the first of whose queue has failed and waits."""
        self.unwritten: dict[str, int] = {}
        """How many places of a destination aren't durable yet: a lane that is opened needs it."""

    def agent(self, destination: str) -> Agent | None:
        """Return who delivers to a destination, None if nobody does."""
        return self.agents.get(kind_and_key(destination)[0])

    def open(self, destination: str) -> Lane | None:
        """Make the lane of a destination that is reachable."""
        agent = self.agent(destination)
        if agent is None or destination in self.paused or not agent.capacity(destination):
            return None
        lane = self[destination] = Lane(destination, agent)
        lane.unwritten = self.unwritten.get(destination, 0)
        lane.behind = lane.unwritten > 0
        return lane

    def in_passing(self, destination: str, swept: str) -> Lane | None:
        """Return the lane for what goes though the first of its queue waits to be tried again.

        Nobody has looked at the queues of destinations after `swept`.
        """
        if destination in self:
            return self[destination]
        paused = destination in self.paused
        self.paused.discard(destination)
        lane = self.open(destination)
        if lane is None and paused:
            self.paused.add(destination)
        elif lane is not None and (paused or destination > swept):
            lane.behind = True
        return lane

    def ready(self, destination: str) -> list[Message]:
        """Return what waits in memory for this destination, and has no place in its queue."""
        lane = self.get(destination)
        return [a.message for a in lane.ready if not a.queued] if lane is not None else []

    def find_ready(self, message: Message) -> tuple[Lane | None, Attempt | None]:
        """Return the lane of a message, and the message if it waits there in memory."""
        lane = self.get(message.destination)
        ready = lane.ready if lane is not None else ()
        return lane, next((a for a in ready if a.message.id == message.id), None)

    def count_unwritten(self, destination: str, change: int) -> Lane | None:
        """Count places that aren't durable yet; return the lane of their destination."""
        count = self.unwritten.pop(destination, 0) + change
        if count:
            self.unwritten[destination] = count
        lane = self.get(destination)
        if lane is not None:
            lane.unwritten = count
        return lane
