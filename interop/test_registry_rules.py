"""The registry's rules, one test a rule: what MLflow's documentation and its released server do, at both prefixes. Where that server
answers 500 to a client's mistake, 400 is right: a client repeats what failed with 500 for minutes."""

import itertools

import mlflow
import pytest
import requests
from mlflow.entities.model_registry import ModelVersionTag
from mlflow.exceptions import MlflowException

PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}


class Api:
    """Raw requests; answers the status and the JSON."""

    def __init__(self, url, prefix="/api/2.0/mlflow/"):
        self.base = url + prefix

    def __call__(self, method, path, **fields):
        given = {"params": fields} if method == "GET" else {"json": fields}
        answer = requests.request(method, self.base + path, timeout=60, **given)
        return answer.status_code, answer.json()

    def ok(self, method, path, **fields):
        status, body = self(method, path, **fields)
        assert status == 200, body
        return body

    def error(self, method, path, **fields):
        status, body = self(method, path, **fields)
        assert status != 200, body
        return status, body["error_code"]


@pytest.fixture
def api(url):
    return Api(url)


@pytest.fixture
def model(api, name):
    """A model with three versions."""
    api.ok("POST", "registered-models/create", name=name)
    for i in range(1, 4):
        api.ok("POST", "model-versions/create", name=name, source=f"s3://bucket/{i}")
    return name


INVALID = (400, "INVALID_PARAMETER_VALUE")
ABSENT = (404, "RESOURCE_DOES_NOT_EXIST")
TAKEN = (400, "RESOURCE_ALREADY_EXISTS")


