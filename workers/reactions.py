"""Who reacts to what, and what the clock starts: every background job on one screen."""

from __future__ import annotations

from app.events import Event
from app.jobs import JobFunction, job_name
from workers.schedule import Daily, Every

REACTIONS: dict[type[Event], tuple[JobFunction, ...]] = {}

SCHEDULE: tuple[Daily | Every, ...] = ()

BY_EVENT_NAME = {event.event_name(): jobs for event, jobs in REACTIONS.items()}
JOBS: dict[str, JobFunction] = {
    job_name(job): job
    for job in (*(j for jobs in REACTIONS.values() for j in jobs), *(row.job for row in SCHEDULE))
}
