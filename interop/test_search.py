"""Every search with every operator of the grammar, held to two judges: MLflow's own server beside ours with the same data, and the rules
in plain Python. Ids differ between the servers, so both answer in labels; times are given, or awaited to differ, so that order is one.
"""

import math
import re
import time
from dataclasses import dataclass, field

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus, Metric, Param, RunTag, ViewType
from reference import mlflow_server
from search_cases import (
    ATTRIBUTE,
    LISTS,
    METRIC,
    NULLS,
    NUMBER,
    NUMBERS,
    PARAM,
    STRING,
    TAG,
    TEXTS,
    Field,
    Record,
    every_comparison,
    generated_filters,
    names,
)

pytestmark = pytest.mark.only_on("filesystem")

SEED = 20261123
GENERATED = 150
# Names are one space for a whole server, so that what these tests make is found by this among what others made.
SCOPE = f"scope{time.time_ns()}"


@dataclass
class Side:
    """One of the two servers, with what each label is called there."""

    name: str
    url: str
    client: MlflowClient
    experiment_id: str = ""
    ids: dict = field(default_factory=dict)

    def fill(self, text):
        """Puts this server's ids where a filter says {label}."""
        return re.sub(r"\{(\w+)\}", lambda found: self.ids[found[1]], text)


@dataclass(frozen=True)
class Search:
    """One kind of search: what it finds, how it is called, how it is ordered where ties must not matter."""

    find: object
    records: tuple
    fields: tuple
    orders: tuple
    route: tuple
    label: object
    refused: tuple
    loose: tuple
    largest: int = 100

    def all(self, side, clause="", order=None, size=None):
        """Every label that is found, page by page."""
        found, token = [], None
        while True:
            page = self.find(side, side.fill(clause), order or None, size or self.largest, token)
            found += [self.label(one) for one in page]
            assert size is None or len(page) <= size
            token = page.token
            if not token:
                return found
            assert len(page) > 0, "a page in the middle is empty"


def tick():
    """Waits until the clock shows another millisecond."""
    now = int(time.time() * 1000)
    while int(time.time() * 1000) == now:
        pass


# The data

RUNS = (
    Record("r1", {"status": "FINISHED", "start_time": 1000, "end_time": 5000, "user_id": "ann"}, {"acc": 0.5, "val loss": 1.0}, {"lr": "0.1", "a/b": "x"}, {"team": "red", "x.y": "1"}, [{"name": "train", "digest": "abc", "context": "training"}]),
    Record("r2", {"status": "FAILED", "start_time": 2000, "end_time": 4000, "user_id": "Ann"}, {"acc": math.nan}, {"lr": "0.01"}, {"team": "Red"}, [{"name": "train", "digest": "def", "context": "training"}, {"name": "test", "digest": "ghi", "context": "test"}]),
    Record("r3", {"status": "FINISHED", "start_time": 2001, "end_time": 6000, "user_id": ""}, {"acc": -1.5, "val loss": 0.0}, {"lr": "red"}, {"team": "r_d"}),
    Record("r4", {"status": "RUNNING", "start_time": 3000, "user_id": "50%"}, {"acc": 2.5e10}, {"lr": "r%d"}, {"team": "50%"}, [{"name": "Train", "digest": "abc"}]),
    Record("r5", {"status": "KILLED", "start_time": 3001, "end_time": 3001, "user_id": "bob"}, {"acc": -1e300}, {"lr": ""}, {"team": "a AND b"}),
    Record("r6", {"status": "RUNNING", "start_time": 500, "user_id": "bob"}),
    Record("r7", {"status": "SCHEDULED", "start_time": 3002, "user_id": "ann"}, {"acc": 0.5}, {"lr": "0.1"}, {"team": "ünï"}),
    Record("r8", {"status": "FINISHED", "start_time": 3003, "end_time": 9000, "user_id": "red"}, {"acc": 1e-3, "val loss": -2.0}, {"lr": "RED"}, {"team": "red"}, [{"name": "r_d", "digest": "50%", "context": "Red"}]),
    Record("r9", {"status": "FINISHED", "start_time": 3004, "end_time": 9000, "user_id": "red"}, {"acc": 0.0, "val loss": math.nan}, {"lr": "it's"}, {"team": ""}),
)  # fmt: skip

