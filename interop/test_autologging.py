"""Autologging of several libraries with the unmodified client: what a fit leaves behind is all there, and its model predicts as the one that
was fitted. Heavy imports and real training, so on one store alone; files on the other are proven by their own suites.
"""

import importlib
import os
import subprocess
import sys

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

pytestmark = pytest.mark.only_on("filesystem")


@pytest.fixture(scope="module")
def data():
    """Two features that decide a number and a class, 120 rows, the same every time."""
    draw = np.random.default_rng(7)
    features = pd.DataFrame(draw.normal(size=(120, 2)), columns=["width", "height"])
    return features, features["width"] * 2 - features["height"] + 1, (features["width"] > features["height"]).astype(int)


@pytest.fixture
def autolog():
    """Turns a library's autologging on for one test."""
    on = []

    def turn_on(library, **options):
        module = importlib.import_module(f"mlflow.{library}")
        on.append(module)
        module.autolog(**options)

    yield turn_on
    for module in on:
        module.autolog(disable=True)


def the_run(client, experiment):
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    return run


def files(client, run, path=None):
    """Every file of a run, by its path."""
    for one in client.list_artifacts(run.info.run_id, path):
        if one.is_dir:
            yield from files(client, run, one.path)
        else:
            yield one.path


def the_model(client, experiment, run):
    """The one logged model that the run made, which says so on both ends."""
    (model,) = client.search_logged_models([experiment.experiment_id])
    assert (model.source_run_id, str(model.status)) == (run.info.run_id, "READY")
    assert [one.model_id for one in client.get_run(run.info.run_id).outputs.model_outputs] == [model.model_id]
    return model


def inputs(client, run):
    """What the datasets of a run were for."""
    held = client.get_run(run.info.run_id).inputs.dataset_inputs
    return sorted(tag.value for one in held for tag in one.tags if tag.key == "mlflow.data.context")


def same(model, features, predictions):
    np.testing.assert_allclose(np.asarray(mlflow.pyfunc.load_model(model.model_uri).predict(features)).ravel(), predictions, rtol=1e-6)


def test_scikit_learn_logs_its_params_metrics_plots_and_model(client, experiment, data, autolog):
    from sklearn.ensemble import RandomForestClassifier

    features, _, classes = data
    autolog("sklearn")
    fitted = RandomForestClassifier(n_estimators=5, max_depth=3, random_state=1).fit(features, classes)
    run = the_run(client, experiment)
    assert {key: run.data.params[key] for key in ("n_estimators", "max_depth", "random_state")} == {"n_estimators": "5", "max_depth": "3", "random_state": "1"}
    assert run.data.metrics["training_score"] == pytest.approx(fitted.score(features, classes))
    assert {"training_accuracy_score", "training_f1_score", "training_log_loss", "training_roc_auc"} <= set(run.data.metrics)
    assert run.data.tags["estimator_name"] == "RandomForestClassifier"
    assert {"estimator.html", "training_confusion_matrix.png"} <= set(files(client, run))
    assert inputs(client, run) == ["train"]
    same(the_model(client, experiment, run), features, fitted.predict(features))


def test_a_metric_after_the_fit_is_logged_with_its_dataset(client, experiment, data, autolog):
    from sklearn import metrics
    from sklearn.linear_model import LinearRegression

    features, numbers, _ = data
    autolog("sklearn")
    with mlflow.start_run():
        fitted = LinearRegression().fit(features[:80], numbers[:80])
        held_out = features[80:]
        predicted = fitted.predict(held_out)
        error = metrics.mean_squared_error(numbers[80:], predicted)
    run = the_run(client, experiment)
    assert run.data.metrics["mean_squared_error_held_out"] == pytest.approx(error)
    assert inputs(client, run) == ["eval", "train"]


