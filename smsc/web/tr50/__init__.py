"""The dialect of Telit deviceWISE and KORE: TR50, commands in JSON."""