@pytest.mark.parametrize("prefix", ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"])
def test_every_procedure_answers_at_both_prefixes(url, prefix, name):
    api = Api(url, prefix)
    api.ok("POST", "registered-models/create", name=name)
    api.ok("POST", "registered-models/rename", name=name, new_name=f"{name}-2")
    api.ok("POST", "registered-models/rename", name=f"{name}-2", new_name=name)
    api.ok("PATCH", "registered-models/update", name=name, description="d")
    api.ok("GET", "registered-models/get", name=name)
    api.ok("GET", "registered-models/search", filter=f"name = '{name}'")
    api.ok("POST", "registered-models/set-tag", name=name, key="k", value="v")
    api.ok("DELETE", "registered-models/delete-tag", name=name, key="k")
    api.ok("POST", "model-versions/create", name=name, source="s3://bucket/x")
    api.ok("GET", "registered-models/get-latest-versions", name=name)
    api.ok("POST", "registered-models/get-latest-versions", name=name)
    api.ok("PATCH", "model-versions/update", name=name, version="1", description="d")
    api.ok("POST", "model-versions/transition-stage", name=name, version="1", stage="Staging")
    api.ok("GET", "model-versions/get", name=name, version="1")
    api.ok("GET", "model-versions/search", filter=f"name = '{name}'")
    api.ok("GET", "model-versions/get-download-uri", name=name, version="1")
    api.ok("POST", "model-versions/set-tag", name=name, version="1", key="k", value="v")
    api.ok("DELETE", "model-versions/delete-tag", name=name, version="1", key="k")
    api.ok("POST", "registered-models/alias", name=name, alias="a", version="1")
    api.ok("GET", "registered-models/alias", name=name, alias="a")
    api.ok("DELETE", "registered-models/alias", name=name, alias="a")
    api.ok("DELETE", "model-versions/delete", name=name, version="1")
    api.ok("DELETE", "registered-models/delete", name=name)


# Names, texts and tags.


@pytest.mark.parametrize("wrong", ["", " ", "a/b", "a:b"])
def test_a_model_has_a_name_without_slash_and_colon(api, wrong):
    assert api.error("POST", "registered-models/create", name=wrong) == INVALID


def test_a_name_is_taken_once(api, name):
    api.ok("POST", "registered-models/create", name=name)
    assert api.error("POST", "registered-models/create", name=name) == TAKEN


def test_an_unknown_model_does_not_exist(api, name):
    assert api.error("GET", "registered-models/get", name=name) == ABSENT
    assert api.error("PATCH", "registered-models/update", name=name, description="d") == ABSENT
    assert api.error("DELETE", "registered-models/delete", name=name) == ABSENT
    assert api.error("POST", "model-versions/create", name=name, source="s3://bucket/x") == ABSENT


def test_what_is_absent_or_taken_is_told_in_the_words_that_clients_look_for(client, model, name):
    said = {
        lambda: client.get_registered_model(f"{name}-x"): rf"Registered Model with name={name}-x not found",
        lambda: client.create_registered_model(model): rf"Registered Model \(name={model}\) already exists",
        lambda: client.get_model_version(model, "99"): rf"Model Version \(name={model}, version=99\) not found",
        lambda: client.get_model_version(f"{name}-x", "1"): rf"Model Version \(name={name}-x, version=1\) not found",
        lambda: client.get_model_version_by_alias(model, "nobody"): "Registered model alias nobody not found",
        lambda: client.set_registered_model_tag(model, "k", "v" * 100_001): r"'value' exceeds the maximum length of \d+ characters",
        lambda: client.set_model_version_tag(model, "1", "k" * 251, "v"): r"'key' exceeds the maximum length of \d+ characters",
        lambda: client.search_registered_models(page_token="none of ours"): "Invalid page token, could not base64-decode",
        lambda: client.search_registered_models(order_by=["name", "creation_timestamp"]): r"Invalid order by key '.+' specified",
    }
    for attempt, words in said.items():
        with pytest.raises(MlflowException, match=words):
            attempt()


def test_a_version_without_description_and_run_has_empty_ones(client, api, model):
    version = client.get_model_version(model, "1")
    assert (version.description, version.run_id, version.run_link) == ("", "", "")


def test_a_description_that_is_not_given_is_emptied(api, name):
    api.ok("POST", "registered-models/create", name=name, description="before")
    assert "description" not in api.ok("PATCH", "registered-models/update", name=name)["registered_model"]


def test_a_tag_is_replaced_and_may_be_empty(api, model):
    for value in ("one", "two", ""):
        api.ok("POST", "registered-models/set-tag", name=model, key="k", value=value)
        api.ok("POST", "model-versions/set-tag", name=model, version="1", key="k", value=value)
    assert api.ok("GET", "registered-models/get", name=model)["registered_model"]["tags"] == [{"key": "k", "value": ""}]
    assert api.ok("GET", "model-versions/get", name=model, version="1")["model_version"]["tags"] == [{"key": "k", "value": ""}]


def test_a_tag_that_is_not_there_is_gone_already(api, model):
    api.ok("DELETE", "registered-models/delete-tag", name=model, key="never")
    api.ok("DELETE", "model-versions/delete-tag", name=model, version="1", key="never")


@pytest.mark.parametrize("key", ["a!", "./a", "/a", "a/../b", "k" * 251, ""])
def test_a_tag_has_a_key_of_mlflows_form(api, model, key):
    assert api.error("POST", "registered-models/set-tag", name=model, key=key, value="v") == INVALID
    assert api.error("POST", "model-versions/set-tag", name=model, version="1", key=key, value="v") == INVALID


def test_a_tag_has_a_hundred_thousand_characters_at_most(api, model):
    api.ok("POST", "registered-models/set-tag", name=model, key="k" * 250, value="v" * 100_000)
    assert api.error("POST", "registered-models/set-tag", name=model, key="k", value="v" * 100_001) == INVALID
    api.ok("POST", "model-versions/set-tag", name=model, version="1", key="k", value="v" * 100_000)
    assert api.error("POST", "model-versions/set-tag", name=model, version="1", key="k", value="v" * 100_001) == INVALID


# Versions.


def test_a_version_is_text_on_the_wire_and_ready(api, model):
    version = api.ok("GET", "model-versions/get", name=model, version="2")["model_version"]
    assert (version["version"], version["status"], version["current_stage"]) == ("2", "READY", "None")
    assert isinstance(version["creation_timestamp"], int)


def test_a_number_is_never_used_again(api, model):
    api.ok("DELETE", "model-versions/delete", name=model, version="3")
    api.ok("DELETE", "model-versions/delete", name=model, version="2")
    again = api.ok("POST", "model-versions/create", name=model, source="s3://bucket/again")
    assert again["model_version"]["version"] == "4"


def test_numbers_begin_anew_with_a_new_model_of_the_name(api, model):
    api.ok("DELETE", "registered-models/delete", name=model)
    api.ok("POST", "registered-models/create", name=model)
    assert api.ok("POST", "model-versions/create", name=model, source="s3://bucket/x")["model_version"]["version"] == "1"


def test_a_deleted_version_is_unknown_to_everything(api, model):
    api.ok("POST", "registered-models/alias", name=model, alias="gone", version="2")
    api.ok("DELETE", "model-versions/delete", name=model, version="2")
    named = {"name": model, "version": "2"}
    assert api.error("GET", "model-versions/get", **named) == ABSENT
    assert api.error("GET", "model-versions/get-download-uri", **named) == ABSENT
    assert api.error("PATCH", "model-versions/update", **named, description="d") == ABSENT
    assert api.error("POST", "model-versions/transition-stage", **named, stage="Staging") == ABSENT
    assert api.error("POST", "model-versions/set-tag", **named, key="k", value="v") == ABSENT
    assert api.error("POST", "registered-models/alias", **named, alias="b") == ABSENT
    assert api.error("DELETE", "model-versions/delete", **named) == ABSENT
    assert api.error("GET", "registered-models/alias", name=model, alias="gone") == INVALID
    found = api.ok("GET", "model-versions/search", filter=f"name = '{model}'")["model_versions"]
    assert [version["version"] for version in found] == ["3", "1"]


@pytest.mark.parametrize("version", ["x", "1.0", "one", "1e0"])
def test_a_number_that_is_none_is_refused(api, model, version):
    assert api.error("GET", "model-versions/get", name=model, version=version) == INVALID


@pytest.mark.parametrize("version", ["0", "-1", "4", "2147483648", "9" * 20])
def test_a_number_that_no_version_has_does_not_exist(api, model, version):
    assert api.error("GET", "model-versions/get", name=model, version=version) == ABSENT


def test_a_deleted_model_is_gone_with_its_versions_and_aliases(api, model):
    api.ok("POST", "registered-models/alias", name=model, alias="a", version="1")
    api.ok("DELETE", "registered-models/delete", name=model)
    assert api.error("GET", "registered-models/get", name=model) == ABSENT
    assert api.error("GET", "model-versions/get", name=model, version="1") == ABSENT
    assert "model_versions" not in api.ok("GET", "model-versions/search", filter=f"name = '{model}'")
    api.ok("POST", "registered-models/create", name=model)
    assert api.error("GET", "registered-models/alias", name=model, alias="a") == INVALID


def test_a_model_is_renamed_with_its_versions_and_aliases(api, model):
    api.ok("POST", "registered-models/alias", name=model, alias="a", version="2")
    renamed = api.ok("POST", "registered-models/rename", name=model, new_name=f"{model}-2")["registered_model"]
    assert (renamed["name"], renamed["aliases"]) == (f"{model}-2", [{"alias": "a", "version": "2"}])
    assert api.ok("GET", "model-versions/get", name=f"{model}-2", version="1")["model_version"]["name"] == f"{model}-2"
    assert api.error("GET", "registered-models/get", name=model) == ABSENT


def test_a_model_is_not_renamed_onto_another(api, model):
    api.ok("POST", "registered-models/create", name=f"{model}-taken")
    assert api.error("POST", "registered-models/rename", name=model, new_name=f"{model}-taken") == TAKEN
    assert api.error("POST", "registered-models/rename", name=model, new_name="a/b") == INVALID
    assert api.error("POST", "registered-models/rename", name=model, new_name="") == INVALID
    assert api.error("POST", "registered-models/rename", name=f"{model}-none", new_name=f"{model}-x") == ABSENT


# Stages.


@pytest.mark.parametrize("stage", ["Staging", "staging", "STAGING"])
def test_a_stage_is_taken_in_any_case(api, model, stage):
    moved = api.ok("POST", "model-versions/transition-stage", name=model, version="1", stage=stage)
    assert moved["model_version"]["current_stage"] == "Staging"


@pytest.mark.parametrize("stage", ["nope", "Deleted_Internal", ""])
def test_there_are_four_stages(api, model, stage):
    assert api.error("POST", "model-versions/transition-stage", name=model, version="1", stage=stage) == INVALID


def stages_of(api, model):
    found = api.ok("GET", "model-versions/search", filter=f"name = '{model}'", order_by="version_number ASC")
    return [version["current_stage"] for version in found["model_versions"]]


def test_versions_share_a_stage_until_the_others_are_to_be_archived(api, model):
    for version in ("1", "2"):
        api.ok("POST", "model-versions/transition-stage", name=model, version=version, stage="Production")
    assert stages_of(api, model) == ["Production", "Production", "None"]
    moved = {"name": model, "version": "3", "stage": "Production", "archive_existing_versions": True}
    api.ok("POST", "model-versions/transition-stage", **moved)
    assert stages_of(api, model) == ["Archived", "Archived", "Production"]


@pytest.mark.parametrize("stage", ["None", "Archived"])
def test_only_staging_and_production_archive_what_was_there(api, model, stage):
    moved = {"name": model, "version": "1", "stage": stage, "archive_existing_versions": True}
    assert api.error("POST", "model-versions/transition-stage", **moved) == INVALID
    assert stages_of(api, model) == ["None", "None", "None"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_latest_versions_are_the_highest_of_each_stage(api, model, method):
    for version in ("1", "2"):
        api.ok("POST", "model-versions/transition-stage", name=model, version=version, stage="Staging")
    latest = "registered-models/get-latest-versions"

    def of(*stages):
        given = {"stages": list(stages)} if stages else {}
        versions = api.ok(method, latest, name=model, **given).get("model_versions", [])
        return {(version["current_stage"], version["version"]) for version in versions}

    assert of() == {("Staging", "2"), ("None", "3")}
    assert of("staging") == {("Staging", "2")}
    assert of("Production") == set()
    assert of("None", "Staging") == {("Staging", "2"), ("None", "3")}
    assert api.error(method, latest, name=model, stages=["nope"]) == INVALID
    assert api.error(method, latest, name=f"{model}-none") == ABSENT


# Aliases.


def test_an_alias_names_one_version_and_moves(api, model):
    for version in ("1", "2", "2"):
        api.ok("POST", "registered-models/alias", name=model, alias="champion", version=version)
    assert api.ok("GET", "registered-models/alias", name=model, alias="champion")["model_version"]["version"] == "2"
    assert "aliases" not in api.ok("GET", "model-versions/get", name=model, version="1")["model_version"]
    assert api.ok("GET", "registered-models/get", name=model)["registered_model"]["aliases"] == [
        {"alias": "champion", "version": "2"}
    ]


def test_an_unknown_alias_is_an_invalid_parameter(api, model):
    assert api.error("GET", "registered-models/alias", name=model, alias="nobody") == INVALID
    api.ok("DELETE", "registered-models/alias", name=model, alias="nobody")
    assert api.error("GET", "registered-models/alias", name=f"{model}-none", alias="nobody") == ABSENT


@pytest.mark.parametrize("alias", ["latest", "LATEST", "v1", "V12", "a b", "a!", "a/b", "x" * 256, ""])
def test_a_name_that_stands_for_something_else_is_no_alias(api, model, alias):
    assert api.error("POST", "registered-models/alias", name=model, alias=alias, version="1") == INVALID


@pytest.mark.parametrize("alias", ["v1a", "a-b_c", "x" * 255, "Champion"])
def test_everything_else_is_one(api, model, alias):
    api.ok("POST", "registered-models/alias", name=model, alias=alias, version="1")
    assert api.ok("GET", "registered-models/alias", name=model, alias=alias)["model_version"]["version"] == "1"


@pytest.mark.parametrize("alias", ["latest", "Latest"])
def test_latest_is_the_newest_version(api, model, alias):
    assert api.ok("GET", "registered-models/alias", name=model, alias=alias)["model_version"]["version"] == "3"


def test_nothing_is_the_latest_of_no_versions(api, name):
    api.ok("POST", "registered-models/create", name=name)
    assert api.error("GET", "registered-models/alias", name=name, alias="latest") == ABSENT


# Sources.


def test_a_version_that_is_registered_again_keeps_what_it_names(api, model):
    api.ok("POST", "registered-models/alias", name=model, alias="champion", version="2")
    api.ok("POST", "model-versions/transition-stage", name=model, version="1", stage="Production")
    for place, number in (("@champion", 2), ("/1", 1), ("/Production", 1), ("/latest", 3)):
        name = f"{model}-copy{number}{place[1:]}"
        api.ok("POST", "registered-models/create", name=name)
        made = api.ok("POST", "model-versions/create", name=name, source=f"models:/{model}{place}")["model_version"]
        assert made["source"] == f"models:/{model}/{number}"
        location = api.ok("GET", "model-versions/get-download-uri", name=name, version="1")["artifact_uri"]
        assert location == f"s3://bucket/{number}"


def test_a_version_that_does_not_exist_is_no_source(api, model):
    def create(source):
        return api.error("POST", "model-versions/create", name=model, source=source)

    assert create(f"models:/{model}/99") == ABSENT
    assert create(f"models:/{model}-none/1") == ABSENT
    assert create(f"models:/{model}@nobody") == INVALID
    assert create(f"models:/{model}/Staging") == ABSENT
    assert create(f"models:/{model}/elsewhere") == INVALID
    assert create(f"models://host/{model}/1") == INVALID


@pytest.mark.parametrize(
    "source", ["", "/etc/passwd", "relative/path", "file:///etc/passwd", "s3://bucket/../x", "s3://b/%2e%2e/x", "mlflow-artifacts:/../x"]
)
def test_a_source_is_no_place_on_the_server(api, model, source):
    assert api.error("POST", "model-versions/create", name=model, source=source) == INVALID


@pytest.mark.parametrize("source", ["s3://bucket/a", "gs://bucket/a", "dbfs:/models/a", "https://host/a", "abfss://c@account/a"])
def test_a_source_elsewhere_is_kept_as_it_is(api, model, source):
    made = api.ok("POST", "model-versions/create", name=model, source=source, run_link="https://host/run")["model_version"]
    assert (made["source"], made["run_link"]) == (source, "https://host/run")
    assert api.ok("GET", "model-versions/get-download-uri", name=model, version=made["version"])["artifact_uri"] == source


def test_a_prompt_is_no_source_and_has_none(api, model, name):
    prompt = f"{name}-prompt"
    api.ok("POST", "registered-models/create", name=prompt, tags=[PROMPT])
    assert api.error("POST", "model-versions/create", name=prompt, source="s3://bucket/x", tags=[PROMPT]) == INVALID
    api.ok("POST", "model-versions/create", name=prompt, source="dummy-source", tags=[PROMPT])
    assert api.error("POST", "model-versions/create", name=model, source=f"models:/{prompt}/1") == INVALID


def test_a_logged_model_knows_the_versions_that_were_made_from_it(client, experiment, name):
    with mlflow.start_run() as run:
        logged = mlflow.initialize_logged_model(name="m")
        mlflow.log_text("weights", "model/m.txt")
    for registered in (name, f"{name}-2"):
        client.create_registered_model(registered)
        client.create_model_version(registered, f"models:/{logged.model_id}", run_id=run.info.run_id, model_id=logged.model_id)
    tag = mlflow.get_logged_model(logged.model_id).tags["mlflow.modelVersions"]
    assert tag == f'[{{"name":"{name}","version":1}},{{"name":"{name}-2","version":1}}]'


def test_a_version_is_copied_by_the_client(client, model):
    client.set_registered_model_alias(model, "champion", "2")
    client.set_model_version_tag(model, "2", "k", "v")
    client.update_model_version(model, "2", "the second")
    copied = client.copy_model_version(f"models:/{model}@champion", f"{model}-production")
    assert (copied.name, copied.version, copied.source) == (f"{model}-production", "1", f"models:/{model}/2")
    assert (copied.description, dict(copied.tags)) == ("the second", {"k": "v"})
    assert client.get_model_version_download_uri(copied.name, "1") == "s3://bucket/2"
    again = client.copy_model_version(f"models:/{copied.name}/1", f"{model}-further")
    assert client.get_model_version_download_uri(again.name, "1") == "s3://bucket/2"


def test_the_client_sees_tags_and_descriptions_of_versions(client, name):
    client.create_registered_model(name, tags={"a": "b"}, description="d")
    client.create_model_version(name, "s3://bucket/x", tags={"c": "d"}, description="v")
    version = client.get_model_version(name, "1")
    assert (version.description, version.tags) == ("v", {"c": "d"})
    assert ModelVersionTag("c", "d").key in version.tags
    assert client.get_registered_model(name).latest_versions[0].version == "1"


# Searches.


@pytest.fixture
def many(api, name):
    for suffix in "abcde":
        api.ok("POST", "registered-models/create", name=f"{name}-{suffix}", tags=[{"key": "letter", "value": suffix}])
        api.ok("POST", "model-versions/create", name=f"{name}-{suffix}", source=f"s3://bucket/{suffix}", run_id=f"run{suffix}")
    api.ok("POST", "registered-models/create", name=f"{name}-prompt", tags=[PROMPT])
    api.ok("POST", "model-versions/create", name=f"{name}-prompt", source="dummy-source", tags=[PROMPT])
    return name


def found(api, what, many, condition="", **fields):
    answer = api.ok("GET", f"{what.replace('_', '-')}/search", filter=f"name LIKE '{many}-%'{condition}", **fields)
    return [one["name"].removeprefix(f"{many}-") for one in answer.get(what, [])]


LETTERS = list("abcde")


@pytest.mark.parametrize("what", ["registered_models", "model_versions"])
@pytest.mark.parametrize(
    ("value", "comparator", "expected"),
    [
        (None, None, LETTERS),
        ("true", "=", ["prompt"]),
        ("true", "!=", LETTERS),
        ("false", "=", LETTERS),
        ("false", "!=", ["prompt"]),
    ],
)
def test_prompts_are_found_only_where_they_are_asked_for(api, many, what, value, comparator, expected):
    condition = "" if value is None else f" AND tags.`mlflow.prompt.is_prompt` {comparator} '{value}'"
    assert sorted(found(api, what, many, condition)) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (" AND tags.letter = 'b'", ["b"]),
        (" AND tags.letter != 'b'", ["a", "c", "d", "e"]),
        (" AND tags.letter LIKE 'B'", []),
        (" AND tags.letter ILIKE 'B'", ["b"]),
        (" AND tag.`letter` = \"b\"", ["b"]),
        (" AND tags.absent != 'x'", []),
    ],
)
def test_models_are_found_by_their_tags(api, many, condition, expected):
    assert found(api, "registered_models", many, condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (" AND run_id = 'runb'", ["b"]),
        (" AND run_id IN ('runb', 'runc')", ["b", "c"]),
        (" AND version_number = 1", LETTERS),
        (" AND version_number >= '1'", LETTERS),
        (" AND version_number > 1", []),
        (" AND source_path = 's3://bucket/d'", ["d"]),
        (" AND source_path LIKE '%/d'", ["d"]),
    ],
)
def test_versions_are_found_by_what_they_are(api, many, condition, expected):
    assert sorted(found(api, "model_versions", many, condition)) == expected


