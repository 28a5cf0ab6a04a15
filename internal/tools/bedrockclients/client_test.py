"""Tests the simulator of Amazon Bedrock with boto3, and the requests of the provider with botocore's model of bedrock-runtime.

$BEDROCK_SERVER is the line that the server prints, $BEDROCK_REQUESTS the file with the requests of the provider.
"""

import json
import os
import re
import sys
import unittest
from urllib.parse import unquote

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

SERVER = json.loads(os.environ["BEDROCK_SERVER"])
TITAN, COHERE = "amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"
CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"
PROMPT = "arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:1"
MESSAGES = [{"role": "user", "content": [{"text": "Good morning."}]}]
MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
OPERATIONS = {"invoke": "InvokeModel", "converse": "Converse", "converse-stream": "ConverseStream"}


def client(fault=None, **keys):
    made = boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=SERVER["url"], config=Config(retries={"total_max_attempts": 1}),
        **{"aws_access_key_id": SERVER["access_key"], "aws_secret_access_key": SERVER["secret_key"], **keys},
    )
    if fault:
        made.meta.events.register("before-call.bedrock-runtime", lambda params, **_: params["headers"].update({"X-Simulate-Fault": fault}))
    return made


class Simulator(unittest.TestCase):
    def embed(self, model, request, **options):
        answer = client().invoke_model(modelId=model, body=json.dumps(request), **options)
        self.assertEqual(answer["contentType"], "application/json")
        return json.loads(answer["body"].read())

    def test_invoke_without_accept(self):
        self.assertEqual(len(self.embed(TITAN, {"inputText": "hello"})["embedding"]), 1024)

    def test_invoke_with_accept(self):
        for accept in ("application/json", "*/*", "application/*"):
            answer = self.embed(TITAN, {"inputText": "hello", "dimensions": 256}, accept=accept, contentType="application/json")
            self.assertEqual(len(answer["embedding"]), 256)

    def test_invoke_cohere(self):
        answer = self.embed(COHERE, {"texts": ["one", "two"], "input_type": "search_query"})
        self.assertEqual([len(vector) for vector in answer["embeddings"]], [1024, 1024])

    def test_converse(self):
        answer = client().converse(modelId=CLAUDE, messages=MESSAGES, inferenceConfig={"maxTokens": 50, "temperature": 0.5})
        self.assertRegex(answer["output"]["message"]["content"][0]["text"], "You wrote: Good morning.$")
        self.assertEqual(answer["stopReason"], "end_turn")
        self.assertEqual(answer["usage"]["totalTokens"], answer["usage"]["inputTokens"] + answer["usage"]["outputTokens"])

    def test_converse_stream(self):
        events = list(client().converse_stream(modelId=CLAUDE, messages=MESSAGES)["stream"])
        text = "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event)
        self.assertRegex(text, "You wrote: Good morning.$")
        self.assertEqual([next(iter(event)) for event in (events[0], *events[-3:])], ["messageStart", "contentBlockStop", "messageStop", "metadata"])

    def refused(self, code, status, call):
        with self.assertRaises(ClientError) as raised:
            call()
        self.assertEqual((raised.exception.response["Error"]["Code"], raised.exception.response["ResponseMetadata"]["HTTPStatusCode"]), (code, status))
        self.assertTrue(raised.exception.response["Error"]["Message"])
        return raised.exception

    def test_validation_errors(self):
        for name, call in {
            "body": lambda c: c.invoke_model(modelId=TITAN, body="{}"),
            "accept": lambda c: c.invoke_model(modelId=TITAN, body='{"inputText":"a"}', accept="text/plain"),
            "model": lambda c: c.converse(modelId="nonsense", messages=MESSAGES),
            "embedding model": lambda c: c.converse(modelId=TITAN, messages=MESSAGES),
            "first role": lambda c: c.converse(modelId=CLAUDE, messages=[{"role": "assistant", "content": [{"text": "a"}]}]),
            "prompt with settings": lambda c: c.converse(modelId=PROMPT, messages=MESSAGES, inferenceConfig={"maxTokens": 5}),
            "prompt that embeds": lambda c: c.invoke_model(modelId=PROMPT, body='{"inputText":"a"}'),
        }.items():
            with self.subTest(name):
                made = client()
                self.assertIsInstance(self.refused("ValidationException", 400, lambda: call(made)), made.exceptions.ValidationException)

    def test_errors_by_class(self):
        for code, status in {"ThrottlingException": 429, "ModelNotReadyException": 429, "ServiceUnavailableException": 503, "AccessDeniedException": 403}.items():
            with self.subTest(code):
                made = client(code)
                raised = self.refused(code, status, lambda: made.converse(modelId=CLAUDE, messages=MESSAGES))
                self.assertIsInstance(raised, getattr(made.exceptions, code))
        self.refused("ExpiredTokenException", 403, lambda: client("ExpiredTokenException").converse(modelId=CLAUDE, messages=MESSAGES))

    def test_wrong_keys(self):
        self.refused("UnrecognizedClientException", 403, lambda: client(aws_access_key_id="AKIAUNKNOWN").converse(modelId=CLAUDE, messages=MESSAGES))
        self.refused("InvalidSignatureException", 403, lambda: client(aws_secret_access_key="wrong").converse(modelId=CLAUDE, messages=MESSAGES))


