"""The simulated mobile network: where devices are, how they answer, what they send."""
