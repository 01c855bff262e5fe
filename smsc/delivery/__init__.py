"""The road of a message: in at one door, stored, tried until final, answered by a receipt."""
