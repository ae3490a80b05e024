"""The download buttons: one for each file, nothing made before it is asked for."""

from coverage.exports.registry import PDF, formats
from coverage.language.words import Words
from coverage.web.downloads import caption


def test_every_file_has_a_name_a_help_and_a_media_type() -> None:
    for words in (Words("id"), Words("en")):
        names = list(formats())
        captions = [caption(name, words) for name in names]
        assert len(set(captions)) == len(names)
        assert all(words.has(f"papers.help.{name.replace('.', '_')}") for name in names)
    assert formats()["report.pdf"].media_type == PDF
