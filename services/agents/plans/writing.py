"""Renders the report. Every statement ends with its citations; what has none is not written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.agents.domain.evidence import Quote, Source
from services.agents.domain.runs import Citation, Report


class Citations:
    """Numbers sources in the order in which they are cited, each once."""

    def __init__(self) -> None:
        self._found: dict[Quote | str, Citation] = {}

    def quote(self, quote: Quote) -> int:
        return self._number(quote, quote=quote)

    def tool_call(self, name: str) -> int:
        return self._number(name, tool_call=name)

    def completion(self, name: str) -> int:
        return self._number(name, completion=name)

    def source(self, source: Source) -> list[int]:
        """The numbers of a measurement's quote, call and completion."""
        numbers = [self.quote(source.quote)] if source.quote else []
        numbers += [self.tool_call(source.tool_call)] if source.tool_call else []
        return numbers + ([self.completion(source.completion)] if source.completion else [])

    def all(self) -> tuple[Citation, ...]:
        return tuple(self._found.values())

    def _number(self, key: Quote | str, quote: Quote | None = None, tool_call: str = "", completion: str = "") -> int:
        if key not in self._found:
            self._found[key] = Citation(len(self._found) + 1, quote, tool_call, completion)
        return self._found[key].number


@dataclass
class Page:
    """A report in the making."""

    title: str
    citations: Citations = field(default_factory=Citations)
    lines: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def section(self, heading: str) -> None:
        self.lines += ["", f"## {heading}", ""]

    def state(self, text: str, numbers: Sequence[int], reason: str = "it has no source") -> None:
        """Writes a statement with its citations; without any it is listed as not supported."""
        if numbers:
            marks = " ".join(f"[{number}]" for number in dict.fromkeys(numbers))
            self.lines.append(f"- {text} {marks}")
        else:
            self.leave_out(text, reason)

    def leave_out(self, text: str, reason: str) -> None:
        self.left_out.append((text, reason))

    def note(self, text: str) -> None:
        """A line about the report itself, not about the world."""
        self.lines.append(text)

    def render(self) -> Report:
        lines = [f"# {self.title}", *self.lines]
        if self.left_out:
            lines += ["", "## Not supported", "", "Left out of the report, because no source supports it:", ""]
            lines += [f"- {text} ({reason})" for text, reason in self.left_out]
        found = self.citations.all()
        lines += ["", "## Sources", "", *(_line(citation) for citation in found)]
        return Report("\n".join(lines) + "\n", found)


def _line(citation: Citation) -> str:
    if citation.quote:
        quote = citation.quote
        place = ", ".join(
            part
            for part in (
                plain(quote.title or quote.document),
                f"clause {plain(quote.clause)}" if quote.clause else "",
                f"page {quote.page}" if quote.page else "",
                quote.revision,
            )
            if part
        )
        return f"{citation.number}. {quoted(quote.text)} {place}"
    kind = "Tool call" if citation.tool_call else "Answer of the model"
    return f"{citation.number}. {kind} `{citation.tool_call or citation.completion}`"


def quoted(text: str) -> str:
    """Foreign text in a report: on one line, in quotation marks, without mark-up of its own."""
    return f"“{plain(text)}”"


def plain(text: str) -> str:
    """Text on one line, in which no Markdown, HTML or citation mark is at work."""
    line = " ".join(text.split())
    for mark in "\\`*_[]<>#|":
        line = line.replace(mark, f"\\{mark}")
    return line
