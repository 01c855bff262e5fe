"""The door to other SMSCs: links, over which messages leave for numbers elsewhere."""
