"""Prompts with the unmodified client. To the protocol they are registered models with a tag; a user sees neither that nor the other way."""

import json

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from pydantic import BaseModel


def test_a_prompt_is_registered_and_loaded_by_number_address_and_alias(name):
    first = mlflow.genai.register_prompt(name, "Hello {{name}}", commit_message="first", tags={"author": "ada"})
    second = mlflow.genai.register_prompt(name, "Good day, {{ name }}!")
    assert (first.version, second.version) == (1, 2)
    mlflow.genai.set_prompt_alias(name, "live", 1)
    for found in (
        mlflow.genai.load_prompt(name, version=1),
        mlflow.genai.load_prompt(f"prompts:/{name}/1"),
        mlflow.genai.load_prompt(f"prompts:/{name}@live"),
    ):
        assert (found.template, found.version, found.commit_message) == ("Hello {{name}}", 1, "first")
        assert found.tags["author"] == "ada"
        assert found.format(name="Ada") == "Hello Ada"
    assert mlflow.genai.load_prompt(f"prompts:/{name}@latest").version == 2
    assert mlflow.genai.load_prompt(name).version == 2


def test_an_alias_moves_and_is_taken_away(name):
    for text in ("one", "two"):
        mlflow.genai.register_prompt(name, text)
    mlflow.genai.set_prompt_alias(name, "live", 1)
    mlflow.genai.set_prompt_alias(name, "live", 2)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live", cache_ttl_seconds=0).template == "two"
    assert mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).aliases == []
    mlflow.genai.delete_prompt_alias(name, "live")
    with pytest.raises(MlflowException):
        mlflow.genai.load_prompt(f"prompts:/{name}@live", cache_ttl_seconds=0)


def test_what_is_not_there_is_none_where_the_caller_says_so(name):
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1", allow_missing=True) is None
    assert mlflow.genai.load_prompt(f"prompts:/{name}@none", allow_missing=True) is None
    with pytest.raises(MlflowException) as refused:
        mlflow.genai.load_prompt(name, version=1)
    assert refused.value.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


def test_tags_of_a_prompt_and_of_its_versions_are_set_and_taken_away(name):
    mlflow.genai.register_prompt(name, "x")
    mlflow.genai.set_prompt_tag(name, "team", "blue")
    mlflow.genai.set_prompt_version_tag(name, 1, "checked", "yes")
    assert mlflow.genai.get_prompt_tags(name)["team"] == "blue"
    assert mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).tags["checked"] == "yes"
    mlflow.genai.delete_prompt_tag(name, "team")
    mlflow.genai.delete_prompt_version_tag(name, 1, "checked")
    assert "team" not in mlflow.genai.get_prompt_tags(name)
    assert "checked" not in mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).tags


def test_a_chat_prompt_keeps_its_messages(name):
    messages = [{"role": "system", "content": "You are {{who}}."}, {"role": "user", "content": "{{question}}"}]
    mlflow.genai.register_prompt(name, messages)
    found = mlflow.genai.load_prompt(name, version=1)
    assert not found.is_text_prompt
    assert found.template == messages
    assert found.format(who="a penguin", question="Why?")[0] == {"role": "system", "content": "You are a penguin."}


class Answer(BaseModel):
    text: str
    sure: bool


def test_a_response_format_and_a_model_configuration_stay_with_the_version(name):
    mlflow.genai.register_prompt(
        name, "{{question}}", response_format=Answer, model_config={"model_name": "some-model", "temperature": 0.5}
    )
    found = mlflow.genai.load_prompt(name, version=1)
    assert found.response_format == Answer.model_json_schema()
    assert found.model_config["temperature"] == 0.5
    mlflow.genai.set_prompt_model_config(name, 1, {"model_name": "other-model"})
    assert mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).model_config["model_name"] == "other-model"
    mlflow.genai.delete_prompt_model_config(name, 1)
    assert mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).model_config is None


