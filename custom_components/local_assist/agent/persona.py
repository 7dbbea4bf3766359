"""Split a persona template into what is always the same and what changes.

What is the same for every turn, person and room can stand in the head of the prompt, which a server
evaluates once; what changes has to stand behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import jinja2
from jinja2 import meta, nodes

# With the statements Home Assistant's templates know beside Jinja's own.
_JINJA = jinja2.Environment(
    autoescape=False,  # noqa: S701 # it is never rendered
    extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"],
)
# So that Jinja's own names count as well: a namespace changes, and one name is a throw of dice.
_JINJA.globals.clear()
# The name of the home: the one variable that is the same until somebody changes the settings.
_FIXED_NAMES = frozenset({"ha_name"})
# Home Assistant's own filters and tests may read the house or the clock. Of Jinja's, one throws
# dice, and others take the name of a filter or test as text, as in `ids | map('states')`.
_FIXED_FILTERS = frozenset(_JINJA.filters) - {
    "random", "map", "select", "selectattr", "reject", "rejectattr",
}  # fmt: skip
_FIXED_TESTS = frozenset(_JINJA.tests)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Lines that parse together.

    Attributes:
        needs: the names it takes from outside; None: it may be another one each time, whatever
            they are.
        defines: the names it sets for the lines behind it.
        silent: it says nothing, so it may stand in both parts.
    """

    text: str
    needs: frozenset[str] | None
    defines: frozenset[str]
    silent: bool


def split(template: str) -> tuple[str, str]:
    """Return the lines that are always the same, and those that change, each as a template.

    Lines that only parse together stay together. What sets variables or macros without saying
    anything stands in both parts, if it is always the same; if it says something as well, all
    behind it stays with it. A template that does not parse is returned as the first, so that
    rendering it tells what is wrong.
    """
    try:
        tree = _JINJA.parse(template)
    except jinja2.TemplateSyntaxError:
        return template, ""
    if tree.find(nodes.Extends) or tree.find(nodes.Block):
        return "", template
    fixed: list[str] = []
    changing: list[str] = []
    changes = False
    known = _FIXED_NAMES
    segments = list(_segments(template))
    if "".join(segment.text for segment in segments) != template:
        # Jinja takes `{% raw %}` at the end of a line for complete: it cannot be split by lines.
        return "", template
    for segment in segments:
        same = segment.needs is not None and segment.needs <= known
        known = known | segment.defines if same else known - segment.defines
        changes = changes or not same
        if same:
            fixed.append(segment.text)
        if not same or (segment.defines and segment.silent):
            changing.append(segment.text)
    return "".join(fixed), "".join(changing) if changes else ""


def _segments(template: str) -> Iterator[_Segment]:
    lines = template.splitlines(keepends=True)
    text = ""
    for position, line in enumerate(lines):
        text += line
        try:
            tree = _JINJA.parse(text)
        except jinja2.TemplateSyntaxError:
            continue
        segment = _segment(text, tree)
        if segment.defines and not segment.silent:
            rest = text + "".join(lines[position + 1 :])
            yield _segment(rest, _JINJA.parse(rest))
            return
        yield segment
        text = ""


def _segment(text: str, tree: nodes.Template) -> _Segment:
    return _Segment(
        text=text,
        needs=_needs(tree),
        defines=frozenset(_defined(tree.body)),
        silent=not _speaks(tree),
    )


def _needs(tree: nodes.Template) -> frozenset[str] | None:
    elsewhere = (tree.find(kind) for kind in (nodes.Include, nodes.Import, nodes.FromImport))
    if (
        any(elsewhere)
        or any(node.name not in _FIXED_FILTERS for node in tree.find_all(nodes.Filter))
        or any(node.name not in _FIXED_TESTS for node in tree.find_all(nodes.Test))
    ):
        return None
    return frozenset(meta.find_undeclared_variables(tree))


def _defined(body: list[nodes.Node]) -> Iterator[str]:
    """Yield what statements set for what follows; loops and the like keep theirs to themselves."""
    for node in body:
        match node:
            case nodes.Assign() | nodes.AssignBlock():
                yield from _targets(node.target)
            case nodes.Macro():
                yield node.name
            case nodes.Import():
                yield node.target
            case nodes.FromImport():
                yield from (name if isinstance(name, str) else name[1] for name in node.names)
            case nodes.If():
                yield from _defined([*node.body, *node.elif_, *node.else_])


def _targets(target: nodes.Node) -> Iterator[str]:
    match target:
        case nodes.Name() | nodes.NSRef():
            yield target.name
        case nodes.Tuple():
            for item in target.items:
                yield from _targets(item)


def _speaks(node: nodes.Node) -> bool:
    match node:
        case nodes.Macro() | nodes.AssignBlock():
            return False
        case nodes.TemplateData():
            return bool(node.data.strip())
        case nodes.Output():
            return any(
                not isinstance(part, nodes.TemplateData) or _speaks(part) for part in node.nodes
            )
        case _:
            return any(map(_speaks, node.iter_child_nodes()))
