"""What commands work with: the rooms of the SMSC, and who has authenticated."""

from dataclasses import dataclass

from smsc.web.catalogue import Catalogue
from smsc.web.services import Services
from smsc.web.tr50.sessions import Session, Sessions


@dataclass(frozen=True, slots=True)
class Room:
    """The rooms behind the commands."""

    services: Services
    catalogue: Catalogue
    sessions: Sessions

    @property
    def own_smsc(self) -> str:
        """The name by which this SMSC goes among others."""
        return self.services.system_id

    def smscs(self) -> list[str]:
        """Return the SMSCs there are: this one, and those that links lead to."""
        return [self.own_smsc, *sorted(outlet.name for outlet in self.services.links())]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the id of the session that says so."""

    session: Session
    session_id: str