EXPERIMENTS = tuple(
    Record(label, {"name": f"{name} {SCOPE}"}, tags={"team": team, **tags})
    for label, name, team, tags in (
        ("e1", "red", "red", {"odd key": "1"}),
        ("e2", "Red", "Red", {}),
        ("e3", "r_d", "r_d", {"odd key": "a AND b"}),
        ("e4", "50%", "50%", {"odd key": ""}),
        ("e5", "ünï", "ünï", {}),
    )
)

MODELS = tuple(Record(one.label.replace("e", "m"), one.attributes, tags=one.tags) for one in EXPERIMENTS)

VERSIONS = tuple(
    Record(label, {"name": f"red {SCOPE}", "version_number": number, "run_id": run, "source_path": source}, tags=tags)
    for number, (label, run, source, tags) in enumerate(
        (
            ("v1", "r1", "s3://bucket/red", {"team": "red"}),
            ("v2", "r2", "s3://bucket/Red", {"team": "Red", "odd key": "1"}),
            ("v3", "r1", "s3://bucket/r_d", {"odd key": "a AND b"}),
            ("v4", "r3", "s3://bucket/50%", {"team": "50%"}),
        ),
        1,
    )
)

LOGGED = (
    Record("l1", {"name": "red", "model_type": "agent", "status": "READY", "source_run_id": "r1"}, {"acc": 0.5}, {"lr": "0.1"}, {"team": "red"}),
    Record("l2", {"name": "Red", "model_type": "Agent", "status": "READY", "source_run_id": "r1"}, {"acc": -1.5}, {"lr": "red"}, {"team": "Red"}),
    Record("l3", {"name": "r_d", "model_type": "tree", "status": "FAILED", "source_run_id": "r2"}, {"acc": 2.5e10, "val loss": 1.0}, {"lr": ""}, {"odd key": "1"}),
    Record("l4", {"name": "red", "model_type": "tree", "status": "PENDING", "source_run_id": "r3"}, {}, {"lr": "RED"}, {"team": "ünï"}),
    Record("l5", {"name": "plain", "model_type": "red", "status": "READY", "source_run_id": "r3"}, {"val loss": 0.0}, {}, {}),
)  # fmt: skip


def make_runs(side):
    side.experiment_id = side.client.create_experiment(f"runs {SCOPE}")
    for one in RUNS:
        made = side.client.create_run(side.experiment_id, start_time=one.attributes["start_time"], run_name=one.label, tags={"mlflow.user": one.attributes["user_id"]})
        run_id = side.ids[one.label] = made.info.run_id
        metrics = [Metric(key, value, 1, 0) for key, value in one.metrics.items()]
        # What is searched is the latest value, and not the greatest or the one that came last.
        metrics += [Metric("acc", 7e40, 2, -1)] if "acc" in one.metrics else []
        tags = [RunTag(key, value) for key, value in one.tags.items()]
        side.client.log_batch(run_id, metrics, [Param(key, value) for key, value in one.params.items()], tags)
        datasets = [
            {
                "dataset": {"name": held["name"], "digest": held["digest"], "source_type": "local", "source": "s"},
                "tags": [{"key": "mlflow.data.context", "value": held["context"]}] if "context" in held else [],
            }
            for held in one.datasets
        ]
        post(side, "runs/log-inputs", {"run_id": run_id, "datasets": datasets}).raise_for_status()
        ended = {"end_time": one.attributes["end_time"]} if "end_time" in one.attributes else {}
        post(side, "runs/update", {"run_id": run_id, "status": one.attributes["status"], **ended}).raise_for_status()


