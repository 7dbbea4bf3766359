"""PDFs made by hand: each page some lines of text in a font every reader has."""

from collections.abc import Sequence


def pdf(*pages: Sequence[str], outline: Sequence[tuple[str, int]] = ()) -> bytes:
    """Return a PDF whose pages have these lines, with headings that lead to pages from 0 on."""
    count = len(pages)
    # 1 catalog, 2 pages, 3 font, 4 outline, then a page and its content each, then the headings.
    kids = [5 + 2 * number for number in range(count)]
    heads = [5 + 2 * count + number for number in range(len(outline))]
    first, last = (heads[0], heads[-1]) if heads else (0, 0)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R" + (" /Outlines 4 0 R >>" if heads else " >>"),
        f"<< /Type /Pages /Count {count} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(heads)} >>",
    ]
    for kid, lines in zip(kids, pages, strict=True):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {kid + 1} 0 R >>"
        )
        shown = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
        content = f"BT /F1 11 Tf 14 TL 50 800 Td {shown} ET"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    for place, (title, page) in enumerate(outline):
        objects.append(
            f"<< /Title ({_escaped(title)}) /Parent 4 0 R /Dest [{kids[page]} 0 R /Fit]"
            + (f" /Prev {heads[place - 1]} 0 R" if place else "")
            + (f" /Next {heads[place + 1]} 0 R" if place + 1 < len(heads) else "")
            + " >>"
        )
    return _file(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(objects: Sequence[str]) -> bytes:
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (
        data
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
        ).encode()
    )
