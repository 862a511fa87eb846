"""Writes the catalogue into a new MLflow database, through MLflow's own tables: registered models, their versions with
tags, and a run with the metric for each version, since MLflow keeps metrics with runs.

    mlflow_fill.py DATABASE_URI
"""

import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import catalogue  # noqa: E402
from mlflow.store.model_registry.dbmodels.models import (  # noqa: E402
    SqlModelVersion, SqlModelVersionTag, SqlRegisteredModel)
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry  # noqa: E402
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlRun, SqlTag  # noqa: E402
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Runs  # noqa: E402

NOW = int(time.time() * 1000)


def rows(experiment: int):
    """What stands in the tables, those first that others refer to."""
    for name in range(catalogue.NAMES):
        yield SqlRegisteredModel(name=f"name-{name}", creation_time=NOW, last_updated_time=NOW)
    for model in range(catalogue.MODELS):
        run, metric = uuid.uuid4().hex, catalogue.metric_of(model)
        name, version = f"name-{model // catalogue.VERSIONS}", model % catalogue.VERSIONS + 1
        yield SqlRun(run_uuid=run, name=name, source_type="UNKNOWN", user_id="bench", status="FINISHED",
                     start_time=NOW, end_time=NOW, lifecycle_stage="active", artifact_uri=f"file:///none/{run}",
                     experiment_id=experiment)
        yield SqlMetric(key=catalogue.METRIC, value=metric, timestamp=NOW, step=0, is_nan=False, run_uuid=run)
        yield SqlLatestMetric(key=catalogue.METRIC, value=metric, timestamp=NOW, step=0, is_nan=False, run_uuid=run)
        yield SqlModelVersion(name=name, version=version, creation_time=NOW, last_updated_time=NOW,
                              source=f"runs:/{run}/m", run_id=run, status="READY", current_stage="None")
        for key, value in catalogue.tags_of(model).items():
            yield SqlTag(key=key, value=value, run_uuid=run)
            yield SqlModelVersionTag(name=name, version=version, key=key, value=value)


def main() -> None:
    runs, registry = Runs(sys.argv[1], "file:///none"), Registry(sys.argv[1])
    experiment = int(runs.create_experiment("catalogue"))
    kinds: dict[type, list] = {}
    for row in rows(experiment):
        kinds.setdefault(type(row), []).append(row)
    # The same database: one session writes the tables of both.
    with registry.ManagedSessionMaker() as session:
        for kind in (SqlRegisteredModel, SqlRun, SqlMetric, SqlLatestMetric, SqlTag, SqlModelVersion,
                     SqlModelVersionTag):
            session.bulk_save_objects(kinds[kind])


if __name__ == "__main__":
    main()
