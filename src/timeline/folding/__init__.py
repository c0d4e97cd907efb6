"""How a fold is run; ``replay`` is the definition that every faster way must equal."""
