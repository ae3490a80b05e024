"""A folder of data with more kinds of asset than ship."""

from pathlib import Path

from coverage.readers.shipped import data_dir

NEW_KINDS = """
[drone_dock]
name = { id = "pangkalan drone", en = "drone dock" }
spelled = ["dok_drone"]
[[drone_dock.gives]]
service = "public_wifi"
reach_m = 150
source = "made for a test"

[patrol_camera]
name = { id = "kamera patroli", en = "patrol camera" }
private = true

[duct]
name = { id = "saluran kabel", en = "duct" }
geometry = "line"
"""


def data_with_kinds(folder: Path, more: str = NEW_KINDS) -> Path:
    """Make ``folder`` a folder of data: what ships, and more records of kinds, without a sign."""
    folder.mkdir()
    for part in data_dir().iterdir():
        if part.name != "kinds.toml":
            (folder / part.name).symlink_to(part, target_is_directory=part.is_dir())
    (folder / "kinds.toml").write_text((data_dir() / "kinds.toml").read_text("utf-8") + more, "utf-8")
    return folder
