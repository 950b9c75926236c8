"""The audit: entries made from events, chained by hashes, anchored daily, kept as long as paid."""
