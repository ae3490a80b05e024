"""Which distributions an installation brings, told from what is installed here."""

from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(requirements: list[str]) -> set[str]:
    """Names of the distributions that these requirements bring, directly or through others, on this system."""
    waiting = [Requirement(line) for line in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, extra))
            for line in distribution(name).requires or []:
                brought = Requirement(line)
                if brought.marker is None or brought.marker.evaluate({"extra": extra}):
                    waiting.append(brought)
    return {name for name, _ in seen}
