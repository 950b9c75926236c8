"""What customers use, by meters: told in batches by `recording`, added up by `aggregation`."""
