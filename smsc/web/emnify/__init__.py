"""The emnify dialect: /api/v1 as clients of that platform know it, over devices and policies."""
