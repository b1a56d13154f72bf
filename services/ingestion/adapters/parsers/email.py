"""Mail messages (RFC 5322): the header lines that a reader sees, and the body."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from services.ingestion.adapters.parsers import html, plain
from services.ingestion.domain.blocks import Block, Heading, Paragraph, Reading
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

_SHOWN = ("From", "To", "Cc", "Date")


def read(content: bytes, limits: Limits) -> Reading:
    message = message_from_bytes(content, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Rejected(Reason.CORRUPT, "the file has no mail header")
    subject = str(message.get("Subject", ""))
    lines = [f"{name}: {message[name]}" for name in _SHOWN if message[name]]
    head: list[Block] = [Heading(subject, 1)] if subject else []
    blocks = [*head, Paragraph("\n".join(lines)), *_body(message, limits)]
    left_out = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    warnings = tuple(f"attachment left out: {name}" for name in left_out)
    return Reading("message/rfc822", "email/1", tuple(blocks), subject, warnings=warnings)


def _body(message: EmailMessage, limits: Limits) -> tuple[Block, ...]:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ()
    try:
        text = str(part.get_content())
    except LookupError as error:
        raise Rejected(Reason.CORRUPT, f"the message's encoding is not known: {error}") from error
    if part.get_content_type() == "text/html":
        return html.read(text.encode(), limits).blocks
    return tuple(plain.blocks(text))
