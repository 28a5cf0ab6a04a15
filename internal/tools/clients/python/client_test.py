"""Tests the API of serve with Elastic's client for Python, versions 8 and 9, synchronous and asynchronous.

The server is in $ELASTICSEARCH_URL, its key in $ELASTICSEARCH_API_KEY. The same server with TLS is in
$ELASTICSEARCH_TLS_URL; $ELASTICSEARCH_FINGERPRINT is the SHA-256 fingerprint of its certificate.
"""

import json
import os
import unittest

import elasticsearch
from elasticsearch import AsyncElasticsearch, Elasticsearch

URL, TLS_URL = os.environ["ELASTICSEARCH_URL"], os.environ["ELASTICSEARCH_TLS_URL"]
MAJOR = elasticsearch.VERSION[0]
OPTIONS = {"api_key": os.environ["ELASTICSEARCH_API_KEY"], "max_retries": 0}
KEYS = {"access_key": "access", "secret_key": "secret", "region": "us-east-1"}
TITAN = {"service": "amazonbedrock", "service_settings": {**KEYS, "provider": "amazontitan", "model": "amazon.titan-embed-text-v2:0"}}
CLAUDE = {
    "service": "amazonbedrock",
    "service_settings": {**KEYS, "provider": "anthropic", "model": "anthropic.claude-3-haiku-20240307-v1:0"},
    "task_settings": {"temperature": 0.5},
}


def stream(client, path, body):
    """Returns the data of the events of a stream, for which this client has no method of its own."""
    headers = {"accept": "application/json", "content-type": "application/json"}  # versioned by the client, so that both have to be JSON
    response = client.perform_request("POST", f"/_inference/{path}/_stream", headers=headers, body=body)
    content = response.body if isinstance(response.body, str) else response.body.decode()
    return [event.split("data: ", 1)[1] for event in content.strip().split("\n\n")]


class Sync(unittest.TestCase):
    def setUp(self):
        self.client = Elasticsearch(URL, http_compress=True, **OPTIONS)
        self.addCleanup(self.client.close)

    def test_embedding(self):
        name = f"python-{MAJOR}-embedding"
        made = self.client.inference.put(task_type="text_embedding", inference_id=name, inference_config=TITAN)
        self.assertEqual(made["service_settings"]["dimensions"], 1024)
        self.assertEqual(self.client.inference.get(inference_id=name)["endpoints"], [made.body])
        run = self.client.inference.inference(inference_id=name, input=["one", "two" * 1000])
        self.assertEqual(len(run["text_embedding"]), 2)
        self.assertTrue(self.client.inference.delete(inference_id=name)["acknowledged"])

    def test_completion_and_streams(self):
        name = f"python-{MAJOR}-completion"
        self.client.inference.put(task_type="completion", inference_id=name, inference_config=CLAUDE)
        result = self.client.inference.completion(inference_id=name, input="Good morning.")["completion"][0]["result"]
        streamed = stream(self.client, name, {"input": "Good morning."})
        self.assertEqual(streamed[-1], "[DONE]")
        self.assertEqual("".join(json.loads(event)["completion"][0]["delta"] for event in streamed[:-1]), result)
        self.client.inference.delete(inference_id=name)

    def test_conversation(self):
        name = f"python-{MAJOR}-chat"
        self.client.inference.put(task_type="chat_completion", inference_id=name, inference_config=CLAUDE)
        request = {"messages": [{"role": "user", "content": "Good morning."}]}
        streamed = stream(self.client, f"chat_completion/{name}", request)
        self.assertEqual(streamed[-1], "[DONE]")
        self.assertGreater(json.loads(streamed[-2])["usage"]["total_tokens"], 0)
        self.client.inference.delete(inference_id=name)

    def test_errors(self):
        with self.assertRaises(elasticsearch.NotFoundError) as missing:
            self.client.inference.get(inference_id="nowhere")
        self.assertEqual((missing.exception.status_code, missing.exception.error), (404, "resource_not_found_exception"))
        with self.assertRaises(elasticsearch.BadRequestError) as invalid:
            self.client.inference.put(task_type="completion", inference_id="x", inference_config={"service": "amazonbedrock", "service_settings": {}})
        self.assertEqual(invalid.exception.error, "illegal_argument_exception")
        with Elasticsearch(URL, api_key="wrong", max_retries=0) as stranger, self.assertRaises(elasticsearch.AuthenticationException):
            stranger.info()

    def test_fingerprint(self):
        with Elasticsearch(TLS_URL, ssl_assert_fingerprint=os.environ["ELASTICSEARCH_FINGERPRINT"], verify_certs=False, ssl_show_warn=False, **OPTIONS) as client:
            self.assertEqual(client.info()["version"]["number"], "9.5.3")
        with Elasticsearch(TLS_URL, ssl_assert_fingerprint="00" * 32, verify_certs=False, ssl_show_warn=False, **OPTIONS) as client:
            with self.assertRaises(elasticsearch.ConnectionError):
                client.info()


class Async(unittest.IsolatedAsyncioTestCase):
    async def test_life(self):
        name = f"python-{MAJOR}-async"
        async with AsyncElasticsearch(URL, http_compress=True, **OPTIONS) as client:
            await client.inference.put(task_type="completion", inference_id=name, inference_config=CLAUDE)
            run = await client.inference.completion(inference_id=name, input="Good morning.")
            self.assertRegex(run["completion"][0]["result"], "You wrote: Good morning.$")
            await client.inference.delete(inference_id=name)
            with self.assertRaises(elasticsearch.NotFoundError):
                await client.inference.get(inference_id=name)

    async def test_fingerprint(self):
        async with AsyncElasticsearch(TLS_URL, ssl_assert_fingerprint=os.environ["ELASTICSEARCH_FINGERPRINT"], verify_certs=False, ssl_show_warn=False, **OPTIONS) as client:
            self.assertEqual((await client.info())["version"]["number"], "9.5.3")


if __name__ == "__main__":
    unittest.main()