def test_prompts_are_searched_by_name_and_tag_page_by_page(name):
    for i in range(3):
        mlflow.genai.register_prompt(f"{name}-{i}", "x", tags={})
        mlflow.genai.set_prompt_tag(f"{name}-{i}", "third", str(i == 2).lower())
    found = mlflow.genai.search_prompts(filter_string=f"name LIKE '{name}-%'")
    assert [prompt.name for prompt in found] == [f"{name}-{i}" for i in range(3)]
    tagged = mlflow.genai.search_prompts(filter_string=f"name LIKE '{name}-%' AND tags.third = 'true'")
    assert [prompt.name for prompt in tagged] == [f"{name}-2"]
    client = MlflowClient()
    page = client.search_prompts(filter_string=f"name LIKE '{name}-%'", max_results=2)
    rest = client.search_prompts(filter_string=f"name LIKE '{name}-%'", max_results=2, page_token=page.token)
    assert [prompt.name for prompt in (*page, *rest)] == [f"{name}-{i}" for i in range(3)]


def test_versions_of_a_prompt_are_searched(name):
    for text in ("one", "two", "three"):
        mlflow.genai.register_prompt(name, text)
    found = MlflowClient().search_prompt_versions(name)
    assert sorted(version.template for version in found) == ["one", "three", "two"]


def test_prompts_are_no_models(client, name, graphql):
    mlflow.genai.register_prompt(name, "x")
    assert list(client.search_registered_models(f"name = '{name}'")) == []
    assert list(client.search_model_versions(f"name = '{name}'")) == []
    query = "query ($name: String, $is: Boolean) { models(search: $name, isPrompt: $is) { totalCount nodes { name isPrompt } } }"
    assert graphql("query ($name: String) { models(search: $name) { totalCount } }", name=name)["models"]["totalCount"] == 0
    assert graphql(query, name=name, **{"is": True})["models"] == {"totalCount": 1, "nodes": [{"name": name, "isPrompt": True}]}
    assert graphql(query, name=name, **{"is": None})["models"]["totalCount"] == 1
    # The client itself turns away from a prompt whoever asks for a model.
    with pytest.raises(MlflowException, match="not found"):
        client.set_registered_model_tag(name, "k", "v")


def test_a_model_and_a_prompt_do_not_share_a_name(client, name):
    client.create_registered_model(name)
    with pytest.raises(MlflowException, match="exists with the same name"):
        mlflow.genai.register_prompt(name, "x")


def test_a_version_and_a_prompt_are_deleted(name):
    client = MlflowClient()
    for text in ("one", "two"):
        mlflow.genai.register_prompt(name, text)
    client.delete_prompt_version(name, "1")
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1", allow_missing=True, cache_ttl_seconds=0) is None
    third = mlflow.genai.register_prompt(name, "three")
    assert third.version == 3
    client.delete_prompt(name)
    assert client.get_prompt(name) is None


def test_a_long_text_is_kept_whole(name):
    text = "ü{{x}}" * 12_000
    mlflow.genai.register_prompt(name, text)
    assert mlflow.genai.load_prompt(name, version=1, cache_ttl_seconds=0).template == text


def test_a_prompt_is_linked_to_the_run_and_the_model_that_used_it(client, experiment, name):
    prompt = mlflow.genai.register_prompt(name, "x")
    with mlflow.start_run() as run:
        client.link_prompt_version_to_run(run.info.run_id, prompt)
    linked = json.loads(client.get_run(run.info.run_id).data.tags["mlflow.linkedPrompts"])
    assert linked == [{"name": name, "version": "1"}]
    model = mlflow.initialize_logged_model(name="uses-a-prompt")
    client.link_prompt_version_to_model(name, "1", model.model_id)
    assert name in mlflow.get_logged_model(model.model_id).tags["mlflow.linkedPrompts"]


def test_the_prompts_of_a_run_are_found_by_the_tag_that_older_clients_wrote(client, experiment, name):
    mlflow.genai.register_prompt(name, "x")
    with mlflow.start_run() as run:
        mlflow.genai.set_prompt_version_tag(name, 1, "mlflow.prompt.associatedRunIds", run.info.run_id)
    assert [(one.name, one.version) for one in client.list_logged_prompts(run.info.run_id)] == [(name, 1)]


def test_linking_to_a_trace_fails_at_once_and_with_words(client, name):
    prompt = mlflow.genai.register_prompt(name, "x")
    with pytest.raises(MlflowException) as refused:
        client.link_prompt_versions_to_trace([prompt], "tr-" + "0" * 32)
    assert refused.value.error_code in ("ENDPOINT_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")
