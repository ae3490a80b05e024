"""The download buttons: one for each file, nothing made before it is asked for."""

from coverage.exports.bundle import file_names
from coverage.language.words import Words
from coverage.web.downloads import caption, mime
from tests.exports.test_plan import make_plan


def test_every_file_has_a_name_a_help_and_a_media_type() -> None:
    for words in (Words("id"), Words("en")):
        names = file_names(make_plan())
        captions = [caption(name, words) for name in names]
        assert len(set(captions)) == len(names)
        assert all(words.has(f"papers.help.{name.replace('.', '_')}") for name in names)
    assert mime("report.pdf") == "application/pdf"
