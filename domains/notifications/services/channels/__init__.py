"""The ways out of the house, one module each, all of the shape that `port` says."""
