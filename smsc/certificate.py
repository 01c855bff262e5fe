"""Files for TLS, made into what a listener or a caller needs."""

import ssl
from pathlib import Path
from typing import NoReturn


class CertificateError(Exception):
    """A file that isn't what it should be: the key that names it, and what is wrong with it."""

    def __init__(self, key: str, problem: str) -> None:
        """Name the key, and the problem with its cure."""
        super().__init__(problem)
        self.key = key


def server_context(certificate: Path, key: Path, client_ca: Path | None) -> ssl.SSLContext:
    """Return the context of a listener: TLS 1.2 or newer, clients' certificates if there is a CA.

    A client without a certificate is let in to be asked for its password; one with a certificate
    that the CA didn't sign is not. Raises `CertificateError`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Proves that there is a certificate in the file, which OpenSSL's errors don't tell apart.
    _load_authorities("certificate", certificate, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    _check_readable("key", key)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise CertificateError(
            "key",
            "not the key of the certificate, as PEM without a passphrase"
            f" ({error}); write the path of the file that was made with it",
        ) from error
    if client_ca is not None:
        _load_authorities("client_ca", client_ca, context)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context(ca: Path | None) -> ssl.SSLContext:
    """Return the context of a caller: TLS 1.2 or newer, to a peer whose certificate is checked.

    It must be signed by one in the file of `ca`, or else by one that the machine trusts. Raises
    `CertificateError`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca is not None:
        _load_authorities("ca", ca, context)
    else:
        context.load_default_certs()
    return context


def _load_authorities(key: str, path: Path, context: ssl.SSLContext) -> None:
    _check_readable(key, path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise CertificateError(
            key, f"no certificate in PEM is in it ({error}); write the path of one that is"
        ) from error


def _check_readable(key: str, path: Path) -> None:
    try:
        path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CertificateError(
            key, f"can't be read: {reason}; write the path of a PEM file"
        ) from error


def _no_password() -> NoReturn:
    raise ValueError("it is encrypted")
