"""The dialect of VoIP Number: one SMS a request, and its message data records."""
