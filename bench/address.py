"""Where to connect or listen: HOST:PORT."""

from typing import NamedTuple, Self


class HostPort(NamedTuple):
    """A host and a TCP port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read HOST:PORT; an IPv6 host stands in brackets."""
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (colon and host and port.isdecimal() and int(port) < 1 << 16):
            raise ValueError(f"{text!r} is not HOST:PORT: write it like 127.0.0.1:2775")
        return cls(host, int(port))

    def __str__(self) -> str:
        """Write HOST:PORT."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
