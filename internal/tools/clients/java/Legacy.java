import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.ElasticsearchTransport;
import co.elastic.clients.transport.TransportUtils;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.message.BasicHeader;
import org.elasticsearch.client.RestClient;

/** The checks with the transport on Apache HttpClient 4, which versions 8 and 9 have. */
final class Legacy {
  public static void main(String[] args) throws Exception {
    Checks.run(args[0], transport(Checks.URL, Checks.KEY), transport(Checks.URL, "wrong"), transport(Checks.TLS_URL, Checks.KEY));
  }

  private static ElasticsearchTransport transport(String url, String key) {
    var builder = RestClient.builder(HttpHost.create(url)).setCompressionEnabled(true)
        .setDefaultHeaders(new Header[] {new BasicHeader("Authorization", "ApiKey " + key)});
    if (url.startsWith("https")) {
      builder.setHttpClientConfigCallback(http -> http.setSSLContext(TransportUtils.sslContextFromCaFingerprint(Checks.FINGERPRINT)));
    }
    return new RestClientTransport(builder.build(), new JacksonJsonpMapper());
  }
}
