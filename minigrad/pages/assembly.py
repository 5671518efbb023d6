"""One HTML file of the scripts and styles of this package and the data of a page; it loads nothing from outside.

The ES modules stand one after another in a single script, each after those that it imports, without the lines that
import and the words that export. That works because every module imports by `import { names } from "./other.js";`, and
no two define the same name at the top; tests see to both.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from math import isfinite, isnan
from typing import Any, Literal

from minigrad._format import visible
from minigrad._validation import check_text, impossible_setting
from minigrad.drawing.settings import THEMES, Theme
from minigrad.errors import RenderError

PageLanguage = Literal["auto", "en", "zh"]
LANGUAGES: tuple[PageLanguage, ...] = ("auto", "en", "zh")

IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async |class |const |function |let ))", re.MULTILINE)
COMMENT = re.compile(r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
"""A comment with lines of its own; pages go without."""
UNSAFE_IN_JSON = re.compile("[<\u2028\u2029\ud800-\udfff]")
"""What would end a script, or a line of it, or what UTF-8 cannot hold."""
ENDS_SCRIPT = re.compile("<!--|</script", re.IGNORECASE)

HTML = """\
<!doctype html>
<html lang="{language}"{theme}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="page"></div>
<noscript>{title}: this page needs JavaScript.</noscript>
<script type="application/json" id="data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page_settings(title: str, language: PageLanguage, theme: Theme) -> dict[str, str]:
    """Return the settings that every page has; raise SettingError for one that is impossible."""
    settings = {"title": visible(check_text(title, "title")), "language": language, "theme": theme}
    for name, possible in (("language", LANGUAGES), ("theme", THEMES)):
        if not isinstance(settings[name], str) or settings[name] not in possible:
            raise impossible_setting(name, settings[name], f"one of {', '.join(possible)}")
    return settings


def page_html(
    entry: str,
    data: Mapping[str, Any],
    *,
    title: str,
    language: str = "auto",
    theme: str = "auto",
    program: str = "{}",
    styles: Sequence[str] = ("style.css",),
) -> str:
    """Return a page: one module of this package called with an element to fill, data, and functions written by Python.

    Args:
        entry: The name of the module without its suffix; it exports a function of this name, which is called as
            `entry(element, data, program)`.
        data: What the page shows, for JSON; numbers that are not finite become the strings "NaN", "Infinity" and
            "-Infinity".
        title: The title of the page.
        language: "en" or "zh"; "auto" for the reader's.
        theme: "light" or "dark"; "auto" follows the reader's system.
        program: The source of a JavaScript expression.
        styles: The style sheets of this package that the page needs.

    Returns:
        HTML text, whose Content-Security-Policy allows this script and this style by their hashes, and no request.

    Raises:
        RenderError: If the program contains what would end the script element.
    """
    call = (
        f'{entry}(document.getElementById("page"), JSON.parse(document.getElementById("data").textContent), program);'
    )
    script = f"{script_of(entry)}\nconst program = {program};\n{call}\n"
    if ENDS_SCRIPT.search(script):
        raise RenderError("the script of a page must not contain <!-- or </script", node=title)
    style = "".join(map(read_source, styles))
    return HTML.format(
        language={"auto": "en", "zh": "zh-CN"}.get(language, language),
        theme="" if theme == "auto" else f' data-theme="{theme}"',
        policy=escape(content_policy(script, style)),
        title=escape(visible(title)),
        style=style,
        data=data_json(data),
        script=script,
    )


def content_policy(script: str, style: str) -> str:
    """Return the Content-Security-Policy under which a page has this script and this style, and nothing else."""
    return (
        f"default-src 'none'; script-src '{source_hash(script)}'; style-src '{source_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def source_hash(source: str) -> str:
    """Return the hash of a script or style as a Content-Security-Policy states it."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def script_of(*entries: str) -> str:
    """Return some modules of this package, and all that they import, as one script: no imports, exports or comments."""
    sources = (read_source(name) for name in module_order(f"{entry}.js" for entry in entries))
    return "".join(EXPORT.sub("", IMPORT.sub("", COMMENT.sub("", source))) for source in sources)


def module_order(names: Iterable[str]) -> list[str]:
    """Return the names of some modules and of those that they import, each after its imports."""
    order: dict[str, None] = {}
    waiting = list(reversed([*names]))
    entered = set()
    while waiting:
        name = waiting.pop()
        missing = [other for other in IMPORT.findall(read_source(name)) if other not in order]
        if name in entered or not missing:  # a cycle is no error: functions of modules may call each other
            order[name] = None
        else:
            entered.add(name)
            waiting += [name, *reversed(missing)]
    return list(order)


def read_source(name: str) -> str:
    """Return the text of a script or a style sheet of this package, its lines ended by a newline alone."""
    return files("minigrad.pages").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def data_json(data: Any) -> str:
    """Return JSON that can stand in a script element: no `<`, no line separators, no numbers that are not finite."""
    text = json.dumps(finite(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def finite(data: Any) -> Any:
    """Return data with names in place of the numbers that JSON lacks: "NaN", "Infinity" and "-Infinity"."""
    if isinstance(data, float):
        return data if isfinite(data) else "NaN" if isnan(data) else "Infinity" if data > 0 else "-Infinity"
    if isinstance(data, Mapping):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [finite(value) for value in data]
    return data
