"""Pictures of a pair, drawn from its emitted code."""
