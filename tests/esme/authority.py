"""A certificate authority of our own, and what a server and its clients get from it."""

import ssl
from pathlib import Path

import trustme

from smsc.certificate import server_context
from smsc.esme.arrival import Entrance


class Authority:
    """Signs certificates, and has them in files where a server reads them."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.certificate = folder / "smsc.crt"
        self.key = folder / "smsc.key"
        self.client_ca = folder / "clients.crt"
        server = self._ca.issue_cert("127.0.0.1")
        server.cert_chain_pems[0].write_to_path(self.certificate)
        server.private_key_pem.write_to_path(self.key)
        self._ca.cert_pem.write_to_path(self.client_ca)

    def entrance(self) -> Entrance:
        """Return an entrance that speaks TLS and asks for certificates."""
        context = server_context(self.certificate, self.key, self.client_ca)
        return Entrance("127.0.0.1", 0, context)

    def client(self, *names: str, common_name: str | None = None) -> ssl.SSLContext:
        """Return the context of a client that trusts the server, with a certificate of names."""
        context = ssl.create_default_context()
        self._ca.configure_trust(context)
        if names or common_name:
            self._ca.issue_cert(*names, common_name=common_name).configure_cert(context)
        return context