def make_experiments(side):
    for one in EXPERIMENTS:
        side.ids[one.label] = side.client.create_experiment(one.attributes["name"], tags={**one.tags, "scope": SCOPE})
        tick()


def make_registry(side):
    for one in MODELS:
        side.client.create_registered_model(one.attributes["name"], tags={**one.tags, "scope": SCOPE})
        tick()
    for one in VERSIONS:
        held = one.attributes
        side.client.create_model_version(held["name"], held["source_path"], side.ids[held["run_id"]], {**one.tags, "scope": SCOPE})
        tick()


def make_logged_models(side):
    # A metric of a model is one of its run too: of a run that no search here is about.
    measuring = side.client.create_run(side.client.create_experiment(f"measuring {SCOPE}")).info.run_id
    for one in LOGGED:
        held = one.attributes
        run_id = side.ids[held["source_run_id"]]
        made = side.client.create_logged_model(
            side.experiment_id, name=held["name"], source_run_id=run_id, model_type=held["model_type"], params=one.params, tags={**one.tags, "label": one.label}
        )
        side.ids[one.label] = made.model_id
        for key, value in one.metrics.items():
            side.client.log_metric(measuring, key, value, timestamp=1, step=0, model_id=made.model_id)
        if held["status"] != "PENDING":
            side.client.finalize_logged_model(made.model_id, LoggedModelStatus(held["status"]))
        tick()


def post(side, path, body):
    return requests.post(f"{side.url}/api/2.0/mlflow/{path}", json=body, timeout=60)


@pytest.fixture(scope="module")
def sides(url, tmp_path_factory):
    """Ours and MLflow's, with the same data."""
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as theirs:
        both = [Side("ours", url, MlflowClient(url)), Side("theirs", theirs, MlflowClient(theirs))]
        for side in both:
            mlflow.set_tracking_uri(side.url)
            make_runs(side)
            make_experiments(side)
            make_registry(side)
            make_logged_models(side)
        yield both


# The searches


def scoped(clause):
    return f"tags.scope = '{SCOPE}'" + (f" AND {clause}" if clause else "")


def in_scope(one):
    return f"{one} {SCOPE}"


LIKE_NAMES = tuple(in_scope(one) for one in ("red", "Red", "r_d", "%", "50%", "%ed"))

