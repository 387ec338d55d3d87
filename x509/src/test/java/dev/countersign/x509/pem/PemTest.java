package dev.countersign.x509.pem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemTest {
  private static final String BLOCK = "-----BEGIN X-----\nAQID\n-----END X-----\n";

  @Test
  void encode_longContent_hasLinesOf64() {
    String text = Pem.encode("X", Bytes.copyOf(new byte[49]));
    assertThat(text.lines().toList())
        .containsExactly("-----BEGIN X-----", "A".repeat(64), "AA==", "-----END X-----");
    assertThat(text).endsWith("\n");
    assertThat(Pem.encode("X", Bytes.copyOf(new byte[48])).lines()).hasSize(3);
    assertThat(Pem.encode("X", Bytes.empty())).isEqualTo("-----BEGIN X-----\n-----END X-----\n");
  }

  @Test
  void parseOnly_block_isItsContent() {
    ParseResult<Bytes> want = ParseResult.parsed(Bytes.fromHex("010203"));
    assertThat(Pem.parseOnly("X", BLOCK)).isEqualTo(want);
    assertThat(Pem.parseOnly("X", BLOCK.stripTrailing())).isEqualTo(want);
    assertThat(Pem.parseOnly("X", BLOCK + "\n\r\n\n")).isEqualTo(want);
    assertThat(Pem.parseOnly("X", BLOCK.replace("\n", "\r\n"))).isEqualTo(want);
    assertThat(Pem.parseOnly("X", "-----BEGIN X-----\nAQ\nID\n-----END X-----\n")).isEqualTo(want);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | pem line 1: got nothing; want -----BEGIN X-----",
        "`~-----BEGIN X-----~AQID~-----END X-----~` | pem line 1: got \"\"; want -----BEGIN X-----",
        "`text~-----BEGIN X-----~AQID~-----END X-----~` | pem line 1: got \"text\"; want -----BEGIN"
            + " X-----",
        "` -----BEGIN X-----~AQID~-----END X-----~` | pem line 1: got \" -----BEGIN X-----\"; want"
            + " -----BEGIN X-----",
        "`-----BEGIN Y-----~AQID~-----END Y-----~` | pem line 1: got \"-----BEGIN Y-----\"; want"
            + " -----BEGIN X-----",
        "`-----BEGIN X-----~AQID~-----END Y-----~` | pem line 3: got \"-----END Y-----\"; want"
            + " \"-----END X-----\"",
        "`-----BEGIN X-----~AQID~-----END X-----~more` | pem line 4: got \"more\"; want nothing"
            + " after the block",
        "`-----BEGIN X-----~AQID~-----END X-----~-----BEGIN X-----~AQID~-----END X-----~` | pem"
            + " line 4: got \"-----BEGIN X-----\"; want nothing after the block",
        "`-----BEGIN X-----~A: b~~AQID~-----END X-----~` | pem line 2: got a header; want base64"
            + " alone; decrypt an encrypted key first",
        "`-----BEGIN X-----~~AQID~-----END X-----~` | pem line 2: got an empty line; want base64",
        "`-----BEGIN X-----~AQ ID~-----END X-----~` | pem line 2: got characters outside of base64;"
            + " want base64",
        "`-----BEGIN X-----~AQID\r\r"
            + "~-----END X-----~` | pem line 2: got characters outside of base64; want base64",
        "`-----BEGIN X-----~AQ_D~-----END X-----~` | pem line 2: got characters outside of base64;"
            + " want base64",
        "`-----BEGIN X-----~AQI~-----END X-----~` | pem line 2: got base64 that is not canonical;"
            + " want full padding, no spare bits",
        "`-----BEGIN X-----~AQJ=~-----END X-----~` | pem line 2: got base64 that is not canonical;"
            + " want full padding, no spare bits",
        "`-----BEGIN X-----~AQ==AQID~-----END X-----~` | pem line 2: got base64 that is not"
            + " canonical; want full padding, no spare bits",
        "`-----BEGIN X-----~A~-----END X-----~` | pem line 2: got base64 that is not canonical;"
            + " want full padding, no spare bits",
        "`-----BEGIN X-----~AQID~` | pem line 3: got the end of the text; want \"-----END X-----\"",
        "`-----BEGIN X-----\r"
            + "AQID\r"
            + "-----END X-----\r"
            + "` | pem line 1: got \"-----BEGIN X-----\\r"
            + "AQID\\r"
            + "-----END X-----\\r"
            + "\"; want -----BEGIN X-----",
        "`-----BEGIN X-----~AQID~-----END X-----\r"
            + "` | pem line 3: got \"-----END X-----\\r"
            + "\"; want \"-----END X-----\"",
      })
  void parseOnly_anythingElse_saysWhere(String text, String message) {
    assertThat(Pem.parseOnly("X", text.replace('~', '\n')))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class, u -> assertThat(u.message()).isEqualTo(message));
  }

  @Test
  void parseAll_textAround_isSkipped() {
    List<PemBlock> blocks =
        Pem.parseAll("Bag Attributes\n" + BLOCK + "\nsubject=x\n" + BLOCK.replace("X", "LONG NAME"))
            .orThrow();
    assertThat(blocks).extracting(PemBlock::label).containsExactly("X", "LONG NAME");
    assertThat(blocks).extracting(PemBlock::content).containsOnly(Bytes.fromHex("010203"));
    assertThat(Pem.parseAll("").orThrow()).isEmpty();
  }

  @Test
  void parseAll_brokenBlock_isRefused() {
    assertThat(Pem.parseAll(BLOCK + "-----BEGIN -----\n"))
        .isEqualTo(ParseResult.refused("pem line 4", "\"-----BEGIN -----\"", "-----BEGIN …-----"));
    assertThat(Pem.parseAll(BLOCK + "-----BEGIN X\n")).isInstanceOf(ParseResult.Refused.class);
  }

  @Test
  void toString_containsNoSecret() {
    assertThat(new PemBlock("X", Bytes.fromHex("010203"))).hasToString("PemBlock[X, 3 bytes]");
  }

  @Test
  void errors_aboutContent_doNotShowIt() {
    String text =
        """
        -----BEGIN PRIVATE KEY-----
        c2VjcmV0!
        -----END PRIVATE KEY-----
        """;
    assertThat(Pem.parseAll(text).toString()).doesNotContain("c2Vj");
    String headers =
        """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED

        c2VjcmV0
        -----END RSA PRIVATE KEY-----
        """;
    assertThat(Pem.parseAll(headers).toString()).doesNotContain("c2Vj").contains("decrypt");
  }
}
