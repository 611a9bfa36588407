"""No module of the program imports one that imports it, not even for its types or inside a function."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from tests.core.program_source import FILES, ONE_READING, facts_of

pytestmark = ONE_READING


def _imported(module: str) -> set[str]:
    """The modules of the program that one of them imports."""
    found: set[str] = set()
    for statement in facts_of(module).imports:
        if statement.module is None:
            found.update(statement.names)
        else:
            inner = {f"{statement.module}.{name}" for name in statement.names} & FILES.keys()
            found |= inner or {statement.module}
    return (found & FILES.keys()) - {module}


def test_there_is_no_circle_of_imports() -> None:
    graph = {module: _imported(module) for module in FILES}
    assert len(graph) > 300
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle of imports: {' -> '.join(error.args[1])}") from None
