"""The page of results as a reader goes through it: every list, every row, in every form."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from browser import Page
from runs import ROOT

TOOLS = """
window.until = async (found) => {
    for (let i = 0; i < 3000; i++) {
        const value = found();
        if (value) return value;
        await new Promise(resolve => setTimeout(resolve, 10));
    }
    throw new Error(`never: ${found}`);
};
window.rows = () => document.querySelectorAll("nav tbody tr");
window.content = (what) => document.querySelector(`nav ~ div ${what}`);
window.goTo = async (category, subcategory) => {
    app.setView({navbarMode: "menu"});
    await until(() => rows().length === 0);
    app.setView({navbarMode: "subcategory", category, subcategory});
    await until(() => rows().length > 0);
};
window.choose = async (form) => {
    const choice = document.querySelector(`nav input[value="${form}"]`);
    choice.click();
    await until(() => choice.checked);
};
window.look = async (place) => {
    app.setView({content: "text", contentText: " "});
    await until(() => content("pre"));
    const eye = rows()[place].querySelector("a");
    if (eye.download) return ["saved", eye.href, 0, 0];
    eye.click();
    const shown = await until(() => content("img") || content("iframe"));
    if (shown.tagName === "IFRAME") return ["page", app.state.resultPath, 0, 0];
    await until(() => shown.complete);
    return ["picture", app.state.resultPath, shown.naturalWidth, shown.naturalHeight];
};
window.caption = async (path) => {
    app.setView({navbarMode: "menu"});
    await until(() => !document.querySelector("nav .prose"));
    app.showResultInfo(path);
    return (await until(() => document.querySelector("nav .prose"))).innerText;
};
"""
MARKUP = re.compile(r"\*+|`+|\{%.*?%\}", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """What the eye beside a row opens: a picture of a size (pixels), or a page with a text."""

    path: str
    width: int = 0
    height: int = 0
    text: str = ""


@dataclass(frozen=True)
class Walk:
    """What a reader has seen of a page."""

    start: str
    files: dict[str, bytes]  # by path, as the page holds them
    shown: list[Shown]
    saved: list[bytes]
    captions: dict[str, str]
    requests: list[str]
    errors: list[str]


def walk(page: Page, file: Path) -> Walk:
    """Open a page of results and look at everything in it."""
    page.open(file.as_uri())
    page.run(TOOLS)
    start = str(page.run("until(() => content('.prose')).then(found => found.innerText)"))
    told = page.run("Object.entries(results).map(([path, {data_uri}]) => [path, data_uri])")
    seen = [each for place in page.run(PLACES) for each in _seen(page, *place)]
    return Walk(
        start,
        {path: content_of(address) for path, address in told},
        [each for each in seen if isinstance(each, Shown)],
        [each for each in seen if isinstance(each, bytes)],
        {path: page.run(f"caption({json.dumps(path)})") for path, _ in told},
        page.requests,
        page.errors,
    )


PLACES = """
Object.entries(categories).flatMap(([category, within]) =>
    Object.keys(within).map(subcategory => [category, subcategory]))
"""


def _seen(page: Page, category: str, subcategory: str) -> Iterator[Shown | bytes]:
    """Yield what each row of a list opens, in each of its forms."""
    page.run(f"goTo({json.dumps(category)}, {json.dumps(subcategory)})")
    forms = page.run('[...document.querySelectorAll("nav input[type=radio]")].map(i => i.value)')
    for form in forms or [""]:
        if form:
            page.run(f"choose({json.dumps(form)})")
        for place in range(page.run("rows().length")):
            kind, path, width, height = page.run(f"look({place})")
            if kind == "saved":
                yield content_of(path)
            else:
                text = page.text_of_frame() if kind == "page" else ""
                yield Shown(path, width, height, text)


def content_of(address: str) -> bytes:
    """Return what a ``data:`` address holds."""
    head, _, content = address.partition(",")
    assert re.fullmatch(r"data:[\w/+.-]+;.*;base64", head), head
    return base64.b64decode(unquote_to_bytes(content))


def words_of(caption: str) -> str:
    """Return a caption of ``workflow/report`` as it is read, without markup."""
    text = (ROOT / "workflow" / "report" / caption).read_text(encoding="utf-8")
    return " ".join(MARKUP.sub("", text).split())