SEARCHES = {
    "runs": Search(
        find=lambda side, clause, order, size, token: side.client.search_runs([side.experiment_id], clause, ViewType.ALL, size, order, token),
        records=RUNS,
        fields=(
            Field("metrics", "acc", names(METRIC, "acc"), NUMBER, NUMBERS),
            Field("metrics", "val loss", names(METRIC, "val loss"), NUMBER, (1, 0, -2.0)),
            Field("metrics", "absent", names(METRIC, "absent"), NUMBER, (0,)),
            Field("params", "lr", names(PARAM, "lr"), STRING + NULLS, (*TEXTS, "0.1", "RED", "r%d")),
            Field("params", "a/b", names(PARAM, "a/b"), STRING + NULLS, ("x", "X")),
            Field("tags", "team", names(TAG, "team"), STRING + NULLS, TEXTS),
            Field("tags", "x.y", names(TAG, "x.y"), STRING + NULLS, ("1",)),
            Field("attributes", "status", ("status", *names(ATTRIBUTE, "status")), STRING, ("FINISHED", "finished", "F%", "%ED", "RUNNING")),
            Field("attributes", "user_id", ("user_id", *names(ATTRIBUTE, "user_id")), STRING, ("ann", "bob", "a%", "50%")),
            Field("label", "run_name", ("run_name", "attributes.run_name", "run.run_name", "attr.`run name`", "attributes.`Run name`", "`Run Name`"), STRING, ("r1", "R1", "r_", "r%")),
            Field("attributes", "start_time", ("start_time", "created", "attributes.Created", "attr.start_time"), NUMBER, (2000, 3001)),
            Field("attributes", "end_time", ("end_time", "attributes.end_time"), NUMBER, (5000, 9000)),
            Field("label", "run_id", ("run_id", "attributes.run_id"), STRING[:2] + LISTS, ("{r1}", "{r4}")),
            Field("datasets", "name", names(("dataset", "datasets"), "name"), STRING + LISTS, ("train", "r_d", "T%", "test")),
            Field("datasets", "digest", names(("dataset", "datasets"), "digest"), STRING + LISTS, ("abc", "50%", "%e%")),
            Field("datasets", "context", names(("dataset", "datasets"), "context"), STRING + LISTS, ("training", "test", "Red", "%T%")),
        ),
        orders=(
            ["metrics.acc"], ["metrics.acc DESC"], ["metric.`val loss` ASC"], ["metrics.`val loss` desc"], ["metrics.absent"],
            ["params.lr"], ["params.lr DESC"], ["params.`a/b`"], ["tags.team"], ["tag.team DESC"], ["tags.`x.y` DESC"],
            ["start_time"], ["attributes.start_time DESC"], ["created"], ["end_time"], ["attribute.end_time DESC"], ["status", "run_name DESC"],
            ["run_name"], ["user_id DESC", "metrics.acc"], ["tags.team", "params.lr DESC", "metrics.acc DESC"],
        ),
        route=("POST", "runs/search", lambda side: {"experiment_ids": [side.experiment_id]}),
        label=lambda run: run.info.run_name,
        refused=(
            "metrics.acc > '1'", "metrics.acc LIKE 'a'", "metrics.acc IS NULL", "metrics.acc IN (1)", "metrics.acc >", "metrics.acc", "> 1",
            "metrics.acc > 1 OR metrics.acc < 1", "(metrics.acc > 1)", "NOT metrics.acc > 1", "metrics.acc BETWEEN 0 AND 1", "metrics.acc > NaN",
            "params.lr = 1", "params.lr > 'a'", "params.lr IN ('a')", "params.lr = red", "params.lr = 'a", "params.lr = `a`",
            "tags.team RLIKE 'a'", "tags.team == 'a'", "status IN ('FINISHED')", "status > 'a'", "start_time = 'a'", "start_time LIKE '1%'",
            "end_time IS NULL", "run_id IN ()", "run_id IN (1, 2)", "run_id > 'a'", "dataset.nope = 'a'", "dataset.name IS NULL", "dataset.name > 'a'", "nope.x = '1'", "nope = '1'",
            "metrics.acc > 1, metrics.acc < 2", "; drop table runs",
        ),
        loose=("metrics.acc > 1 AND", "AND metrics.acc > 1", "metrics.acc > 1 metrics.acc < 2"),
    ),
    "experiments": Search(
        find=lambda side, clause, order, size, token: side.client.search_experiments(ViewType.ALL, size, scoped(clause), order, token),
        records=EXPERIMENTS,
        fields=(
            Field("attributes", "name", ("name", *names(("attribute",), "name")), STRING, LIKE_NAMES),
            Field("tags", "team", names(TAG, "team"), STRING + NULLS, TEXTS),
            Field("tags", "odd key", names(TAG, "odd key"), STRING + NULLS, ("1", "", "%AND%")),
            Field("label", "experiment_id", ("experiment_id", "attribute.experiment_id"), ("=", "!=", *LISTS), ("{e1}", "{e4}", "0")),
        ),
        orders=(["name"], ["name DESC"], ["attribute.name asc"], ["creation_time"], ["creation_time DESC"], ["experiment_id"], ["experiment_id DESC"], ["last_update_time DESC"]),
        route=("POST", "experiments/search", lambda side: {"max_results": 10}),
        label=lambda one: {made.attributes["name"]: made.label for made in EXPERIMENTS}[one.name],
        refused=(
            "name > 'a'", "name IN ('a')", "name IS NULL", "name = a", "name = 1", "nope = 'a'", "creation_time = 'a'", "creation_time LIKE '1'", "last_update_time IS NULL",
            "tags.team > 'a'", "tags.team IN ('a')", "tags.team = 1", "name = 'a' OR name = 'b'", "params.x = 'a'", "metrics.x > 1", "name = 'a",
        ),
        loose=("name = 'a' AND",),
    ),
    "registered models": Search(
        find=lambda side, clause, order, size, token: side.client.search_registered_models(scoped(clause), size, order, token),
        records=MODELS,
        fields=(
            Field("attributes", "name", ("name",), STRING, LIKE_NAMES),
            Field("tags", "team", names(TAG, "team"), STRING, TEXTS),
            Field("tags", "odd key", names(TAG, "odd key"), STRING, ("1", "", "%AND%")),
        ),
        orders=(["name"], ["name DESC"], ["timestamp"], ["timestamp DESC"], ["last_updated_timestamp ASC"], ["last_updated_timestamp DESC", "name"]),
        route=("GET", "registered-models/search", lambda side: {}),
        label=lambda one: {made.attributes["name"]: made.label for made in MODELS}[one.name],
        refused=(
            "name > 'a'", "name IN ('a')", "name IS NULL", "name = a", "name = 1", "nope = 'a'", "timestamp = 1", "run_id = 'a'", "tags.team > 'a'", "tags.team IS NULL",
            "tags.team = 1", "name = 'a' OR name = 'b'", "params.x = 'a'", "metrics.x > 1", "name = 'a",
        ),
        loose=("name = 'a' AND",),
    ),
    "model versions": Search(
        find=lambda side, clause, order, size, token: side.client.search_model_versions(scoped(clause), size, order, token),
        records=VERSIONS,
        fields=(
            Field("attributes", "name", ("name",), STRING, LIKE_NAMES),
            Field("attributes", "version_number", ("version_number",), NUMBER, (1, 2, 4)),
            Field("attributes", "source_path", ("source_path",), STRING, ("s3://bucket/red", "s3://BUCKET/%", "%r_d", "s3://bucket/50%")),
            Field("run", "run_id", ("run_id",), ("=", "!=", "IN"), ("{r1}", "{r3}")),
            Field("tags", "team", names(TAG, "team"), STRING, TEXTS),
            Field("tags", "odd key", names(TAG, "odd key"), STRING, ("1", "%AND%")),
        ),
        orders=(["name", "version_number"], ["version_number DESC"], ["version_number"], ["creation_timestamp"], ["creation_timestamp DESC"], ["last_updated_timestamp ASC"], ["last_updated_timestamp DESC"]),
        route=("GET", "model-versions/search", lambda side: {}),
        label=lambda one: f"v{one.version}",
        refused=(
            "name > 'a'", "name IN ('a')", "version_number = 'a'", "version_number LIKE '1'", "run_id > 'a'", "run_id NOT IN ('a')", "run_id IN ()", "run_id IN (1)", "nope = 'a'", "stage = 'None'",
            "source_path > 'a'", "tags.team > 'a'", "tags.team IS NULL", "tags.team = 1", "name = 'a' OR name = 'b'", "params.x = 'a'", "name = 'a",
        ),
        loose=("name = 'a' AND",),
    ),
    "logged models": Search(
        find=lambda side, clause, order, size, token: side.client.search_logged_models(
            [side.experiment_id], clause or None, max_results=size, page_token=token, order_by=[ordered_by(one) for one in order or []] or None
        ),
        records=LOGGED,
        fields=(
            Field("attributes", "name", ("name", "attributes.name"), STRING + LISTS, ("red", "Red", "r_d", "%e%")),
            Field("attributes", "model_type", ("model_type", "attributes.model_type"), STRING + LISTS, ("agent", "TREE", "t%")),
            Field("attributes", "status", ("status", "attributes.status"), ("=", "!=", *LISTS), ("READY", "PENDING", "FAILED")),
            Field("run", "source_run_id", ("source_run_id", "attributes.source_run_id"), ("=", "!=", *LISTS), ("{r1}", "{r3}")),
            Field("label", "model_id", ("model_id", "attributes.model_id"), ("=", "!=", *LISTS), ("{l1}", "{l4}")),
            Field("metrics", "acc", ("metrics.acc", "metrics.`acc`"), NUMBER, (0.5, -1.5, 0, 2.5e10)),
            Field("metrics", "val loss", ("metrics.`val loss`", 'metrics."val loss"'), NUMBER, (1, 0)),
            Field("params", "lr", ("params.lr", "params.`lr`"), STRING, (*TEXTS, "0.1", "RED")),
            Field("tags", "team", ("tags.team", 'tags."team"'), STRING, TEXTS),
            Field("tags", "odd key", ("tags.`odd key`",), STRING, ("1", "2")),
        ),
        orders=(
            ["name", "creation_timestamp"], ["name DESC", "creation_timestamp"], ["creation_timestamp"], ["creation_timestamp DESC"], ["model_type"], ["status", "creation_timestamp"],
            ["metrics.acc"], ["metrics.acc DESC"], ["metrics.absent"], ["last_updated_timestamp DESC"],
        ),
        route=("POST", "logged-models/search", lambda side: {"experiment_ids": [side.experiment_id]}),
        label=lambda one: one.tags["label"],
        refused=(
            "name > 'a'", "name IS NULL", "nope = 'a'", "creation_timestamp = 'a'", "creation_timestamp LIKE '1'", "metrics.acc > '1'", "metrics.acc LIKE '1'", "metrics.acc IN (1)",
            "params.lr > 'a'", "tags.team > 'a'", "name = 'a' OR name = 'b'", "dataset.name = 'a'", "name = 'a",
        ),
        loose=("name = 'a' AND", "name = a", "name = 1", "name IN ()", "params.lr = 1"),
    ),
}  # fmt: skip