def faults(shape, value, path):
    """Yields what the model of the service does not permit in a value: members, types, ranges, patterns and choices."""
    kind, bounds = shape.type_name, shape.metadata
    if kind == "structure" and getattr(shape, "is_document_type", False):
        return
    types = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int, "long": int, "float": (int, float), "double": (int, float)}
    if kind in types and (not isinstance(value, types[kind]) or isinstance(value, bool) != (kind == "boolean")):
        yield f"{path}: {value!r} is not of type {kind}"
        return
    if kind == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name} is missing"
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            yield f"{path} has {len(value)} members of a union"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is unknown"
            else:
                yield from faults(shape.members[name], member, f"{path}.{name}")
    elif kind == "list":
        for index, member in enumerate(value):
            yield from faults(shape.member, member, f"{path}[{index}]")
    elif kind == "map":
        for name, member in value.items():
            yield from faults(shape.key, name, f"{path} (key)")
            yield from faults(shape.value, member, f"{path}.{name}")
    size = value if kind in ("integer", "long", "float", "double") else len(value) if kind in ("string", "list", "map", "blob") else None
    if size is not None and not bounds.get("min", size) <= size <= bounds.get("max", size):
        yield f"{path}: {size} is not within {bounds.get('min')} and {bounds.get('max')}"
    if kind == "string" and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is not one of {shape.enum}"
    if kind == "string" and "pattern" in bounds and not re.search(bounds["pattern"], value):
        yield f"{path}: {value!r} does not match {bounds['pattern']}"


class Requests(unittest.TestCase):
    def test_requests_of_the_provider(self):
        seen = {}
        with open(os.environ["BEDROCK_REQUESTS"]) as lines:
            for line in lines:
                request = json.loads(line)
                _, _, model, operation = request["path"].split("/")
                name = OPERATIONS[operation]
                seen[name] = seen.get(name, 0) + 1
                shape = MODEL.operation_model(name).input_shape
                if name == "InvokeModel":
                    parameters = {"body": request["body"].encode(), "contentType": request["content_type"], "accept": request["accept"]}
                else:
                    parameters = json.loads(request["body"])
                found = list(faults(shape, {"modelId": unquote(model), **parameters}, name))
                self.assertEqual(found, [], request)
        for name, least in {"InvokeModel": 20, "Converse": 30, "ConverseStream": 15}.items():
            self.assertGreaterEqual(seen.get(name, 0), least, name)

    def test_faults_are_found(self):
        shape = MODEL.operation_model("Converse").input_shape
        for parameters, says in [
            ({}, "modelId is missing"),
            ({"modelId": ""}, "not within 1"),
            ({"modelId": CLAUDE, "messages": [{"role": "robot", "content": []}]}, "'robot' is not one of"),
            ({"modelId": CLAUDE, "messages": [{"role": "user"}]}, "content is missing"),
            ({"modelId": CLAUDE, "inferenceConfig": {"temperature": 1.5}}, "1.5 is not within 0 and 1"),
            ({"modelId": CLAUDE, "inferenceConfig": {"maxTokens": 0}}, "0 is not within 1"),
            ({"modelId": CLAUDE, "inferenceConfig": {"maxTokens": "5"}}, "is not of type integer"),
            ({"modelId": CLAUDE, "inferenceConfig": {"topK": 5}}, "topK is unknown"),
        ]:
            self.assertTrue(any(says in fault for fault in faults(shape, parameters, "Converse")), says)


if __name__ == "__main__":
    run = unittest.main(exit=False).result
    failed = len(run.failures) + len(run.errors)
    passed = run.testsRun - failed
    print(f"bedrock clients: {passed} passed, {failed} failed")
    if record := os.environ.get("TEST_RECORD"):
        with open(record, "a") as totals:
            totals.write(f"bedrock clients\t{passed}\t{failed}\t0\n")
    sys.exit(failed > 0)
