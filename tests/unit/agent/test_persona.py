"""What a persona always says comes first; what changes comes behind."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
from hypothesis import given
from hypothesis import strategies as st

from custom_components.local_assist.agent.persona import split


def test_lines_that_change_go_behind():
    """In their order, and the others in theirs."""
    template = (
        "You are {{ ha_name }}'s butler.\nBe brief.\nIt is {{ now() }}.\n"
        "You talk to {{ user_name }}.\nNever joke."
    )
    assert split(template) == (
        "You are {{ ha_name }}'s butler.\nBe brief.\nNever joke.",
        "It is {{ now() }}.\nYou talk to {{ user_name }}.\n",
    )


@pytest.mark.parametrize(
    "line",
    [
        "Be brief.",
        "",
        "You are {{ ha_name | upper }}.",
        "{{ ['a', 'b'] | join(', ') if ha_name is defined else 1 + 2 }}",
        "{# a note of {{ now() }} #}",
        "{% raw %}{{ now() }}{% endraw %}",
        "{% for room in ['hall', 'attic'] %}{{ loop.index }} {{ room }}{% endfor %}",
        "{% if ha_name %}\n{{ ha_name }}\n{% else %}\nhome\n{% endif %}",
        "{% set name = 'Jarvis' %}\nYou are {{ name }}.",
        "{% macro greet(who) %}Hello {{ who }}{% endmacro %}\n{{ greet(ha_name) }}",
        "{% set name %}Jar{% endset %}{{ name }}",
        "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
        "{% with x = 1 %}{{ x }}{% endwith %}",
    ],
)
def test_what_is_always_the_same_is_fixed(line: str):
    """Text, the home's name, and what is made of them."""
    assert split(line) == (line, "")


@pytest.mark.parametrize(
    "line",
    [
        "{{ now() }}",
        "{{ user_name }}",
        "{{ llm_context.device_id }}",
        "{{ states('light.kitchen') }}",
        "{{ states.light.kitchen.state }}",
        "{{ 'light.kitchen' | states }}",
        "{{ ['light.kitchen'] | map('states') | list }}",
        "{{ ['light.kitchen'] | select('is_state', 'on') | list }}",
        "{{ 'light.kitchen' is is_state('on') }}",
        "{{ ['a', 'b'] | random }}",
        "{{ [1, 2] | shuffle }}",
        "{{ lipsum() }}",
        "{% if is_state('light.kitchen', 'on') %}\nIt is on.\n{% endif %}",
        "{% for state in states.light %}\n{{ state.name }}\n{% endfor %}",
        "{% do user_name.title() %}",
        "{% for room in areas() %}{% break %}{% endfor %}",
        "{% include 'persona.jinja' %}",
        "{% from 'tools.jinja' import say %}{{ say() }}",
        "{% import 'tools.jinja' as tools %}\n{{ tools.say() }}",
        "{% set time = now() %}\n{{ time }}",
        "{% set ns = namespace(x=1) %}\n{% set ns.x = 2 %}\n{{ ns.x }}",
        "{% filter states %}light.kitchen{% endfilter %}",
        "Hello\n{% block a %}{% endblock %}",
        "{% extends 'persona.jinja' %}",
        "Hello\n{% raw %}\n{{ braces }}\n{% endraw %}\nBye",
    ],
)
def test_what_may_change_is_not_fixed(line: str):
    """The clock, the person, the house, chance, and what is written elsewhere."""
    assert split(line) == ("", line)


def test_what_both_parts_need_stands_in_both():
    """A name that is set once may be used in both."""
    template = "{% set name = 'Jarvis' %}\nYou are {{ name }}.\n{{ name }} sees {{ now() }}.\n"
    assert split(template) == (
        "{% set name = 'Jarvis' %}\nYou are {{ name }}.\n",
        "{% set name = 'Jarvis' %}\n{{ name }} sees {{ now() }}.\n",
    )


def test_a_block_that_is_set_says_nothing_by_itself():
    """It may stand in both parts."""
    block = "{% set name %}\nJarvis\n{% endset %}\n"
    assert split(f"{block}I am {{{{ name }}}}.\n{{{{ now() }}}}") == (
        f"{block}I am {{{{ name }}}}.\n",
        f"{block}{{{{ now() }}}}",
    )


def test_a_name_counts_by_what_it_was_set_to_last():
    """Also if only perhaps, and also the home's."""
    template = (
        "{% set x = 1 %}\n{{ x }}\n{% if now() %}{% set x, ha_name = 2, 3 %}{% endif %}\n"
        "{{ x }}{{ ha_name }}\n{% set x = 4 %}\n{{ x }}!\n"
    )
    fixed, changing = split(template)
    assert fixed == "{% set x = 1 %}\n{{ x }}\n{% set x = 4 %}\n{{ x }}!\n"
    assert changing == (
        "{% set x = 1 %}\n{% if now() %}{% set x, ha_name = 2, 3 %}{% endif %}\n"
        "{{ x }}{{ ha_name }}\n{% set x = 4 %}\n"
    )


def test_what_is_set_while_speaking_keeps_all_behind_it():
    """It cannot be said twice, so nothing that may need it is parted from it."""
    template = "Hi.\nI am {% set n = 'J' %}{{ n }}.\nBe brief.\n{{ n }} sees {{ now() }}."
    first, rest = template.split("\n", 1)
    assert split(template) == (f"{first}\n", rest)


def test_a_template_that_does_not_parse_is_kept_whole():
    """Rendering it will tell."""
    assert split("Hi\n{% if %}") == ("Hi\n{% if %}", "")


async def test_nothing_changes_but_the_order(hass: HomeAssistant):
    """Home Assistant renders the two parts as it would have rendered the lines."""
    template = (
        "{% set friends = ['A', 'B'] %}\nYou are {{ ha_name }}'s butler.\n"
        "Sun: {{ 'sun.sun' | states }}\nFriends: {{ friends | join(' and ') }}\n"
        "{% if is_state('sun.sun', 'up') %}\nIt is day, {{ friends[0] }}.\n{% endif %}\n"
    )
    hass.states.async_set("sun.sun", "up")

    def lines(text: str) -> list[str]:
        rendered = Template(text, hass).async_render({"ha_name": "Home"}, parse_result=False)
        return [line for line in rendered.splitlines() if line]

    fixed, changing = split(template)
    assert lines(fixed) == ["You are Home's butler.", "Friends: A and B"]
    assert lines(changing) == ["Sun: up", "It is day, A."]
    assert sorted(lines(fixed) + lines(changing)) == sorted(lines(template))


@given(
    st.lists(
        st.sampled_from(
            ["a\n", "{{ now() }}\n", "{{ ha_name }}", "{% if x %}", "{% if ha_name %}\n", "\n",
             "{% else %}", "{% endif %}\n", "{# ", " #}", "{{ '", "' }}\n", "{% raw %}",
             "{% endraw %}"]
        )
    ).map("".join)
)  # fmt: skip
def test_no_line_is_lost_or_doubled(template: str):
    """Without definitions, each character of the template is in one of the parts."""
    fixed, changing = split(template)
    assert sorted(fixed + changing) == sorted(template)
