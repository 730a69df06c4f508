"""Files that the settings name: they have to be there, and a change of their content counts."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mixedmodel.errors import UserError
from mixedmodel.settings import Settings

WILDCARD = re.compile(r"\{\s*\w+\s*(,([^{}]|\{\d+(,\d+)?\})*)?\}")  # as Snakemake finds them


@contextmanager
def one_message() -> Iterator[None]:
    """End the run with the message of a ``UserError``; Snakemake would print a traceback."""
    try:
        yield
    except UserError as error:
        sys.exit(f"ERROR: {error}")


def user_table(settings: Settings, dataset: str, is_made: Callable[[str], bool]) -> str:
    """Return the path of a user's table; UserError when it isn't there and no rule makes it."""
    path = settings.table(dataset)
    if not (os.path.isfile(path) or is_made(path)):
        there = f"{path} is a folder" if os.path.isdir(path) else f"there is no file {path}"
        raise UserError(
            f"{there}, which `datasets.{dataset}.path` names (seen from {os.getcwd()})\n"
            "Put the table there, or set the key to where it is."
        )
    return path


def user_template(settings: Settings) -> str | None:
    """Return the path of the decks' template, None without; UserError when it isn't there."""
    path = settings.template
    if path and not os.path.isfile(path):
        raise UserError(f"there is no file {path}, which `deck.template` names")
    return path


def user_story(settings: Settings) -> str | None:
    """Return the folder with the user's story, None without; UserError when it isn't there."""
    path = settings.story
    if path and not os.path.isdir(path):
        raise UserError(f"there is no folder {path}, which `deck.story` names")
    return path


def can_be_watched(path: str) -> bool:
    """Tell whether the file can be an input: Snakemake fills something in for braces."""
    return not WILDCARD.search(path)