def ordered_by(text):
    key, _, direction = text.partition(" ")
    return {"field_name": key, "ascending": direction != "DESC"}


def expected(search, comparisons):
    """The labels that the rules find, in no order."""
    return sorted(record.label for record in with_ids(search.records) if all(one.matches(record) for one in comparisons))


def with_ids(records):
    """Records that know how filters call them: the label stands for the id, as in the filters' texts."""
    for one in records:
        known = {"run_name": one.label, "run_id": f"{{{one.label}}}", "experiment_id": f"{{{one.label}}}", "model_id": f"{{{one.label}}}"}
        run = one.attributes.get("run_id") or one.attributes.get("source_run_id")
        yield WithIds(one.label, one.attributes, one.metrics, one.params, one.tags, one.datasets, known, run and f"{{{run}}}")


@dataclass
class WithIds(Record):
    known: dict = field(default_factory=dict)
    run_id: str | None = None

    def values(self, kind, key):
        if kind == "label":
            return [self.known[key]]
        if kind == "run":
            return [self.run_id]
        return super().values(kind, key)


# Where MLflow's server does not keep to its own grammar, and the rules alone are the judge. The patterns are sought in the filter and
# what that server answered, as `filter => answer`.
SMALL_LETTERS = r"=> .*Invalid comparator .*\b(like|ilike|in|not in|is null|is not null)\b"
EXPONENTS = r"e\+\d+.* => .*Invalid (clause|filter)"
DEPARTURES = {
    "runs": {"an exponent behind a fraction or a minus is refused": EXPONENTS},
    "experiments": {"operators in small letters are refused": SMALL_LETTERS},
    "registered models": {"operators in small letters are refused": SMALL_LETTERS},
    "model versions": {"operators in small letters are refused": SMALL_LETTERS},
    "logged models": {
        "an exponent behind a fraction or a minus is refused": EXPONENTS,
        "what stands between double quotes is found nowhere": r'".* => ',
        "a status is compared with its number": r"\bstatus\b.* => ",
    },
}


