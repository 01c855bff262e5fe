"""Webhooks: URLs that are called with messages and receipts."""
