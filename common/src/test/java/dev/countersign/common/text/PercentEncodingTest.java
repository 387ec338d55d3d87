package dev.countersign.common.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PercentEncodingTest {
  @Test
  void unreserved_stays() {
    String unreserved = "azAZ09-._~";
    assertThat(PercentEncoding.encode(unreserved)).isEqualTo(unreserved);
  }

  @Test
  void everythingElse_isEncodedAsUtf8() {
    assertThat(PercentEncoding.encode("a b+c*d/%7E~\u00fc\n"))
        .isEqualTo("a%20b%2Bc%2Ad%2F%257E~%C3%BC%0A");
  }
}
