"""Lays a source out as a page of the firm's intranet, or as Markdown."""

from __future__ import annotations

from html import escape

from examples.quantumforge.source import Block, Bullets, Heading, PageBreak, Paragraph, Source, Table

STYLE = (
    "body{font-family:Georgia,serif;max-width:48em;margin:auto} table{border-collapse:collapse} td,th{border:1px solid}"
)


def write_html(source: Source) -> bytes:
    details = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in source.details)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(source.title)}</title>",
        f'<meta name="date" content="{source.date.isoformat()}">',
        f"<style>{STYLE}</style></head><body>",
        '<nav><a href="/">QF intranet</a> &rsaquo; <a href="/documents">Documents</a></nav>',
        f"<header>{escape(source.header)}</header>",
        f"<main><h1>{escape(source.title)}</h1>",
        f"<dl>{details}</dl>",
        *(_markup(block) for block in source.blocks),
        f"</main><footer>{escape(source.footer)}</footer></body></html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _markup(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>".replace("\n", "<br>\n")
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Table(rows):
            return _table(rows)
        case PageBreak():
            return "<hr>"


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    head, *body = rows
    lines = [_row(head, "th"), *(_row(row, "td") for row in body)]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def write_markdown(source: Source) -> bytes:
    details = "\n".join(f"{key}: {value}  " for key, value in source.details)
    return f"# {source.title}\n\n{details}\n\n{source.body}".encode()
