"""What markdown, web addresses, emoji and printed calls look like.

The Unicode properties come from the `regex` package, which every Home Assistant has: the package
it makes speech from sentences with, `sentence-stream`, needs it.
"""

import regex

# What a mark that was taken out of the text before leaves in its place (U+001F, unit separator).
GAP = "\x1f"

# Always pictures; then variation selectors, keycap marks and the letters of subdivision
# flags, which say nothing on their own.
_PICTURES = r"\p{Emoji_Presentation}\uFE0E\uFE0F\u20E3\U000E0020-\U000E007F"
# Text by default, as ☀ or ✔, and what Unicode reserves for pictures to come. Signs that are older
# than emoji and are read as words or punctuation stay: © ® ™ ℹ ‼ ⁉ and arrows.
_SIGNS = (
    r"(?![©®‼⁉™ℹ\u2190-\u21FF])"
    r"[[\p{Emoji}&&\p{Extended_Pictographic}][\U0001F000-\U0001FAFF&&\p{Extended_Pictographic}]]"
)
EMOJI = regex.compile(rf"[{_PICTURES}]|{_SIGNS}", regex.VERSION1)
KEYCAP = regex.compile(r"[0-9#*]\uFE0F?\u20E3")
# Parts of an emoji that, without one, are between signs that belong together.
SELECTORS = "\ufe0e\ufe0f\u20e3"
JOINER = "\u200d"

# Where an inline rule may apply; the plain text in between passes at once.
MAY_BEGIN = regex.compile(
    rf"[\n\\`*_~!\[<{{|#{JOINER}{GAP}]"
    r"|[0-9](?=[\uFE0F\u20E3]|\Z)"
    r"|(?<!\w)(?:[hH](?=[tT]|\Z)|[wW](?=[wW]|\Z)|[fF](?=[tT]|\Z))"
    rf"|[{_PICTURES}]|{_SIGNS}",
    regex.VERSION1,
)

ESCAPE = regex.compile(r"\\([\\*_`#~|\[\]])")
EMPHASIS = regex.compile(r"\*+|_+|~+")
CODE = regex.compile(r"`+")
LINK = regex.compile(
    r"!?\[((?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,300})\]"
    r"(?:\((?:[^()\n]|\([^()\n]{0,200}\)){0,1000}\)|\[[^\[\]\n]{0,80}\])"
)
FOOTNOTE = regex.compile(r"\[\^[^\[\]\s]{1,40}\]")
FOOTNOTE_TEXT = regex.compile(r"\[\^[^\[\]\s]{1,40}\]:")
LINE_BREAK = regex.compile(r"<br\s{0,2}/?>", regex.IGNORECASE)
BRACKETED_ADDRESS = regex.compile(r"<((?:https?|ftp)://[^\s<>]{1,1000})>", regex.IGNORECASE)
ADDRESS = regex.compile(
    r"(?:(?:https?|ftp)://|www\.)[\w--_][[!-~\p{Latin}]--[\s<>\"`|\[\]{}\\]]*",
    regex.IGNORECASE | regex.VERSION1,
)
AFTER_ADDRESS = ".,;:!?*_~'"
WORD = regex.compile(r"[\w--_]", regex.VERSION1)

_KEY = r"(?:\"[^\"\n]{0,80}\"|'[^'\n]{0,80}')\s{0,20}:"
_CALL_KEY = r"(?:name|function|tool|tool_name|tool_calls?|action|arguments|parameters)"
# At the beginning of a line: any JSON object, a list of them, and calls written as code.
JSON = regex.compile(
    rf"\{{\s{{0,20}}(?:{_KEY}|{_CALL_KEY}\s{{0,4}}:)"
    rf"|\[\s{{0,20}}\{{\s{{0,20}}{_KEY}"
    r"|(?:functools)?\[\s{0,20}[A-Za-z_][\w.]{0,80}\("
    r"|functools\["
    r"|Hass[A-Z]\w{1,60}\s?[({]"
)
# Elsewhere: only what has the keys of a call.
CALL_JSON = regex.compile(rf"\{{\s{{0,20}}(?:\"{_CALL_KEY}\"|'{_CALL_KEY}')\s{{0,20}}:")
BETWEEN_JSON = regex.compile(r"[;,]\s{0,20}(?=[{\[])")

# A block of code is never spoken and may hold a call; one of plain text is spoken.
_TEXT = r"(?:text|txt|plain|plaintext|markdown|md)\b"
CODE_FENCE = regex.compile(rf"(`{{3,}}|~{{3,}})[ \t]{{0,4}}(?!{_TEXT})[\w+#.-]{{1,30}}(?=[\s{{\[])")
TEXT_FENCE = regex.compile(r"(?:`{3,}|~{3,})[^`\n]{0,40}\n")
FENCE_END = {"`": regex.compile(r"`{3,}"), "~": regex.compile(r"~{3,}")}

# Horizontal rules, underlines of headings and of a table's head, bullets of nothing.
RULE = regex.compile(r"[-*_=|:][-*_=|: \t]*\r?\n")
HEADING = regex.compile(r"#{1,6}(?=[ \t\n])")
QUOTE = regex.compile(r">(?=[ \t\n>])")
TASK = regex.compile(r"[-*+][ \t]{1,8}\[[ xX]\](?=[ \t])")
BULLET = regex.compile(r"[-*+](?=[ \t])|[•‣⁃◦▪●○∙]")
NUMBER = regex.compile(r"\d{1,3}[.)](?=[ \t])")
ROW = regex.compile(r"\|")
DEFINITION = regex.compile(r"\[[^\[\]^\n][^\[\]\n]{0,80}\]:[ \t]{1,4}\S[^\n]{0,1000}\n")