def test_a_search_over_params_is_a_run_with_children(client, experiment, data, autolog):
    from sklearn.model_selection import GridSearchCV
    from sklearn.tree import DecisionTreeClassifier

    features, _, classes = data
    autolog("sklearn", max_tuning_runs=3)
    search = GridSearchCV(DecisionTreeClassifier(random_state=1), {"max_depth": [1, 2, 3]}, cv=3).fit(features, classes)
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = client.search_runs([experiment.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    assert sorted(run.data.params["max_depth"] for run in children) == ["1", "2", "3"] and len(runs) == 4
    assert parent.data.params["best_max_depth"] == str(search.best_params_["max_depth"])
    assert parent.data.metrics["best_cv_score"] == pytest.approx(search.best_score_)
    assert "cv_results.csv" in set(files(client, parent))


def test_xgboost_logs_a_history_for_each_round(client, experiment, data, autolog):
    import xgboost

    features, numbers, _ = data
    autolog("xgboost")
    history = {}
    table = xgboost.DMatrix(features, numbers)
    fitted = xgboost.train({"max_depth": 2, "eta": 0.5, "nthread": 1}, table, 6, evals=[(table, "train")], evals_result=history, verbose_eval=False)
    run = the_run(client, experiment)
    assert {key: run.data.params[key] for key in ("max_depth", "eta", "num_boost_round")} == {"max_depth": "2", "eta": "0.5", "num_boost_round": "6"}
    points = client.get_metric_history(run.info.run_id, "train-rmse")
    # The last round is said twice: as its own step, and as the run's.
    assert [round(one.value, 9) for one in points if one.step < 6][:6] == [round(one, 9) for one in history["train"]["rmse"]]
    assert {"feature_importance_weight.png", "feature_importance_weight.json"} <= set(files(client, run))
    assert inputs(client, run) == ["eval", "train"]
    same(the_model(client, experiment, run), features, fitted.predict(table))


def test_lightgbm_stops_early_and_says_where(client, experiment, data, autolog):
    import lightgbm

    features, _, classes = data
    autolog("lightgbm")
    train = lightgbm.Dataset(features[:80], classes[:80])
    params = {"objective": "binary", "metric": "binary_logloss", "num_leaves": 4, "min_data_in_leaf": 5, "num_threads": 1, "verbose": -1}
    stop = lightgbm.early_stopping(3, verbose=False)
    held_out = lightgbm.Dataset(features[80:], classes[80:], reference=train)
    fitted = lightgbm.train(params, train, 40, valid_sets=[held_out], valid_names=["held_out"], callbacks=[stop])
    run = the_run(client, experiment)
    assert {key: run.data.params[key] for key in ("num_leaves", "num_boost_round")} == {"num_leaves": "4", "num_boost_round": "40"}
    history = [one.value for one in client.get_metric_history(run.info.run_id, "held_out-binary_logloss")]
    assert len(history) >= fitted.best_iteration and min(history) == pytest.approx(fitted.best_score["held_out"]["binary_logloss"])
    assert {"feature_importance_split.png", "feature_importance_gain.json"} <= set(files(client, run))
    assert inputs(client, run) == ["eval", "train"]
    same(the_model(client, experiment, run), features, fitted.predict(features))


def test_statsmodels_logs_its_summary(client, experiment, data, autolog):
    import statsmodels.api as statsmodels

    features, numbers, _ = data
    autolog("statsmodels")
    table = statsmodels.add_constant(features)
    noisy = numbers + np.random.default_rng(8).normal(size=len(numbers))
    fitted = statsmodels.OLS(noisy, table).fit()
    run = the_run(client, experiment)
    assert run.data.metrics["rsquared"] == pytest.approx(fitted.rsquared)
    assert "model_summary.txt" in set(files(client, run))
    same(the_model(client, experiment, run), table, fitted.predict(table))


ONE_SWITCH = """
import mlflow
mlflow.autolog(log_models=False, extra_tags={"team": "birds"})
from sklearn.linear_model import LogisticRegression
LogisticRegression(C=0.5).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
"""


def test_one_switch_turns_on_every_library(url, client, experiment):
    """In a process of its own, since the switch leaves alone what was set by itself before."""
    env = {**os.environ, "MLFLOW_TRACKING_URI": url, "MLFLOW_EXPERIMENT_NAME": experiment.name}
    done = subprocess.run([sys.executable, "-c", ONE_SWITCH], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    run = the_run(client, experiment)
    assert (run.data.params["C"], run.data.tags["team"]) == ("0.5", "birds")
    assert list(client.search_logged_models([experiment.experiment_id])) == []


def test_a_fit_that_fails_leaves_a_failed_run(experiment, data, autolog):
    from sklearn.linear_model import LinearRegression

    autolog("sklearn")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LinearRegression().fit(data[0], [1.0, 2.0])
    (run,) = MlflowClient().search_runs([experiment.experiment_id])
    assert run.info.status == "FAILED"