def disagreements(kind, sides, cases):
    """Where ours, theirs and the rules do not say the same, with what each says."""
    search, wrong = SEARCHES[kind], []
    for clause, comparisons in cases:
        ours, theirs = (outcome(search, side, clause) for side in sides)
        ruled = expected(search, comparisons)
        departs = any(re.search(pattern, f"{clause} => {theirs}", re.DOTALL) for pattern in DEPARTURES[kind].values())
        if sorted(ours) != ruled or (ours != theirs and not departs):
            wrong.append({"filter": clause, "ours": ours, "theirs": theirs, "rules": ruled})
    return wrong


def outcome(search, side, clause):
    try:
        return search.all(side, clause)
    except mlflow.MlflowException as error:
        return [error.error_code, str(error)]


@pytest.mark.parametrize("kind", SEARCHES)
def test_every_operator_finds_what_mlflow_and_the_rules_find(sides, kind):
    cases = [(one.text, [one]) for one in every_comparison(SEARCHES[kind].fields)]
    assert disagreements(kind, sides, cases) == []


@pytest.mark.parametrize("kind", SEARCHES)
def test_generated_filters_find_what_mlflow_and_the_rules_find(sides, kind):
    assert disagreements(kind, sides, generated_filters(SEARCHES[kind].fields, GENERATED, SEED)) == []