@pytest.mark.parametrize(
    "wrong", ["run_id = 'x'", "name > 'a'", "name = x", "name = 'a' OR name = 'b'", "(name = 'a')", "tags.t IN ('a')", "nope = 'a'", "name ="]
)
def test_what_the_grammar_does_not_have_is_refused(api, wrong):
    assert api.error("GET", "registered-models/search", filter=wrong) == INVALID


def test_models_stand_in_the_order_of_their_names_unless_told(api, many):
    assert found(api, "registered_models", many) == LETTERS
    assert found(api, "registered_models", many, order_by="name DESC") == LETTERS[::-1]
    assert found(api, "registered_models", many, order_by="timestamp ASC") == LETTERS
    assert found(api, "registered_models", many, order_by=["last_updated_timestamp DESC", "name"]) == LETTERS[::-1]


def test_versions_stand_with_the_newest_first_unless_told(api, many):
    assert found(api, "model_versions", many) == LETTERS[::-1]
    assert found(api, "model_versions", many, order_by="name ASC") == LETTERS
    assert found(api, "model_versions", many, order_by=["version_number ASC", "name ASC"]) == LETTERS
    assert found(api, "model_versions", many, order_by="creation_timestamp ASC") == LETTERS


@pytest.mark.parametrize("order", ["nope", "name sideways", "tags.t", "creation_timestamp"])
def test_what_models_are_not_ordered_by_is_refused(api, order):
    assert api.error("GET", "registered-models/search", order_by=order) == INVALID


