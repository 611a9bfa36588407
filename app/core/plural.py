"""Numbers of things in words."""


def plural(number: int, word: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
