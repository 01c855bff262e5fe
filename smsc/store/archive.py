"""All that a store does for the whole of the SMSC."""

from typing import Protocol

from smsc.store.credentials import CredentialStore
from smsc.store.notes import NoteStore
from smsc.store.record import RecordStore
from smsc.store.repeats import RepeatStore
from smsc.store.store import CountStore, DeviceStore, ForwardStore, Store


class Archive(
    Store,
    ForwardStore,
    CountStore,
    DeviceStore,
    RecordStore,
    RepeatStore,
    NoteStore,
    CredentialStore,
    Protocol,
):
    """A store that keeps all of this."""
