"""A schedule by cron whose partition keys are named by the running task.

Airflow's own `PartitionedAtRuntime` never starts a run by itself; this is the form its documentation gives for a
schedule (airflow/example_dags/plugins/custom_partition_timetable.py). It is a plugin so that the scheduler can
rebuild it from the serialised DAG.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.trigger import CronTriggerTimetable


class RuntimePartitionCron(CronTriggerTimetable):
    """Runs at the ticks of a cron expression; tasks name partition keys by `outlet_events[asset].add_partitions`."""

    partitioned_at_runtime = True


class RuntimePartitionsPlugin(AirflowPlugin):
    """Registers the timetable."""

    name = "gongkai_runtime_partitions"
    timetables = [RuntimePartitionCron]  # noqa: RUF012 - declared so by AirflowPlugin
