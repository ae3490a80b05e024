"""Every sentence is used, and every one that is asked for is there: read off the source, as no run asks for all."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

from coverage.base import errors
from coverage.language.words import Words

ROOT = Path(__file__).parents[1] / "coverage"
KEYS = set(Words().keys())
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.JangkauError)}
ANY = ".*"


@cache
def source() -> list[tuple[Path, list[ast.expr]]]:
    """Expressions of every file."""
    return [
        (file, [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.expr)])
        for file in sorted(ROOT.rglob("*.py"))
    ]


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Calls that are given something, with what is called."""
    for file, expressions in source():
        for node in expressions:
            if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name | ast.Attribute):
                yield file, node, node.func.id if isinstance(node.func, ast.Name) else node.func.attr


def pattern(node: ast.expr) -> str | None:
    """Regular expression of what a text or f-string may be; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)
    return None


def texts() -> Iterator[str]:
    """Patterns of every text in the source but docstrings."""
    return filter(None, (pattern(node) for _, expressions in source() for node in expressions))


def is_named(key: str, written: set[str], built: re.Pattern[str]) -> bool:
    code = key.removeprefix("error.").rpartition(".")[0]
    asked = {re.escape(key), *({re.escape(code)} if key.startswith("error.") else ())}
    return bool(asked & written or built.fullmatch(key))


def test_no_sentence_is_there_in_vain() -> None:
    written = set(texts())
    starts = [one + ANY for one in written if re.fullmatch(r"(\w+\\\.)+", one)]  # "data.origin.shipped." + kind
    built = [one for one in written if ANY in one and re.match(r"\w+\\\.", one)]
    groups = {re.escape(key.rpartition(".")[0]) for key in KEYS if key.count(".") > 1} & written  # of words.label
    any_built = re.compile("|".join([*built, *starts, *(rf"{group}\.[^.]+" for group in groups)]))
    idle = [key for key in sorted(KEYS) if not key.startswith("sources.") and not is_named(key, written, any_built)]
    assert not idle


def test_every_sentence_that_is_asked_for_is_there() -> None:
    missing, lines = [], "\n".join(KEYS)
    for file, call, name in calls():
        wanted = pattern(call.args[0])
        if wanted is None or not isinstance(call.func, ast.Name) or name not in {"words", *ERRORS}:
            continue
        if name in ERRORS:
            code = wanted.removeprefix(r"import\.")
            wanted = rf"imports\.reason\.{code}" if code != wanted else rf"error\.{code}\.message"
        if not re.search(f"^{wanted}$", lines, re.MULTILINE):
            missing.append(f"{file.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call.args[0])}")
    assert not missing


def test_every_sentence_that_is_asked_for_by_its_key_is_given_what_it_tells() -> None:
    """A placeholder that nothing is given for is written as a dash, as if the figure were not known."""
    sentences = Words("id").unfilled("")
    missing = []
    for path, call, name in calls():
        key, given = call.args[0], {one.arg for one in call.keywords}
        if name != "words" or None in given or not isinstance(key, ast.Constant) or key.value not in sentences:
            continue
        lacking = {field for _, field, _, _ in Formatter().parse(sentences[key.value]) if field} - given
        missing += [f"{path.name}:{call.lineno} {key.value} {field}" for field in lacking]
    assert missing == []
