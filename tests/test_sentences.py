"""Every sentence is used, and every one that is asked for is there: read off the source, as no run asks for all."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from coverage.base import errors
from coverage.language.words import Words

ROOT = Path(__file__).parents[1] / "coverage"
KEYS = set(Words().keys())
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.JangkauError)}
ANY = ".*"


def pattern(node: ast.expr) -> str | None:
    """Regular expression of what a text or f-string may be; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)
    return None


def texts() -> Iterator[str]:
    """Patterns of every text in the source but docstrings."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.expr) and (found := pattern(node)):
                yield found


def is_named(key: str, written: set[str], built: list[str]) -> bool:
    code = key.removeprefix("error.").rpartition(".")[0]
    asked = {re.escape(key), *({re.escape(code)} if key.startswith("error.") else ())}
    return bool(asked & written) or any(re.fullmatch(one, key) for one in built)


def test_no_sentence_is_there_in_vain() -> None:
    written = set(texts())
    starts = [one + ANY for one in written if re.fullmatch(r"(\w+\\\.)+", one)]  # "data.origin.shipped." + kind
    built = [one for one in written if ANY in one and re.match(r"\w+\\\.", one)]
    groups = {re.escape(key.rpartition(".")[0]) for key in KEYS if key.count(".") > 1} & written  # of words.label
    built += [*starts, *(rf"{group}\.[^.]+" for group in groups)]
    idle = [key for key in sorted(KEYS) if not key.startswith("sources.") and not is_named(key, written, built)]
    assert not idle


def test_every_sentence_that_is_asked_for_is_there() -> None:
    missing = []
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name, wanted = ast.unparse(node.func), pattern(node.args[0])
            if wanted is None:
                continue
            if name in ERRORS:
                code = wanted.removeprefix(r"import\.")
                wanted = rf"imports\.reason\.{code}" if code != wanted else rf"error\.{code}\.message"
            elif name != "words":
                continue
            if not any(re.fullmatch(wanted, key) for key in KEYS):
                missing.append(f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.args[0])}")
    assert not missing


def test_every_sentence_that_is_asked_for_by_its_key_is_given_what_it_tells() -> None:
    """A placeholder that nothing is given for is written as a dash, as if the figure were not known."""
    sentences = Words("id").unfilled("")
    missing = []
    for path in sorted(ROOT.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)):
                continue
            sentence, given = sentences.get(str(call.args[0].value)), {one.arg for one in call.keywords}
            if sentence is None or None in given or ast.unparse(call.func).rpartition(".")[2] != "words":
                continue
            lacking = {name for _, name, _, _ in Formatter().parse(sentence) if name} - given
            missing += [f"{path.name}:{call.lineno} {call.args[0].value} {name}" for name in lacking]
    assert missing == []
