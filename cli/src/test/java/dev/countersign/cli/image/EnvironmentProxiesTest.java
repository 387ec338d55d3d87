package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.image.ImageException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentProxiesTest {
  private static final URI REGISTRY = URI.create("https://quay.io/v2/");

  @Test
  void proxyThatIsNoUrl_isRefused_withoutItsPassword() {
    Map<String, String> environment = Map.of("HTTPS_PROXY", "http://bob:s3cr^et@proxy:3128");

    assertThatThrownBy(() -> EnvironmentProxies.proxy(environment, REGISTRY))
        .isInstanceOf(ImageException.class)
        .hasMessage("HTTPS_PROXY: got no URL of a proxy; want http://HOST:PORT")
        .hasNoCause();
  }

  /** Neither this host nor one that NO_PROXY names is behind the proxy, by IPv6 either. */
  @Test
  void ipv6Address_isComparedWithoutItsBrackets() {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", "2001:db8::7");

    assertThat(EnvironmentProxies.proxy(environment, URI.create("https://[::1]:5000/v2/")))
        .isEmpty();
    assertThat(EnvironmentProxies.proxy(environment, URI.create("https://[2001:db8::7]/v2/")))
        .isEmpty();
    assertThat(EnvironmentProxies.proxy(environment, REGISTRY))
        .contains(URI.create("http://proxy:3128"));
  }
}
