import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.elasticsearch.inference.TaskType;
import co.elastic.clients.transport.ElasticsearchTransport;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;

/** Tests the API of serve with Elastic's typed client for Java, whichever transport it has. */
final class Checks {
  static final String URL = System.getenv("ELASTICSEARCH_URL");
  static final String TLS_URL = System.getenv("ELASTICSEARCH_TLS_URL");
  static final String KEY = System.getenv("ELASTICSEARCH_API_KEY");
  static final String FINGERPRINT = System.getenv("ELASTICSEARCH_FINGERPRINT");

  private static String settings(String provider, String model) {
    return "{\"region\":\"us-east-1\",\"access_key\":\"access\",\"secret_key\":\"secret\",\"provider\":\"" + provider + "\",\"model\":\"" + model + "\"}";
  }

  /** Runs all checks. The name is part of the ids of the endpoints. */
  static void run(String name, ElasticsearchTransport plain, ElasticsearchTransport stranger, ElasticsearchTransport tls) throws Exception {
    try (plain; stranger; tls) {
      var client = new ElasticsearchClient(plain);
      var embedding = name + "-embedding";
      var made = client.inference().put(p -> p.inferenceId(embedding).taskType(TaskType.TextEmbedding).inferenceConfig(c -> c
          .withJson(new StringReader("{\"service\":\"amazonbedrock\",\"service_settings\":" + settings("amazontitan", "amazon.titan-embed-text-v2:0") + "}"))));
      check(made.inferenceId().equals(embedding), "put");
      check(client.inference().get(g -> g.inferenceId(embedding)).endpoints().size() == 1, "get");
      var vectors = client.inference().textEmbedding(t -> t.inferenceId(embedding).input("one", "two".repeat(1000)));
      check(vectors.toString().split("\"embedding\"").length == 3, "text embedding"); // the accessors of 8 and 9 have other names
      check(client.inference().delete(d -> d.inferenceId(embedding)).acknowledged(), "delete");

      var text = name + "-completion";
      var claude = "{\"service\":\"amazonbedrock\",\"service_settings\":" + settings("anthropic", "anthropic.claude-3-haiku-20240307-v1:0") + "}";
      client.inference().put(p -> p.inferenceId(text).taskType(TaskType.Completion).inferenceConfig(c -> c.withJson(new StringReader(claude))));
      var completion = client.inference().completion(c -> c.inferenceId(text).input("Good morning."));
      check(completion.completion().get(0).result().endsWith("You wrote: Good morning."), "completion");
      try (var stream = client.inference().streamCompletion(s -> s.inferenceId(text).input("Good morning."))) {
        check(new String(stream.content().readAllBytes(), StandardCharsets.UTF_8).endsWith("data: [DONE]\n\n"), "stream");
      }
      client.inference().delete(d -> d.inferenceId(text));

      var chat = name + "-chat";
      client.inference().put(p -> p.inferenceId(chat).taskType(TaskType.ChatCompletion).inferenceConfig(c -> c.withJson(new StringReader(claude))));
      try (var stream = client.inference().chatCompletionUnified(c -> c.inferenceId(chat).chatCompletionRequest(r -> r
          .messages(m -> m.role("user").content(x -> x.string("Good morning.")))))) {
        check(new String(stream.content().readAllBytes(), StandardCharsets.UTF_8).contains("\"object\":\"chat.completion.chunk\""), "chat");
      }
      client.inference().delete(d -> d.inferenceId(chat));

      fails(404, "resource_not_found_exception", () -> client.inference().get(g -> g.inferenceId("nowhere")));
      fails(400, "status_exception", () -> client.inference().put(p -> p.inferenceId("x").taskType(TaskType.Completion)
          .inferenceConfig(c -> c.withJson(new StringReader("{\"service\":\"openai\",\"service_settings\":{}}")))));
      fails(401, "security_exception", () -> new ElasticsearchClient(stranger).info());
      check(new ElasticsearchClient(tls).info().version().number().equals("9.5.3"), "TLS fingerprint");
    }
    System.out.println("Java: " + name + " ok");
  }

  private interface Call {
    Object run() throws Exception;
  }

  private static void fails(int status, String type, Call call) throws Exception {
    try {
      call.run();
    } catch (ElasticsearchException e) {
      check(e.status() == status && type.equals(e.error().type()), type + ": " + e);
      return;
    }
    check(false, type);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
