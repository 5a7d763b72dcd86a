"""Vector subjects: rules of composition for a proof, a second difference for a refutation."""
