// Tests the API of serve with Elastic's client for Node.js. The server is in $ELASTICSEARCH_URL, its key in
// $ELASTICSEARCH_API_KEY and in the file serve.key in this directory, and the guide with the example in $GUIDE.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Client, errors } from "@elastic/elasticsearch";

const client = new Client({
  node: process.env.ELASTICSEARCH_URL,
  auth: { apiKey: process.env.ELASTICSEARCH_API_KEY },
  maxRetries: 0,
});

const keys = { access_key: "access", secret_key: "secret" };

test("info", async () => {
  const info = await client.info();
  assert.equal(info.version.number, "9.5.3");
  assert.equal(info.tagline, "You Know, for Search");
});

test("the life of an embedding endpoint", async () => {
  const made = await client.inference.putAmazonbedrock({
    task_type: "text_embedding",
    amazonbedrock_inference_id: "node-embedding",
    service: "amazonbedrock",
    service_settings: { ...keys, region: "us-east-1", provider: "amazontitan", model: "amazon.titan-embed-text-v2:0" },
  });
  assert.equal(made.inference_id, "node-embedding");
  assert.equal(made.service_settings.dimensions, 1024);
  assert.deepEqual(made.chunking_settings, { strategy: "sentence", max_chunk_size: 250, sentence_overlap: 1 });

  const found = await client.inference.get({ inference_id: "node-embedding" });
  assert.deepEqual(found.endpoints, [made]);

  const run = await client.inference.inference({ inference_id: "node-embedding", input: ["one", "two"] });
  assert.equal(run.text_embedding.length, 2);
  assert.equal(run.text_embedding[1].embedding.length, 1024);
  const alone = await client.inference.textEmbedding({ inference_id: "node-embedding", input: "two", input_type: "search" });
  assert.deepEqual(alone.text_embedding[0], run.text_embedding[1]);

  const dry = await client.inference.delete({ inference_id: "node-embedding", dry_run: true });
  assert.equal(dry.acknowledged, false);
  const gone = await client.inference.delete({ inference_id: "node-embedding", task_type: "text_embedding" });
  assert.equal(gone.acknowledged, true);
});

test("the life of a completion endpoint", async () => {
  await client.inference.put({
    inference_id: "node-completion",
    task_type: "completion",
    inference_config: {
      service: "amazonbedrock",
      service_settings: { ...keys, region: "us-east-1", provider: "anthropic", model: "anthropic.claude-3-haiku-20240307-v1:0" },
      // JavaScript writes 1.0 as 1, which Elasticsearch refuses.
      task_settings: { temperature: 0.5 },
    },
  });
  const updated = await client.inference.update({
    inference_id: "node-completion",
    inference_config: { service: "amazonbedrock", service_settings: keys, task_settings: { max_new_tokens: 9 } },
  });
  assert.deepEqual(updated.task_settings, { temperature: 0.5, max_new_tokens: 9 });

  const run = await client.inference.completion({ inference_id: "node-completion", input: "Say something long." });
  assert.equal(run.completion.length, 1);

  const events = await streamed(await client.inference.streamCompletion({ inference_id: "node-completion", input: "Say something long." }, { asStream: true }));
  assert.equal(events.at(-1), "[DONE]");
  const text = events.slice(0, -1).map((event) => JSON.parse(event).completion[0].delta).join("");
  assert.equal(text, run.completion[0].result);

  await client.inference.delete({ inference_id: "node-completion" });
  await assert.rejects(client.inference.get({ inference_id: "node-completion" }), (error) => {
    assert.ok(error instanceof errors.ResponseError);
    assert.equal(error.statusCode, 404);
    assert.equal(error.body.error.reason, "Inference endpoint not found [node-completion]");
    return true;
  });
});

test("a conversation", async () => {
  await client.inference.put({
    inference_id: "node-chat",
    task_type: "chat_completion",
    inference_config: {
      service: "amazonbedrock",
      service_settings: { ...keys, region: "us-east-1", provider: "anthropic", model: "anthropic.claude-3-haiku-20240307-v1:0" },
    },
  });
  const ask = async (chat_completion_request) =>
    streamed(await client.inference.chatCompletionUnified({ inference_id: "node-chat", chat_completion_request }, { asStream: true }));
  const events = await ask({ messages: [{ role: "user", content: "Good morning." }] });
  assert.equal(events.at(-1), "[DONE]");
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
  assert.match(chunks.map((chunk) => chunk.choices?.[0].delta.content ?? "").join(""), /You wrote: Good morning\.$/);
  assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
  assert.ok(chunks.at(-1).usage.total_tokens > 0);

  const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }];
  const called = (await ask({ messages: [{ role: "user", content: "Call weather." }], tools, tool_choice: "auto" })).join("\n");
  assert.match(called, /"name":"weather"/);
  assert.match(called, /"finish_reason":"tool_calls"/);
});

test("a wrong key is refused", async () => {
  const stranger = new Client({ node: process.env.ELASTICSEARCH_URL, auth: { apiKey: "wrong" }, maxRetries: 0 });
  await assert.rejects(stranger.info(), (error) => error.statusCode === 401);
});

test("the example of the guide", async () => {
  await client.inference.put({
    inference_id: "answers",
    task_type: "completion",
    inference_config: {
      service: "amazonbedrock",
      service_settings: { region: "us-east-1", provider: "anthropic", model: "anthropic.claude-3-haiku-20240307-v1:0" },
    },
  });
  const [, example] = readFileSync(process.env.GUIDE, "utf8").match(/^```js\n(.*?)^```$/ms);
  const file = fileURLToPath(new URL("example.mjs", import.meta.url));
  writeFileSync(file, example.replace("http://127.0.0.1:9200", process.env.ELASTICSEARCH_URL));
  const printed = execFileSync(process.execPath, [file], { cwd: fileURLToPath(new URL(".", import.meta.url)), encoding: "utf8" });
  assert.match(printed, /You wrote: Good morning\.\n$/);
});

// streamed returns the data of server-sent events.
async function streamed(stream) {
  let text = "";
  for await (const part of stream) text += part;
  return text.trimEnd().split("\n\n").map((event) => event.replace(/^event: message\ndata: /, ""));
}
