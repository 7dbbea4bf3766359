"""What of a persona is the same for everybody at any time, and what is not."""


def split(template: str) -> tuple[str, str]:
    """Return what of a template never changes, and what may; both are templates."""
    return ("", template) if "{" in template else (template, "")
