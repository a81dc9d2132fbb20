"""How the committed fonts were made: Noto Sans, cut to what documents need, in two families.

Run once, by hand, beside the package justmytype-intl-cjk 0.1.0 (`pip install --no-deps`):
`python app/web/fonts/make.py FOLDER_WITH_THE_SOURCE_FONTS`.
"""

import sys
from pathlib import Path

from fontTools import merge, subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).resolve().parent
LATIN = {*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2116, 0x20AC, 0x2297, 0x25CB, 0x3007}
PUNCTUATION = {*range(0x2010, 0x2028), *range(0x2030, 0x203F), *range(0x3000, 0x3020)}
FULL_WIDTH = {*range(0xFF01, 0xFF5F), *range(0xFFE0, 0xFFE7)}
HAN = {*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00)}
BEYOND = set(range(0x20000, 0x33480))


def gb2312() -> set[int]:
    """The characters of everyday text."""
    found: set[int] = set()
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            text = bytes([lead, trail]).decode("gb2312", errors="ignore")
            found.update(map(ord, text))
    return found


def cut(source: Path, weight: int, characters: set[int]) -> TTFont:
    """One weight of a variable font with these characters only."""
    options = subset.Options()
    options.layout_features = ["kern", "liga", "locl", "vert", "tnum", "palt"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    return instancer.instantiateVariableFont(font, {"wght": weight})


def save(font: TTFont, name: str) -> None:
    """Write it plain: unpacking WOFF2 in Python would cost each render process 20 seconds."""
    font.save(HERE / name)
    print(name, (HERE / name).stat().st_size)


def main(folder: Path) -> None:
    """The everyday family in two weights, and the rare characters in one."""
    chinese, japanese, traditional = (
        next(folder.rglob(f"NotoSans{place}[[]wght].ttf")) for place in ("SC", "JP", "TC")
    )
    everyday = gb2312() | LATIN | PUNCTUATION | FULL_WIDTH
    save(cut(chinese, 400, everyday), "XiaoweiSans-Regular.ttf")
    save(cut(chinese, 700, everyday), "XiaoweiSans-Bold.ttf")
    known = set(TTFont(chinese, lazy=True).getBestCmap())
    save(cut(chinese, 400, (HAN | BEYOND) & known - everyday), "XiaoweiRare-Regular.ttf")
    others, paths = known, []
    for place, source in (("jp", japanese), ("tc", traditional)):
        new = set(TTFont(source, lazy=True).getBestCmap()) & (HAN | BEYOND) - others
        others = others | new
        path = HERE / f"{place}.ttf"
        cut(source, 400, new).save(path)
        paths.append(path)
    save(merge.Merger().merge([str(path) for path in paths]), "XiaoweiRarest-Regular.ttf")
    for path in paths:
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
