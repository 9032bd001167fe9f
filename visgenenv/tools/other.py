"""The remaining tools: the summary, the to-do list and the HTML page, beside the two searches of `search.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from visgenenv.tools import search
from visgenenv.tools.editing import LOCAL_FAULTS
from visgenenv.tools.search import words_of
from visgenenv.tools.spec import AnyHandle, CallContext, Refusal, ToolArgs, ToolSpec
from visgenenv.tools.text import sentences
from visgenenv.types import Asset, ToolResult


class Summary(ToolArgs, frozen=True):
    """Summarise a text, and the artifacts named, in at most max_words words taken from them."""

    text: Annotated[str, Meta(max_length=40_000)] = ""
    max_words: Annotated[int, Meta(ge=10, le=1000)] = 150
    artifacts: Annotated[tuple[AnyHandle, ...], Meta(max_length=50)] = ()

    def check(self, assets: Mapping[str, Asset]) -> None:
        """There must be something to summarise."""
        if not self.text.strip() and not self.artifacts:
            raise Refusal("text", self.text, "is blank and no artifacts are named; give one of them")


_MOST_READ = 12_000
"""Characters of all artifacts together that a summary reads, shared evenly."""


def _summarise(args: Summary, context: CallContext) -> ToolResult:
    assets = [context.assets[handle] for handle in dict.fromkeys(args.artifacts)]
    read = _MOST_READ // max(len(assets), 1)
    source = "\n".join((args.text, *((asset.text or asset.caption)[:read] for asset in assets)))
    summary = extract(source, args.max_words)
    return ToolResult(assets=(Asset(modality="text", kind="summary", text=summary, caption=args.text[:200]),))


def extract(source: str, max_words: int) -> str:
    """The sentences with the most frequent words, in their order, up to a number of words; a Chinese character is a word."""
    parts = [(sentence, words_of(sentence)) for sentence in sentences(source)]
    counts = Counter(word for _, words in parts for word in set(words))
    ranked = sorted(range(len(parts)), key=lambda n: (-sum(counts[word] for word in parts[n][1]) / (len(parts[n][1]) + 3), n))
    chosen, left = [], max_words
    for n in ranked:
        length = _length(parts[n][0])
        if length <= left:
            chosen.append(n)
            left -= length
    if not chosen and parts:
        first = parts[ranked[0]][0]
        return first[:max_words] if not first.isascii() else " ".join(first.split()[:max_words])
    return " ".join(parts[n][0] for n in sorted(chosen))


def _length(sentence: str) -> int:
    return len(sentence.split()) if sentence.isascii() else max(len(sentence.split()), len(words_of(sentence)))


Status = Literal["todo", "doing", "done", "failed"]


class TodoItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to do."""

    id: Annotated[str, Meta(min_length=1, max_length=40)]
    title: Annotated[str, Meta(max_length=300)]
    status: Status = "todo"


class TaskManager(ToolArgs, frozen=True):
    """Keep a to-do list: set or add items, update an item's status by its id, list or clear them."""

    action: Literal["set", "add", "update", "list", "clear"] = "set"
    items: Annotated[tuple[TodoItem, ...], Meta(max_length=100)] = ()
    id: Annotated[str, Meta(max_length=40)] | None = None
    status: Status | None = None

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Setting and adding need items with ids of their own, updating an id and a status."""
        if self.action in ("set", "add"):
            if not self.items:
                raise Refusal("items", [], f"action {self.action!r} needs items; to empty the list use 'clear'")
            ids = [item.id for item in self.items]
            if twice := [name for name, count in Counter(ids).items() if count > 1]:
                raise Refusal("items", twice[0], "is the id of two items; give each its own")
        if self.action == "update":
            if self.id is None:
                raise Refusal("id", None, "action 'update' needs the id of an item")
            if self.status is None:
                raise Refusal("status", None, "action 'update' needs a status: todo, doing, done or failed")


_MOST_ITEMS = 200


def _manage(args: TaskManager, context: CallContext) -> ToolResult:
    """The state is a plain list of {id, title, status} in the episode's notes, so that forks copy it."""
    listed: list[dict[str, str]] = context.notes.get("todo", [])
    if args.action == "set":
        listed = [_plain(item) for item in args.items]
    elif args.action == "add":
        known = {item["id"] for item in listed}
        for number, new in enumerate(args.items):
            if new.id in known:
                raise Refusal(f"items[{number}].id", new.id, "is in the list already; update it, or give another id")
        if len(listed) + len(args.items) > _MOST_ITEMS:
            raise Refusal("items", len(listed) + len(args.items), f"a list has at most {_MOST_ITEMS} items")
        listed = [*listed, *(_plain(item) for item in args.items)]
    elif args.action == "update":
        if args.id not in {item["id"] for item in listed}:
            known_ids = ", ".join(item["id"] for item in listed[:12]) or "nothing yet"
            raise Refusal("id", args.id, f"is not in the list, which holds {known_ids}")
        listed = [{**item, "status": args.status or item["status"]} if item["id"] == args.id else item for item in listed]
    elif args.action == "clear":
        listed = []
    context.notes["todo"] = listed
    text = msgspec.json.encode(listed).decode()
    return ToolResult(assets=(Asset(modality="text", kind="todo", text=text, caption="to-do list"),))


