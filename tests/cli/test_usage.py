"""Wrong usage is told in the reader's language, with exit status 2 and where help is."""

import pytest

from coverage.cli.app import run

CASES = [
    ("assets import", "FILE belum diberikan.", "FILE is missing."),
    ("analyze --nosuch", "Tidak ada opsi --nosuch.", "There is no option --nosuch."),
    ("analyz", "Tidak ada perintah analyz.", "There is no command analyz."),
    ("assets lst", "Tidak ada perintah lst. Mungkin: 'list'.", "There is no command lst. Perhaps: 'list'."),
    ("rollout --gap x", "Nilai untuk --gap tidak dapat dipakai: harus berupa angka", "it has to be a number"),
    ("reconcile a b c", "Terlalu banyak argumen: b c.", "Too many arguments: b c."),
    ("assets import x.csv --repair salah", "salah: minus, point, swap, utm", "salah: minus, point, swap, utm"),
    ("rollout --out", "Opsi --out memerlukan nilai.", "Option --out needs a value."),
]


@pytest.mark.parametrize(("line", "indonesian", "english"), CASES, ids=[case[0] for case in CASES])
def test_wrong_usage_is_told_in_the_readers_language(
    line: str, indonesian: str, english: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, said, where in (("id", indonesian, "Bantuan: "), ("en", english, "Help: ")):
        monkeypatch.setenv("JANGKAU_LANG", language)
        assert run(line.split()) == 2
        told = capsys.readouterr()
        assert said in told.err
        assert told.out == ""
        assert (where in told.err) is ("--out" not in line)  # that one is told before any command is known


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assets", "--help"]) == 0
    assert "assets" in capsys.readouterr().out
