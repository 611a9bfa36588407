"""The workflow of releases, which cannot be run here: what it calls is there and takes what it is given."""

from __future__ import annotations

import os
import re
import shlex

import pytest

from app.cli import program_parser
from tests.core.program_source import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
COMMANDS = re.findall(r'^ +"\$\{\{ matrix\.program \}\}" (.+)$', WORKFLOW, re.MULTILINE)


def test_its_scripts_can_be_run() -> None:
    scripts = set(re.findall(r"installer/\w+\.sh", WORKFLOW))
    assert scripts >= {"installer/setup.sh", "installer/bundle.sh", "installer/offline.sh"}
    assert [script for script in scripts if not os.access(ROOT / script, os.X_OK)] == []


def test_what_it_names_is_in_the_repository() -> None:
    assert (ROOT / re.findall(r"install --require-hashes -r (\S+)", WORKFLOW)[0]).is_file()
    assert (ROOT / re.findall(r"pytest -m bundle (\S+)", WORKFLOW)[0]).is_dir()


def test_the_bundles_that_it_tries_are_where_they_are_built() -> None:
    spec = (ROOT / "installer" / "semioscope.spec").read_text(encoding="utf-8")
    place = r"program: build/bundle/dist/([\w.]+)/(?:Contents/MacOS/)?([\w-]+)(?:\.exe)? "
    programs = re.findall(place, WORKFLOW)
    assert len(programs) == 4
    for folder, name in programs:
        assert f'name="{folder}"' in spec
        assert f'program("{name}"' in spec


@pytest.mark.parametrize("command", [one for one in COMMANDS if not one.startswith("-")])
def test_its_commands_are_commands_of_the_program(command: str) -> None:
    words = shlex.split(command)
    assert program_parser([words[0]]).parse_args(words).command == words[0]