def _plain(item: TodoItem) -> dict[str, str]:
    return {"id": item.id, "title": item.title, "status": item.status}


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part of a page: a heading, words, and handles of the assets shown there."""

    heading: Annotated[str, Meta(max_length=300)] = ""
    text: Annotated[str, Meta(max_length=8000)] = ""
    handles: Annotated[tuple[AnyHandle, ...], Meta(max_length=60)] = ()
    layout: Literal["stack", "grid", "left", "right", "full"] = "stack"


class HtmlBuilder(ToolArgs, frozen=True):
    """Build an HTML page from sections; the handles they show must be among `assets`."""

    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=60)]
    assets: Annotated[tuple[AnyHandle, ...], Meta(max_length=60)] = ()
    title: Annotated[str, Meta(max_length=200)] = ""
    template: Literal["landing", "gallery", "report", "h5"] = "landing"
    embed: Literal["link", "base64"] = "link"

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Sections show only what `assets` names."""
        for number, section in enumerate(self.sections):
            for handle in section.handles:
                if handle not in self.assets:
                    rule = f"is not among assets ({', '.join(self.assets[:12]) or 'none named'}); name it there too"
                    raise Refusal(f"sections[{number}].handles", handle, rule)


_STYLE = (
    "body{margin:0;font:18px/1.6 sans-serif;color:#222;background:#fafafa}main{max-width:960px;margin:auto;padding:2rem}"
    "img,video{max-width:100%;border-radius:8px}.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(220px,1fr))}"
    ".left img{float:left}.right img{float:right}.h5 main{max-width:480px}.full{margin:0 -2rem}"
)


def _page(args: HtmlBuilder, context: CallContext) -> ToolResult:
    shown: set[str] = set()

    def media(handles: Sequence[str]) -> str:
        # An asset is shown once, where it is named first.
        new = [handle for handle in dict.fromkeys(handles) if handle not in shown]
        shown.update(new)
        return "".join(_media(context.assets[handle], args.embed) for handle in new)

    parts = [f"<h1>{escape(args.title)}</h1>"] if args.title else []
    for section in args.sections:
        heading = f"<h2>{escape(section.heading)}</h2>" if section.heading else ""
        words = f"<p>{escape(section.text)}</p>" if section.text else ""
        parts.append(f'<section class="{section.layout}">{heading}{words}{media(section.handles)}</section>')
    if rest := media(args.assets):
        parts.append(f'<section class="grid">{rest}</section>')
    page = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(args.title or "Page")}</title><style>{_STYLE}</style></head>'
        f'<body class="{args.template}"><main>{"".join(parts)}</main></body></html>'
    )
    return ToolResult(assets=(Asset(modality="text", kind="html", text=page, caption=args.title),))


def _media(asset: Asset, embed: str) -> str:
    """One tag; its source is the handle, which whoever serves the page resolves to a file, or to its bytes for base64."""
    source = f'src="handle:{asset.handle}" data-embed="{embed}"'
    label = escape(asset.caption[:200])
    if asset.modality == "image":
        return f'<img {source} alt="{label}" width="{asset.width}" height="{asset.height}">'
    if asset.modality == "text":
        return f'<iframe {source} title="{label}"></iframe>'
    return f'<{asset.modality} {source} title="{label}" controls></{asset.modality}>'


_SOURCES = "own design; latency, faults: estimate"

SPECS: tuple[ToolSpec[Any], ...] = (
    *search.SPECS,
    ToolSpec(
        name="tool_content_summary",
        args=Summary,
        effect=_summarise,
        category="other",
        latency_s=(4, 12),
        faults=LOCAL_FAULTS,
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_task_manager",
        args=TaskManager,
        effect=_manage,
        keeps_notes=True,
        category="other",
        latency_s=(0.05, 0.2),
        faults=LOCAL_FAULTS,
        provenance=_SOURCES,
    ),
    ToolSpec(
        name="tool_html_builder",
        args=HtmlBuilder,
        effect=_page,
        category="other",
        latency_s=(1, 3),
        faults=LOCAL_FAULTS,
        provenance=_SOURCES,
    ),
)