@pytest.mark.parametrize("kind", SEARCHES)
def test_every_order_is_mlflows(sides, kind):
    search = SEARCHES[kind]
    answers = [{str(order): search.all(side, order=order) for order in (None, *search.orders)} for side in sides]
    assert answers[0] == answers[1]
    assert all(sorted(found) == sorted(one.label for one in search.records) for found in answers[0].values())


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("kind", SEARCHES)
def test_small_pages_make_one_large_one(sides, kind, size):
    search, ours = SEARCHES[kind], sides[0]
    whole = {str(order): search.all(ours, order=order) for order in (None, *search.orders)}
    assert {str(order): search.all(ours, order=order, size=size) for order in (None, *search.orders)} == whole


def refusal(search, side, body):
    method, path, rest = search.route
    given = {**rest(side), **body}
    sent = {"params": given} if method == "GET" else {"json": given}
    answer = requests.request(method, f"{side.url}/api/2.0/mlflow/{path}", timeout=60, **sent)
    # An error that MLflow did not mean to answer is a page and no JSON.
    code = answer.json().get("error_code") if "json" in answer.headers.get("Content-Type", "") else None
    return answer.status_code, code


@pytest.mark.parametrize("kind", SEARCHES)
def test_what_is_no_filter_is_refused_as_mlflow_refuses_it(sides, kind):
    search = SEARCHES[kind]
    answers = {clause: [refusal(search, side, {"filter": clause}) for side in sides] for clause in search.refused}
    assert {clause: ours for clause, (ours, _) in answers.items()} == {clause: promised(theirs) for clause, (_, theirs) in answers.items()}


@pytest.mark.parametrize("kind", SEARCHES)
def test_what_mlflow_lets_pass_though_it_is_no_filter_is_refused(sides, kind):
    """We differ on purpose: half a filter would find what nobody asked for."""
    search = SEARCHES[kind]
    answers = {clause: [refusal(search, side, {"filter": clause}) for side in sides] for clause in search.loose}
    assert answers == {clause: [(400, "INVALID_PARAMETER_VALUE"), (200, None)] for clause in search.loose}


def promised(theirs):
    """What we answer where MLflow answers `theirs`: the same, and 400 where it breaks on a mistake of the client."""
    return (400, "INVALID_PARAMETER_VALUE") if theirs[0] >= 500 else theirs
