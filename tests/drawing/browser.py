"""A browser without a window: what it makes of a page, and how the page looks.

To look at pictures as a reader sees them: python -m tests.drawing.browser FOLDER [VIEW…]
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

WIDTHS = (1280, 800, 400)
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTINGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1")
SCRIPT = Path(__file__).with_name("text_check.js")


def browser():
    """Return the path of a browser, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def run(*arguments):
    """Run the browser, with its settings in a folder of its own, and return what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        command = [browser(), *SETTINGS, f"--user-data-dir={folder}", *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=300)
    return done.stdout.decode()


def screenshot(page, width, height, dark=False):
    """Return a picture of a page, rows of pixels of red, green and blue from 0 to 1."""
    from matplotlib.image import imread

    picture = page.with_suffix(f".{width}.{'dark' if dark else 'light'}.png")
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    run(scheme, f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri())
    return imread(picture)[..., :3]


def examine_texts(pictures, folder):
    """Return what text_check.js reports of each SVG text, by the names of the pictures."""
    figures = "".join(f'<div id="{name}">{svg[svg.index("<svg") :]}</div>' for name, svg in pictures.items())
    page = folder / "texts.html"
    page.write_text(
        f"<!doctype html><meta charset='utf-8'><body>{figures}<script>{SCRIPT.read_text(encoding='utf-8')}</script>",
        encoding="utf-8",
    )
    printed = run("--virtual-time-budget=100000", "--dump-dom", page.as_uri())
    return json.loads(unescape(re.search("<pre>(.*)</pre>", printed, re.DOTALL)[1]))


def photograph(folder, views):
    """Write what a browser shows of the example networks to a folder, at three widths, in light and dark."""
    from tests.drawing.networks import draw_examples

    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for name, drawing in draw_examples(width=width).items():
            example, view = name.split()
            if drawing.figure is not None and (not views or view in views):
                page = drawing.save(folder / f"{example}_{view}_{width}.svg")
                for dark in (False, True):
                    screenshot(page, width, int(drawing.figure.height) + 1, dark)


if __name__ == "__main__":
    photograph(Path(sys.argv[1]), sys.argv[2:])
