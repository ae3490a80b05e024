"""How many examples a property is tried on."""

import hypothesis


def examples(count: int) -> int:
    """As many as the test says, or fewer where the profile (``--hypothesis-profile=fast``) wants fewer."""
    return min(count, hypothesis.settings.default.max_examples)
