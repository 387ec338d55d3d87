package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each case is one of Go's {@code golang.org/x/net/http/httpproxy}. */
class ProxyEnvironmentTest {
  @ParameterizedTest
  @CsvSource({
    "'', api.example.com, true",
    "'', localhost, false",
    "'', 127.0.0.2, false",
    "'', ::1, false",
    "*, api.example.com, false",
    "example.com, api.example.com, false",
    "example.com, example.com, false",
    "example.com, anexample.com, true",
    ".example.com, example.com, true",
    ".example.com, api.example.com, false",
    "*.example.com, api.example.com, false",
    "'a, API.example.com ,b', api.EXAMPLE.com, false",
    "example.com:6443, api.example.com, false",
    "example.com:443, api.example.com, true",
    "10.0.0.0/8, 10.1.2.3, false",
    "10.0.0.0/8, 11.1.2.3, true",
    "10.0.0.0/8, api.example.com, true",
    "10.0.0.0/99, 10.0.0.1, true",
    "10.1.2.3, 10.1.2.3, false",
    "'[fd00::1]:6443', fd00::1, false",
    "fd00::/8, fd00::1, false",
    "fd00::0001, fd00::1, false",
  })
  void noProxy(String list, String host, boolean proxied) {
    assertThat(
            ProxyEnvironment.proxy(
                    Map.of("HTTPS_PROXY", "proxy:3128", "NO_PROXY", list), true, host, 6443)
                .isPresent())
        .isEqualTo(proxied);
  }

  @Test
  void variable_goesByTheServersScheme_inEitherCase() {
    Map<String, String> environment =
        Map.of("https_proxy", "socks5://u:secret@[fd00::2]", "HTTP_PROXY", "http://plain:1");
    assertThat(ProxyEnvironment.proxy(environment, true, "a", 443).orElseThrow())
        .hasToString("proxy socks5://[fd00::2]:1080");
    assertThat(ProxyEnvironment.proxy(environment, false, "a", 80).orElseThrow())
        .hasToString("proxy http://plain:1");
    assertThatThrownBy(
            () -> ProxyEnvironment.proxy(Map.of("HTTPS_PROXY", "ftp://secret@p"), true, "a", 1))
        .hasMessageStartingWith("HTTPS_PROXY: got no URL of a proxy")
        .hasMessageNotContaining("secret");
  }
}
