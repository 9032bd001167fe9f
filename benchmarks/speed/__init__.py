"""How long the environment itself takes, beside the least that any environment of typed calls must do."""
