package org.elasticsearch.rest;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.http.HttpRequest;
import org.elasticsearch.inference.ChunkingSettings;
import org.elasticsearch.inference.TaskType;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.elasticsearch.xpack.core.inference.InferenceContext;
import org.elasticsearch.xpack.core.inference.action.UnifiedCompletionAction;
import org.elasticsearch.xpack.core.inference.chunking.Chunker;
import org.elasticsearch.xpack.core.inference.chunking.ChunkerBuilder;
import org.elasticsearch.xpack.core.inference.chunking.ChunkingSettingsBuilder;
import org.elasticsearch.xpack.core.inference.chunking.RecursiveChunkingSettings;

/**
 * Answers each line of JSON on standard input with a line of JSON: what Elasticsearch's own classes make of the case in
 * it. A case that Elasticsearch refuses is answered with the class and the message of the exception. The class is in this
 * package because the constructor of RestRequest is protected.
 */
public final class Driver {
    private Driver() {}

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err); // logging must not mix with answers
        LogConfigurator.configureESLogging();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            try {
                answer.put("result", answer(XContentHelper.convertToMap(new BytesArray(line), true, XContentType.JSON).v2()));
            } catch (Exception | StackOverflowError e) {
                answer.put("error", e.getClass().getSimpleName());
                answer.put("message", String.valueOf(e.getMessage()));
            }
            out.println(Strings.toString((builder, params) -> builder.mapContents(answer)));
            if (in.ready() == false) {
                out.flush();
            }
        }
        out.flush();
    }

    private static Object answer(Map<String, Object> row) throws Exception {
        return switch ((String) row.get("kind")) {
            case "chunk" -> chunk(row);
            case "speed" -> speed(row);
            case "settings" -> settings(row).asMap();
            case "filter_path" -> filter((String) row.get("filter_path"), (String) row.get("body"));
            case "json" -> json(Base64.getDecoder().decode((String) row.get("body")));
            case "chat" -> chat((String) row.get("body"));
            case "time" -> TimeValue.parseTimeValue((String) row.get("time"), null, "timeout").millis();
            case "media" -> media(row);
            default -> throw new IllegalArgumentException("unknown kind");
        };
    }

    @SuppressWarnings("unchecked")
    private static ChunkingSettings settings(Map<String, Object> row) {
        return ChunkingSettingsBuilder.fromMap(new HashMap<>((Map<String, Object>) row.get("settings")));
    }

    /**
     * Returns the offsets of the chunks as one flat list, in UTF-16 code units. Separators are compiled even if the text
     * is short enough, so that an invalid one is refused.
     */
    private static List<Integer> chunk(Map<String, Object> row) {
        ChunkingSettings settings = settings(row);
        if (settings instanceof RecursiveChunkingSettings recursive) {
            recursive.getSeparators().forEach(separator -> Pattern.compile(separator, Pattern.MULTILINE));
        }
        List<Integer> offsets = new ArrayList<>();
        for (Chunker.ChunkOffset chunk : ChunkerBuilder.fromChunkingStrategy(settings.getChunkingStrategy()).chunk((String) row.get("text"), settings)) {
            offsets.add(chunk.start());
            offsets.add(chunk.end());
        }
        return offsets;
    }

    /** Chunks a text again and again for a number of milliseconds, and returns the nanoseconds of each of the last half. */
    private static List<Long> speed(Map<String, Object> row) {
        ChunkingSettings settings = settings(row);
        Chunker chunker = ChunkerBuilder.fromChunkingStrategy(settings.getChunkingStrategy());
        String text = (String) row.get("text");
        List<Long> durations = new ArrayList<>();
        long began = System.nanoTime();
        long limit = ((Number) row.get("milliseconds")).longValue() * 1_000_000;
        for (long now = began; now - began < limit || durations.size() < 4;) {
            chunker.chunk(text, settings);
            long end = System.nanoTime();
            durations.add(end - now);
            now = end;
        }
        return durations.subList(durations.size() / 2, durations.size());
    }

    /** Filters a body as AbstractRestChannel does. */
    private static String filter(String filterPath, String body) throws Exception {
        Set<String> includes = new LinkedHashSet<>();
        Set<String> excludes = new LinkedHashSet<>();
        for (String path : Strings.tokenizeByCommaToSet(filterPath)) {
            if (path.startsWith("-")) {
                excludes.add(path.substring(1));
            } else {
                includes.add(path);
            }
        }
        Map<String, Object> map = XContentHelper.convertToMap(new BytesArray(body), true, XContentType.JSON).v2();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XContentBuilder builder = new XContentBuilder(JsonXContent.jsonXContent, out, includes, excludes, XContentType.JSON.toParsedMediaType())) {
            builder.map(map);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Parses a body, and returns it as Elasticsearch prints it. */
    private static String json(byte[] body) throws Exception {
        Map<String, Object> map = XContentHelper.convertToMap(new BytesArray(body), true, XContentType.JSON).v2();
        return Strings.toString((builder, params) -> builder.mapContents(map));
    }

    /** Parses and validates the body of a chat. */
    private static String chat(String body) throws Exception {
        try (XContentParser parser = JsonXContent.jsonXContent.createParser(XContentParserConfiguration.EMPTY, body)) {
            ActionRequestValidationException problem = UnifiedCompletionAction.Request.parseRequest(
                "e", TaskType.CHAT_COMPLETION, null, InferenceContext.EMPTY_INSTANCE, parser
            ).validate();
            if (problem != null) {
                throw problem;
            }
        }
        return "accepted";
    }

    /** Reads the headers of a request, and returns the type of the response. */
    @SuppressWarnings("unchecked")
    private static String media(Map<String, Object> row) throws Exception {
        Map<String, List<String>> headers = new HashMap<>();
        ((Map<String, Object>) row.get("headers")).forEach((name, value) -> headers.put(name, List.of((String) value)));
        boolean hasBody = (Boolean) row.get("has_body");
        HttpRequest http = (HttpRequest) Proxy.newProxyInstance(Driver.class.getClassLoader(), new Class<?>[] { HttpRequest.class }, (proxy, method, args) ->
            switch (method.getName()) {
                case "method" -> hasBody ? RestRequest.Method.POST : RestRequest.Method.GET;
                case "uri" -> "/";
                case "getHeaders" -> headers;
                case "header" -> headers.containsKey(args[0]) ? headers.get(args[0]).get(0) : null;
                case "hasContent" -> hasBody;
                default -> null;
            });
        RestRequest request = new RestRequest(XContentParserConfiguration.EMPTY, RequestParams.empty(), "/", headers, http, null) {};
        if (hasBody && request.getXContentType() == null) { // RestController refuses it
            throw new IllegalArgumentException("Content-Type is not supported");
        }
        AbstractRestChannel channel = new AbstractRestChannel(request, true) {
            @Override
            public void sendResponse(RestResponse response) {}
        };
        try (XContentBuilder builder = channel.newBuilder()) {
            return builder.getResponseContentTypeString();
        }
    }
}