def test_a_field_orders_once(api):
    assert api.error("GET", "registered-models/search", order_by=["name", "name DESC"]) == INVALID
    assert api.error("GET", "registered-models/search", order_by=["timestamp", "last_updated_timestamp"]) == INVALID


@pytest.mark.parametrize(("what", "most"), [("registered_models", 1_000), ("model_versions", 200_000)])
def test_pages_have_a_largest_size_and_no_token_behind_the_last(api, many, what, most):
    path = f"{what.replace('_', '-')}/search"
    query = {"filter": f"name LIKE '{many}-%'", "order_by": "name ASC"}
    names, token = [], None
    for _ in itertools.count():
        page = api.ok("GET", path, **query, max_results=2, **({} if token is None else {"page_token": token}))
        names += [one["name"].removeprefix(f"{many}-") for one in page[what]]
        token = page.get("next_page_token")
        if token is None:
            break
    assert names == LETTERS
    assert "next_page_token" not in api.ok("GET", path, **query, max_results=most)
    assert api.error("GET", path, **query, max_results=most + 1) == INVALID
    assert api.error("GET", path, **query, max_results=0) == INVALID
    assert api.error("GET", path, **query, page_token="nonsense") == INVALID


def test_the_client_pages_through_both(client, many):
    models = client.search_registered_models(f"name LIKE '{many}-%'", max_results=3)
    rest = client.search_registered_models(f"name LIKE '{many}-%'", max_results=3, page_token=models.token)
    assert [one.name.removeprefix(f"{many}-") for one in (*models, *rest)] == LETTERS
    with pytest.raises(MlflowException) as refused:
        client.search_registered_models(f"name LIKE '{many}-%'", order_by=["name DESC"], page_token=models.token)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
