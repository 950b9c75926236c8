"""Limits of its own wherever money moves, which hold while Redis is away, too."""

from kernel.rest import Limit

# Whoever tries one card after the other is slowed down.
PAYMENTS = (Limit(name="payment", quota=30, window=60),)
