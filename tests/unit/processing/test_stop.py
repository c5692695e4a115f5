from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yunqi.processing.stop import StopStrings

letters = st.text("abc", max_size=12)


def by_definition(text: str, stops: list[str]) -> tuple[str, str | None]:
    """Reads one character after the other and looks whether a stop string has just been completed."""
    for end in range(1, len(text) + 1):
        done = [stop for stop in stops if text[:end].endswith(stop)]
        if done:
            longest = max(done, key=len)
            return text[: end - len(longest)], longest
    return text, None


@given(pieces=st.lists(letters, max_size=6), stops=st.lists(st.text("abc", min_size=1, max_size=4), max_size=3))
def test_any_chunking_gives_the_same(pieces: list[str], stops: list[str]) -> None:
    watcher = StopStrings(stops)
    shown, hit = "", None
    for piece in pieces:
        safe, hit = watcher.push(piece)
        shown += safe
    shown += watcher.flush()
    assert (shown, hit) == by_definition("".join(pieces), stops)


def test_only_what_may_become_a_stop_string_is_held_back() -> None:
    watcher = StopStrings(["\nUser:", "END"])
    assert watcher.push("Hello\nUs") == ("Hello", None)
    assert watcher.push("ed E") == ("\nUsed ", None)
    assert watcher.push("N") == ("", None)
    assert watcher.push("D of it") == ("", "END")
    assert watcher.push("more") == ("", "END")
    assert watcher.flush() == ""
