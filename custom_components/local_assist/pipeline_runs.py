"""What a pipeline notes of its run, for the debug page of Home Assistant and nowhere else."""

from contextlib import suppress
from typing import NamedTuple

from homeassistant.components import conversation
from homeassistant.components.assist_pipeline.pipeline import (
    KEY_ASSIST_PIPELINE,
    PipelineEvent,
    PipelineEventType,
)
from homeassistant.core import HomeAssistant, callback


class Run(NamedTuple):
    """A pipeline's run, by the ids Home Assistant keeps its events under."""

    pipeline: str
    run: str


@callback
def find_run(hass: HomeAssistant, user_input: conversation.ConversationInput) -> Run | None:
    """Return the run that just handed a sentence to its agent."""
    pipelines = hass.data.get(KEY_ASSIST_PIPELINE)
    for pipeline_id, runs in pipelines.pipeline_debug.items() if pipelines else ():
        for run_id, run in reversed(runs.items()):
            if not run.events or run.events[-1].type is not PipelineEventType.INTENT_START:
                continue
            data = run.events[-1].data or {}
            if (data.get("conversation_id"), data.get("intent_input")) == (
                user_input.conversation_id,
                user_input.text,
            ):
                return Run(pipeline_id, run_id)
    return None


@callback
def events_of(hass: HomeAssistant, run: Run | None) -> list[PipelineEvent]:
    """Return the events of a run so far; none if Home Assistant has forgotten it."""
    if run is None:
        return []
    with suppress(KeyError):
        return hass.data[KEY_ASSIST_PIPELINE].pipeline_debug[run.pipeline][run.run].events
    return []
