import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.ElasticsearchTransport;
import co.elastic.clients.transport.TransportUtils;
import co.elastic.clients.transport.rest5_client.Rest5ClientTransport;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import java.net.URI;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;

/** The checks with the transport on Apache HttpClient 5, the default of version 9. */
final class Rest5 {
  public static void main(String[] args) throws Exception {
    Checks.run(args[0], transport(Checks.URL, Checks.KEY), transport(Checks.URL, "wrong"), transport(Checks.TLS_URL, Checks.KEY));
  }

  private static ElasticsearchTransport transport(String url, String key) {
    var builder = Rest5Client.builder(URI.create(url)).setCompressionEnabled(true)
        .setDefaultHeaders(new Header[] {new BasicHeader("Authorization", "ApiKey " + key)});
    if (url.startsWith("https")) {
      builder.setSSLContext(TransportUtils.sslContextFromCaFingerprint(Checks.FINGERPRINT));
    }
    return new Rest5ClientTransport(builder.build(), new JacksonJsonpMapper());
  }
}
